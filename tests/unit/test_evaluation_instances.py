"""Judging a network on instances: numbers made by hand, the sets of pictures, and the report in parts."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import course_lib.zoo
from course_lib.data.emoji_scenes import PERSON
from course_lib.errors import CourseError
from course_lib.evaluation import instance_report, instance_sets
from course_lib.evaluation.instance_report import SHOWN, against_the_control, card, judge, make_report
from course_lib.evaluation.instance_sets import SETS, TestPicture, numbers_of_set, pictures_of_set
from course_lib.evaluation.instances import evaluate_instances
from course_lib.instances import Detections


def squares(*corners, side=8):
    """One mask for each (top, left), of 4×4 pixels."""
    masks = torch.zeros(len(corners), side, side, dtype=torch.bool)
    for mask, (top, left) in zip(masks, corners, strict=True):
        mask[top : top + 4, left : left + 4] = True
    return masks


def picture(name, labels, *corners):
    target = {"labels": torch.tensor(labels, dtype=torch.long), "masks": squares(*corners)}
    return TestPicture(name, torch.full((3, 8, 8), float(name)), target)


class Answers(nn.Module):
    """Called as SparseInst.predict is; the picture's value says which answer."""

    trained_side = 8

    def __init__(self, *answers):
        super().__init__()
        self.answers = answers

    def predict(self, images, sizes):
        assert sizes == [(8, 8)]
        scores, labels, masks = self.answers[int(images[0, 0, 0, 0])]
        return [Detections(torch.tensor(scores), torch.tensor(labels), masks)]


PICTURES = [("a", picture("0", [0, 1], (0, 0), (4, 4))), ("b", picture("1", [0], (0, 4)))]
ANSWERS = Answers(
    ([0.9, 0.8, 0.2, 0.7], [0, 0, 0, 1], squares((0, 0), (0, 0), (0, 0), (0, 4))),  # class 0 thrice, class 1 elsewhere
    ([0.25], [0], squares((0, 4))),
)


def test_duplicates_and_who_was_found_by_hand():
    found = evaluate_instances(ANSWERS, PICTURES)
    assert found.duplicates_per_object() == pytest.approx(1 / 3)  # 0.8; 0.2 is shown to nobody
    assert found.duplicates_per_object(0.1) == pytest.approx(2 / 3)
    assert found.found_share(0) == 0.5
    assert found.found_share(0, 0.25) == 1
    assert found.found_share(1) == 0
    assert found.found_share(7) == -1
    assert evaluate_instances(ANSWERS, PICTURES, nms=0.5).duplicates_per_object(0.1) == 0
    assert found.only("b").average_precision()["AP50"] == pytest.approx(1)
    assert found.average_precision()["AP50"] == pytest.approx(np.mean([(51 + 50 * 2 / 3) / 101, 0]))


def test_an_interval_is_over_pictures_within_their_sets():
    found = evaluate_instances(ANSWERS, PICTURES)
    interval = found.with_interval(["AP50"], resamples=20)["AP50"]
    assert interval.mean == found.average_precision()["AP50"]
    assert (interval.low, interval.high) == (interval.mean, interval.mean)  # one picture a set: always the same draw
    many = evaluate_instances(ANSWERS, [("a", p) for _, p in PICTURES])
    interval = many.with_interval(["AP50"], resamples=50)["AP50"]
    assert interval.low <= interval.mean <= interval.high
    assert interval.low < interval.high


def test_a_draw_in_which_nothing_is_asked_for_says_nothing():
    """One picture of three has an object: 8 of 27 draws are without it."""
    empty = {"labels": torch.zeros(0, dtype=torch.long), "masks": squares()}
    pictures = [("a", picture("0", [0], (0, 0))), *[("a", TestPicture("1", torch.ones(3, 8, 8), empty))] * 2]
    network = Answers(([0.9], [0], squares((0, 0))), ([], [], squares()))
    intervals = evaluate_instances(network, pictures).with_interval(["AP50", "AP_large"], resamples=60)
    assert (intervals["AP50"].low, intervals["AP50"].high) == pytest.approx((1, 1))
    assert (intervals["AP_large"].mean, intervals["AP_large"].low, intervals["AP_large"].high) == (-1, -1, -1)


@pytest.fixture
def precision_recall_calls(monkeypatch):
    from course_lib.evaluation import instances

    calls, real = [0], instances.precision_recall

    def counted(matches):
        calls[0] += 1
        return real(matches)

    monkeypatch.setattr(instances, "precision_recall", counted)
    return calls


def test_a_change_is_between_the_same_pictures(precision_recall_calls):
    """One network is always right: what the other one changes in a draw is what it lacks there, no more and no less."""
    pictures = [("a", picture(str(n), [0], (0, 4 * (n % 2)))) for n in range(6)]
    hits = [([0.9], [0], squares((0, 4 * (n % 2)))) for n in range(6)]
    misses = [([0.9], [0], squares((4, 4))) if n % 2 else hit for n, hit in enumerate(hits)]
    better, worse = (evaluate_instances(Answers(*answers), pictures) for answers in (hits, misses))
    change = worse.change_from(better, ["AP50"], resamples=40)["AP50"]
    ap = worse.average_precision()["AP50"]
    alone = worse.with_interval(["AP50"], resamples=40)["AP50"]
    assert change.mean == pytest.approx(ap - 1)
    assert (change.low, change.high) == pytest.approx((alone.low - 1, alone.high - 1))  # the better one is always right
    before = precision_recall_calls[0]
    worse.change_from(better, ["AP"], resamples=40)
    assert precision_recall_calls[0] == before + 2  # the whole of each; the draws are there
    same = worse.change_from(worse, ["AP50"], resamples=40)["AP50"]
    assert (same.low, same.mean, same.high) == (0, 0, 0)
    with pytest.raises(ValueError, match="the same pictures"):
        worse.change_from(evaluate_instances(ANSWERS, PICTURES), ["AP50"])


def test_the_numbers_of_the_test_pictures_are_fixed_and_differ():
    sets = json.loads(instance_sets.TEST_PICTURES.read_text("utf-8"))["sets"]
    assert {*sets, "clip"} == set(SETS)
    assert [len(numbers) for numbers in sets.values()] == [100, 100, 100, 100, 100, 40]
    val = [number for name in instance_sets.VAL_SETS for number in sets[name]]
    assert len(set(val)) == len(val)
    with pytest.raises(CourseError, match=r"no set z of test pictures\. There are: a, b, c, unseen-style"):
        next(pictures_of_set("z", 1))
    assert numbers_of_set("people", 2) == sets["people"][:2]
    assert numbers_of_set("clip") == list(range(0, 120, 4))
    assert numbers_of_set("clip", 3) == [0, 4, 8]


@pytest.mark.weights
@pytest.mark.parametrize("name", ["a", "unseen-style", "crowd", "people", "clip"])
def test_each_set_has_its_pictures(name):
    (first,) = pictures_of_set(name, 1)
    (again,) = pictures_of_set(name, 1)
    assert torch.equal(first.image, again.image)
    assert first.target["masks"].shape[1:] == first.image.shape[1:]
    assert len(first.target["labels"]) == len(first.target["masks"])
    assert first.name.startswith(f"{name}/")
    if name in ("people", "clip"):
        assert set(first.target["labels"].tolist()) == {PERSON}


@pytest.fixture
def few(monkeypatch):
    """Two pictures in place of every set."""

    def made(name, count):
        return (p for _, p in PICTURES)

    monkeypatch.setattr(instance_report, "pictures_of_set", made)
    monkeypatch.setattr("course_lib.evaluation.instances.RESAMPLES", 5)


def test_the_report_goes_on_and_measures_other_weights_anew(few, tmp_path, monkeypatch):
    results, asked = tmp_path / "results", []
    monkeypatch.setattr(instance_report, "RESULTS", results)
    monkeypatch.setattr(course_lib.zoo, "load_model", lambda name: asked.append(name) or ANSWERS)
    run, control = "sparseinst-mobilenetv3-laptop", "sparseinst-laptop-control"
    other = "sparseinst-laptop-base"
    names = [run, control, other]
    for name in names:
        (results / name).mkdir(parents=True)
        save_file({"x": torch.zeros(1)}, results / name / "weights.safetensors")
    assert not make_report(names, tmp_path / "out", max_minutes=1e-9)
    assert make_report(names, tmp_path / "out")
    assert asked == [run, control, control, other]  # the control again: what the other one is compared with
    save_file({"x": torch.ones(1)}, results / other / "weights.safetensors")
    assert make_report(names, tmp_path / "out")
    assert asked[4:] == [control, other]
    save_file({"x": torch.full((1,), 2.0)}, results / control / "weights.safetensors")
    assert make_report(names, tmp_path / "out")
    assert asked[6:] == [control, control, other]  # another control: compared anew
    (results / other / "weights.safetensors").unlink()
    assert make_report(names, tmp_path / "out")
    assert not asked[9:]  # weights that are not kept: their numbers are
    text = (tmp_path / "out" / "card.md").read_text("utf-8")
    assert "**Gate** AP50 ≥ 0.45 on val: MISSED (0.417; mean of the sets 0.417)" in text
    assert f"| {other} | 0.333 | 0.000 |" in text  # duplicates
    assert f"| {other} | 0.000 [0.000, 0.000] |" in text
    runs = instance_report.read_report(tmp_path / "out")
    assert set(runs[other]["sets"]) == set(SETS)
    assert runs[other]["val"]["against the control"]["AP50"] == {"mean": 0, "low": 0, "high": 0}
    assert against_the_control("base", tmp_path / "out") == dict.fromkeys(SHOWN, (0, 0, 0))
    assert not any("against the control" in runs[name]["val"] for name in (run, control))
    save_file({"x": torch.ones(1)}, results / other / "weights.safetensors")
    assert make_report([run, other], tmp_path / "out")  # without a control there is nothing to compare with
    runs = instance_report.read_report(tmp_path / "out")
    assert "against the control" not in runs[other]["val"]
    people = "sparseinst-laptop-people"  # of another budget, from another start
    (results / people).mkdir()
    save_file({"x": torch.zeros(1)}, results / people / "weights.safetensors")
    assert make_report([control, people], tmp_path / "out")
    assert "against the control" not in instance_report.read_report(tmp_path / "out")[people]["val"]


def test_a_change_is_read_with_its_ends_in_order(tmp_path):
    change = {"AP": {"high": 0.3, "low": -0.2, "mean": 0.1}}
    runs = {"sparseinst-laptop-base": {"val": {"against the control": change}}}
    (tmp_path / "metrics.json").write_text(json.dumps({"runs": runs}), "utf-8")
    for name in ("base", "sparseinst-laptop-base"):
        assert against_the_control(name, tmp_path) == {"AP": (0.1, -0.2, 0.3)}


def test_what_is_recorded_is_of_the_weights_that_are_there():
    runs = instance_report.read_report()
    assert list(runs) == instance_report.judged_runs()
    for name, run in runs.items():
        if (instance_report.RESULTS / name / "weights.safetensors").is_file():
            assert run["weights"] == instance_report._sha256(name), (
                f"{name}: python -m course_lib.evaluation.instance_report"
            )
    assert (instance_report.FOLDER / "card.md").read_text("utf-8") == "\n".join(card(runs))


def test_a_gate_is_reached_from_its_number_on(few):
    perfect = Answers(([0.9, 0.8], [0, 1], squares((0, 0), (4, 4))), ([0.9], [0], squares((0, 4))))
    runs = {"sparseinst-mobilenetv3-laptop": judge(perfect)}
    text = "\n".join(card(runs))
    assert text.count("reached (1.000; mean of the sets 1.000)") == 2
    runs["sparseinst-mobilenetv3-laptop"]["val"]["AP"]["mean"] = 0.2499
    runs["sparseinst-mobilenetv3-laptop"]["sets"]["a"]["AP50"] = 0.7  # of three
    runs["sparseinst-mobilenetv3-laptop"]["sets"]["crowd"]["AP50"] = 0.1  # no set of val
    assert "reached (1.000; mean of the sets 0.900)" in "\n".join(card(runs))
    assert "MISSED (0.250; mean" in "\n".join(card(runs))
