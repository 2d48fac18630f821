"""`course evaluate sparseinst` as somebody uses it: numbers by another route, what it prints, what it writes."""

# ruff: noqa: F811  (fixtures)
import contextlib
import io
import json

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from course_lib.data import coco_export
from course_lib.data.coco import read_coco
from course_lib.data.coco_export import export_coco
from course_lib.data.coco_rle import encode_rle
from course_lib.data.emoji_scenes import CLASS_NAMES
from course_lib.errors import CourseError
from course_lib.evaluation import error_breakdown, mask_average_precision, match_image
from course_lib.evaluation.instance_record import FEW, instance_record, markdown, remarks
from course_lib.evaluation.instance_sets import VAL_SETS
from course_lib.evaluation.instances import evaluate_instances
from course_lib.instances import Detections, SparseInst
from course_lib.zoo import load_model
from tests.unit.prepared_finder import (  # noqa: F401
    INSTANCES,
    SIZES,
    Finder,
    boxes,
    elsewhere,
    few,
    folder,
    found_in,
    knows,
    scenes,
    stand_in,
)
from tests.unit.test_data_coco import toy_scene
from tests.unit.test_evaluation_cli import evaluate
from tests.video_files import names_in

FILES = {"metrics.json", "table.md"}


def test_numbers_are_those_of_pycocotools_with_crowds_areas_and_two_sizes(folder, stand_in):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    network = stand_in(Finder([found_in(number) for number in range(3)]))
    evaluate(*INSTANCES, "--data", folder, "-o", "out")
    record = json.loads((folder.parent / "out" / "metrics.json").read_text("utf-8"))
    results = []
    for number, found in enumerate(map(found_in, range(3))):
        entries = zip(found.scores.tolist(), found.labels.tolist(), found.masks.numpy(), strict=True)
        results += [
            {"image_id": 5 + number, "category_id": [44, 3][label], "score": score, "segmentation": encode_rle(mask)}
            for score, label, mask in entries
        ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(folder / "instances_val.json"))
        oracle = COCOeval(truth, truth.loadRes(results), "segm")
        oracle.evaluate()
        oracle.accumulate()
        oracle.summarize()
    expected = oracle.stats[[0, 1, 2, 3, 4, 5, 8]]
    assert [value["mean"] for value in record["all"].values()] == pytest.approx(expected, abs=5e-5)
    assert 0.2 < expected[0] < 0.9
    per_class = oracle.eval["precision"][0, :, :, 0, 2].mean(axis=0)  # AP50 of dog, cup
    assert [record["per class"][name]["AP50"] for name in ("dog", "cup")] == pytest.approx(per_class, abs=5e-5)
    assert [(image.shape[-2:], size) for image, size in network.seen] == [
        ((24, 32), SIZES[0]),
        ((32, 18), SIZES[1]),  # the longer side decides
        ((24, 32), SIZES[2]),
    ]
    assert {name: one["objects"] for name, one in record["per class"].items()} == {"cup": 2, "dog": 3}  # no crowd
    assert (record["pictures"], record["objects"], record["side"]) == (3, 5, 24)


@pytest.fixture
def network(tmp_path):
    """A small random SparseInst in a file, which knows the classes of emoji scenes in another order."""
    torch.manual_seed(1)
    made = SparseInst(
        "mobilenetv3", "group", len(CLASS_NAMES), num_masks=9, groups=2, width=16, kernel_width=8, depth=1
    )
    nn.init.constant_(made.decoder.inst_branch.cls_score.bias, 0.0)  # so that something scores
    (tmp_path / "mine").mkdir()
    save_file(made.state_dict(), tmp_path / "mine" / "tiny.safetensors")
    config = {"classes": CLASS_NAMES[::-1], "stages": {"1": {"recipe": {"sides": [32, 48]}}}}
    (tmp_path / "mine" / "config.json").write_text(json.dumps(config))
    return tmp_path / "mine" / "tiny.safetensors"


def test_a_network_from_a_file_on_an_exported_folder(network, tmp_path, monkeypatch):
    monkeypatch.setattr(coco_export, "emoji_scene", toy_scene)
    export_coco("scenes", "val", 3, 64)
    printed = evaluate(*INSTANCES, "--data", "scenes", "--weights", network)
    out = tmp_path / "evaluation" / "tiny-scenes"
    assert names_in(out) == FILES
    record = json.loads((out / "metrics.json").read_text("utf-8"))

    loaded = load_model(network)
    matches, found, targets = [], [], []
    for sample in read_coco("scenes", "val", loaded.class_names):
        small = F.interpolate(sample.image[None], (48, 48), mode="bilinear", antialias=True)
        found += loaded.predict(small, [(64, 64)])
        targets.append(sample.target())
        matches.append(match_image(found[-1], targets[-1]))
    assert sum(map(len, found)) > 9
    expected = mask_average_precision(found, targets)
    assert {name: value["mean"] for name, value in record["all"].items()} == pytest.approx(expected, abs=5e-5)
    errors = error_breakdown(matches)
    assert {kind: one["count"] for kind, one in record["errors"].items()} == errors.counts
    assert sum(errors.counts.values()) > 9
    assert {name: one["objects"] for name, one in record["per class"].items()} == {"clock": 2, "person": 2}
    assert record["sets"]["val"]["pictures"] == 3
    assert record["network"] == "tiny"

    text = (out / "table.md").read_text("utf-8")
    assert "3 pictures. Pictures of scenes, annotations/instances_val.json; the network looks at them with" in printed
    for line in (
        "average precision of few pictures, here 3, reads higher",
        "s a picture, on CPU",
        "per object (scores",
    ):
        assert line in printed
        assert line in text
    for wanted in ("AP50", "AP large", "95 % interval", "confused and poor", "Why AP50 is not 1"):
        assert wanted in printed
        assert wanted in text
    assert f"| missed | {errors.counts['missed']} |" in text
    assert "| AP large | – |" in text  # no object is that large
    for name in FILES:
        assert f"Wrote {(out / name).relative_to(tmp_path)}" in printed


def test_the_courses_sets_are_labelled_by_name(scenes, stand_in, tmp_path):
    masks = torch.from_numpy(boxes((32, 32), (2, 2), (10, 12)))
    right = Detections(torch.tensor([0.9, 0.8]), torch.tensor([36, 1]), masks)
    network = stand_in(knows("sofa", *CLASS_NAMES[::-1]))
    network.answers = [right] * 6
    printed = evaluate(*INSTANCES, "--clips", 2)
    record = json.loads(
        (tmp_path / "evaluation/sparseinst-mobilenetv3-laptop-a-b-c-first-2/metrics.json").read_text("utf-8")
    )
    assert record["all"]["AP"] == {"mean": 1, "low": 1, "high": 1}
    assert {name: one["pictures"] for name, one in record["sets"].items()} == dict.fromkeys(VAL_SETS, 2)
    assert list(record["per class"]) == ["clock", "person"]
    assert "6 pictures. Test pictures of the course, sets a, b, c, at most 2 of each" in printed


def test_sets_of_people_ask_for_no_other_class(scenes, stand_in, tmp_path):
    stand_in(knows("person", "clock"))
    printed = evaluate(*INSTANCES, "--sets", "people, clip,people", "--clips", 1, "-o", "out")
    record = json.loads((tmp_path / "out" / "metrics.json").read_text("utf-8"))
    assert list(record["sets"]) == ["people", "clip"]
    assert "low" not in record["all"]["AP"]  # of one picture a set
    assert "There is no interval" in printed
    assert "what the published RVM says" in printed
    with pytest.raises(
        CourseError, match=r"does not know what these pictures show: bicycle, car.*\. It knows: person, cl"
    ):
        evaluate(*INSTANCES, "--sets", "people,crowd")


def test_val_or_the_only_set_of_a_folder(folder, stand_in, tmp_path):
    stand_in(Finder())
    with pytest.raises(CourseError, match=r"no annotations of 'train'.*For another set: --split NAME"):
        evaluate(*INSTANCES, "--data", folder, "--split", "train")
    (folder / "instances_val.json").rename(folder / "instances.json")
    (folder / "val").rename(folder / "images")
    printed = evaluate(*INSTANCES, "--data", folder, "--clips", 2)
    assert "instances.json is one set, so all of it is taken. A network that was trained on it" in printed
    assert "instances.json, the first 2;" in printed
    assert "is one set" in (tmp_path / "evaluation/sparseinst-mobilenetv3-laptop-photos-first-2/table.md").read_text()
    with pytest.raises(CourseError, match=r"no annotations of 'val'.*For another set: --split NAME"):
        evaluate(*INSTANCES, "--data", folder, "--split", "val")
    (folder / "instances.json").rename(folder / "instances_holiday.json")
    (folder / "images").rename(folder / "holiday")
    assert "instances_holiday.json" in evaluate(*INSTANCES, "--data", folder, "--split", "holiday")
    assert (tmp_path / "evaluation/sparseinst-mobilenetv3-laptop-photos-holiday/table.md").is_file()


def record_of(pictures, notes=()):
    found = evaluate_instances(Finder(), [("val", picture) for picture in pictures])
    about = {"network": "mine", "data": "Pictures", "side": 24, "machine": {"device": "CPU"}, "notes": list(notes)}
    return instance_record(found, CLASS_NAMES, about)


@pytest.mark.parametrize(("count", "said"), [(FEW - 1, True), (FEW, False)])
def test_few_pictures_need_a_caution(count, said):
    lines = remarks(record_of([*few("a", 1)] * count))
    assert any(f"here {count}, reads higher" in line for line in lines) == said


def test_names_are_shown_as_they_are(stand_in, folder):
    file = folder / "instances_val.json"
    file.write_text(file.read_text("utf-8").replace('"cup"', '"[bold]"'), "utf-8")
    network = stand_in(Finder([found_in(number) for number in range(3)]))
    network.class_names = ("[bold]", "dog")
    assert "[bold]" in evaluate(*INSTANCES, "--data", folder, "-o", "out")


def test_a_small_loss_below_zero_is_shown_as_none_and_notes_are_kept():
    record = record_of([*few("a", 1)] * 2, ["A note."])
    record["errors"]["missed"]["cost"] = -0.0002
    text = markdown(record)
    assert "| missed | 4 | 0.000 |" in text
    assert text.endswith("- A note.\n")
