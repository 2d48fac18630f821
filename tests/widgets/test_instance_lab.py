"""The instance half of the lab: what it finds, keeps, counts and refuses, and that the page counts as Python does."""

import matplotlib.figure
import numpy as np
import pytest
import torch
from scipy.ndimage import binary_erosion
from torch import nn

from course_lib.data.emoji_scenes import CLASS_NAMES
from course_lib.errors import CourseError
from course_lib.evaluation.instance_errors import KINDS, error_breakdown
from course_lib.evaluation.instance_matching import match_image
from course_lib.evaluation.instance_sets import TestPicture
from course_lib.evaluation.instances import evaluate_instances
from course_lib.evaluation.mask_ap import mask_average_precision
from course_lib.exercises.catalogue import find_exercise
from course_lib.instances import SparseInst
from course_lib.viz.activation_maps_inside import match_queries
from course_lib.viz.emoji_scenes import instance_colour
from course_lib.widgets.model_lab import (
    LabPicture,
    PictureSet,
    compare_instances,
    find_instance_contestant,
    find_pictures,
    instance_contestant_names,
    instance_contestants,
    instance_lab,
    own_instances,
    picture_set_names,
    picture_sets,
    with_vectors,
)
from course_lib.widgets.model_lab.instance_results import instance_result_of
from course_lib.widgets.model_lab.instance_view import InstanceLab
from course_lib.widgets.model_lab.picture_sets import SIDE, smaller

from .examples import always_found, picture_set
from .stage import move, show

SOLUTION = find_exercise("query_vectors").solution


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def network():
    """Not trained, but loud: its masks and scores differ from query to query."""
    torch.manual_seed(0)
    network = SparseInst("resnet18", num_classes=len(CLASS_NAMES), num_masks=12, width=32, kernel_width=16, depth=1)
    branch = network.decoder.inst_branch
    for layer, loud in (
        (branch.iam_conv, 0.6),
        (branch.cls_score, 0.03),
        (branch.mask_kernel, 0.6),
        (branch.objectness, 0.03),
    ):
        nn.init.normal_(layer.weight, std=loud)
        nn.init.zeros_(layer.bias)
    return network.eval().requires_grad_(False)


@pytest.fixture
def laptop(monkeypatch, network):
    """`network` in the place of the recorded run."""
    monkeypatch.setattr(instance_contestants, "load", lambda name: network)
    monkeypatch.setattr(instance_contestants, "present_models", lambda start: {instance_contestants.RUN: "made up"})


PICTURE = picture_set().pictures[0].image
ODD = torch.rand(3, 40, 56, generator=torch.Generator().manual_seed(1))  # is padded to 64


def found_by(contestant, picture=PICTURE):
    return find_instance_contestant(contestant).build()(picture).found


def same(one, other):
    torch.testing.assert_close(one.scores, other.scores)
    assert torch.equal(one.labels, other.labels)
    assert torch.equal(one.masks, other.masks)


@pytest.mark.parametrize("picture", [PICTURE, ODD])
def test_a_recorded_network_finds_what_predict_finds_and_knows_its_queries(laptop, network, picture):
    found = found_by(instance_contestants.RUN, picture)
    (expected,) = network.predict(picture[None])
    same(found, expected)
    output = network(picture[None])
    assert torch.equal(found.labels, output.class_logits[0, found.queries].argmax(1))
    maps = network.normalised_maps(output)[0, found.queries].mean(1)
    rows, columns = (side // 8 for side in picture.shape[1:])
    torch.testing.assert_close(found.maps, maps[:, :rows, :columns])


def test_ablations_change_what_they_say(laptop, network):
    whole = found_by(instance_contestants.RUN)
    sure = network(PICTURE[None]).class_logits[0].sigmoid().amax(1)  # (N,)
    drawn = network(PICTURE[None]).mask_logits[0].sigmoid()
    maskness = torch.stack([one[one > 0.45].mean() if (one > 0.45).any() else one.new_zeros(()) for one in drawn])
    alone = found_by("objectness off")
    torch.testing.assert_close(alone.scores, (sure * maskness)[alone.queries], rtol=1e-3, atol=1e-5)
    before = found_by("maskness off")
    torch.testing.assert_close(before.scores * maskness[before.queries], whole.scores, rtol=1e-3, atol=1e-5)
    thinned = found_by("with mask NMS")
    kept = [whole.queries.tolist().index(query) for query in thinned.queries]
    same(whole[torch.tensor(kept)], thinned)
    half = found_by("half size")
    assert half.masks.shape[1:] == PICTURE.shape[1:]
    assert half.maps.shape[1:] == (3, 3), "of 48 pixels, at stride 16"


def test_thinning_leaves_no_two_of_a_class_that_overlap(laptop, network, monkeypatch):
    twice = always_found("twice", [0.9, 0.8, 0.7]).build()(PICTURE).found[torch.tensor([0, 0, 1])]
    monkeypatch.setattr(instance_contestants, "answer", lambda *_: instance_contestants.Answer(twice))
    assert found_by("with mask NMS").queries.tolist() == [3, 0]


def test_the_solution_in_the_network_changes_nothing_and_each_wrong_answer_does(laptop):
    whole = found_by(instance_contestants.RUN)
    same(found_by(with_vectors(SOLUTION)), whole)
    silent = found_by(with_vectors(lambda A, F: 0 * SOLUTION(A, F)))
    assert torch.allclose(silent.scores, silent.scores[:1], atol=1e-6), "without vectors all queries say the same"
    wrong = [name for name in instance_contestant_names() if name.startswith("wrong vectors")]
    assert "wrong vectors: not divided" in wrong
    for name in wrong:
        found = found_by(name)
        assert len(found) != len(whole) or not torch.allclose(found.scores, whole.scores, atol=1e-4), name
    for mistake in find_exercise("query_vectors").mistakes:
        if instance_contestants.spoken(mistake.answer) in instance_contestants.ALIKE:
            same(found_by(with_vectors(mistake.answer)), whole)


def test_models_that_are_there_are_contestants_and_nothing_else_is(monkeypatch):
    monkeypatch.setattr(instance_contestants, "present_models", lambda start: {f"{start}mine": "mine"})
    assert instance_contestant_names() == ["sparseinst-mine"], "without the laptop's run, nothing to take apart"
    with pytest.raises(CourseError, match="sparseinst-mine"):
        find_instance_contestant("nobody")


class Says:
    def __init__(self, answer):
        self.answer = answer

    def predict(self, images):
        return self.answer


MASKS = picture_set().pictures[0].target["masks"]
GOOD = {"scores": torch.tensor([0.9, 0.8]), "labels": torch.tensor([1, 2]), "masks": MASKS}


def test_a_readers_network_is_a_contestant(network):
    same(own_instances(network).build()(PICTURE).found, network.predict(PICTURE[None])[0])
    found = own_instances(Says([GOOD]), "mine").build()(PICTURE).found
    assert torch.equal(found.masks, MASKS)
    assert found.queries.tolist() == [-1, -1]
    compared = compare_instances(Says([GOOD]), network, picture_set())
    assert compared.names == ("my Says", "my SparseInst")
    assert compared.a.pictures[0].responsible is None
    assert isinstance(compared.figure(), matplotlib.figure.Figure)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (GOOD, "For one picture it gave dict"),
        ([GOOD, GOOD], "list of 2"),
        ([{"scores": GOOD["scores"]}], "It gave dict"),
        ([GOOD | {"labels": torch.tensor([1])}], r"labels \(1,\)"),
        ([GOOD | {"masks": MASKS[:, :9]}], "as large as the picture"),
        ([GOOD | {"masks": MASKS.float()}], "masks of torch.float32"),
        ([GOOD | {"scores": torch.tensor([0.9, float("nan")])}], "NaN"),
    ],
)
def test_another_answer_is_refused_with_what_was_wanted(answer, message):
    with pytest.raises(CourseError, match=message):
        own_instances(Says(answer)).build()(PICTURE)


def test_a_network_for_mattes_is_sent_to_the_other_half():
    with pytest.raises(CourseError, match=r"Identity has no predict.*lab"):
        compare_instances(nn.Identity(), "nobody", picture_set())


def test_a_result_is_computed_once_and_numbers_are_exact():
    calls, pictures = [], picture_set()
    one = always_found("one", [0.9, 0.5, 0.2], key="one", calls=calls)
    first, again = instance_result_of(one, pictures), instance_result_of(one, pictures)
    assert calls == ["one"] * 2, "two pictures, once each"
    for before, after in zip(first.pictures, again.pictures, strict=True):
        same(before.found, after.found)
        assert before.seen == after.seen
        torch.testing.assert_close(after.found.maps, before.found.maps, rtol=1e-3, atol=1e-6)
    instance_result_of(one, PictureSet("backwards", pictures.pictures[::-1]))
    instance_result_of(one, picture_set(truth=False))
    moved = [LabPicture(p.name, p.image, p.target | {"masks": p.target["masks"].roll(1, 1)}) for p in pictures.pictures]
    instance_result_of(one, PictureSet("another truth", tuple(moved)))
    assert len(calls) == 8
    instance_result_of(always_found("one", [0.9, 0.5, 0.2], calls=calls), pictures)
    assert len(calls) == 10, "without a key nothing is kept"


def test_responsible_queries_are_those_of_the_matcher_and_outlive_the_cache(laptop, network):
    pictures = picture_set()
    expected = match_queries(network(PICTURE[None]), [pictures.pictures[0].target])
    for _ in range(2):
        answers = compare_instances(pictures=pictures).a.pictures[0].responsible
        assert answers.query[expected.target].tolist() == expected.query.tolist()
        drawn = network.predict(PICTURE[None], threshold=-1)[0].masks  # of all queries
        for query, iou, mask in zip(answers.query, answers.iou, MASKS, strict=True):
            both, either = (drawn[query] & mask).sum(), (drawn[query] | mask).sum()
            assert iou == pytest.approx(float(both / either))


def test_average_precision_is_that_of_the_evaluation(laptop, network):
    pictures = picture_set()
    table = {name: (a, b) for name, a, b in compare_instances(pictures=pictures).table()}
    judged = [("val", TestPicture(picture.name, picture.image, picture.target)) for picture in pictures.pictures]
    assert table["AP50"][0] == pytest.approx(evaluate_instances(network, judged).average_precision()["AP50"])
    found = [find_instance_contestant("objectness off").build()(p.image).found for p in pictures.pictures]
    expected = mask_average_precision(found, [picture.target for picture in pictures.pictures])
    assert table["AP"][1] == pytest.approx(expected["AP"])


@pytest.mark.parametrize("sure", [0.0, 0.25, 0.55, 0.95])
def test_kinds_are_those_of_what_is_sure_alone(sure):
    """Counted anew from what scores enough, as if the rest had never been found."""
    pictures, one = picture_set(), always_found("one", [0.9, 0.5, 0.3])
    counts = instance_result_of(one, pictures).counts(sure)
    found = one.build()(PICTURE).found
    broken = error_breakdown(match_image(found[found.scores >= sure], p.target) for p in pictures.pictures)
    assert {kind: counts[kind] for kind in KINDS} == broken.counts
    assert counts["found"] == counts["right"] + sum(counts[kind] for kind in KINDS if kind != "missed")


@pytest.mark.parametrize("truth", [True, False])
def test_two_are_compared_in_numbers_figure_and_files(truth, tmp_path):
    contestants = always_found("one & only", [0.9, 0.5, 0.2]), always_found("two", [0.3, 0.6, 0.7], maps=False)
    compared = compare_instances(*contestants, picture_set(truth))
    table = {name: values for name, *values in compared.table()}
    if truth:
        assert table["right, ≥ 0.4"] == [1, 0], "the cat, in the first picture"
        assert table["confused class"] == [2, 2], "the box is no cat"
        assert table["background"] == [1, 2], "the disc in the second picture; and the cups"
        assert table["missed"] == [0, 1], "the cat, of which B is not sure"
        assert compared.per_picture() == [
            ("0", "1 of 2, 1 wrong", "0 of 2, 2 wrong"),
            ("1", "0 of 1, 2 wrong", "0 of 1, 2 wrong"),
        ]
    else:
        assert compared.table() == [("found, ≥ 0.4", 4, 4)]
    assert isinstance(compared.figure(), matplotlib.figure.Figure)
    assert compared.save(tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
    page = compared.save(tmp_path / "report.html").read_text()
    assert "one &amp; only" in page
    assert "Drawn here." in page
    assert "http" not in page
    with pytest.raises(CourseError, match="png"):
        compared.save(tmp_path / "report.doc")
    assert "one & only" in str(compared)


def test_the_figure_shows_what_is_found():
    compared = compare_instances(
        always_found("one", [0.9, 0.5, 0.2]), always_found("two", [0.3, 0.6, 0.7]), picture_set()
    )
    figure = compared.figure()
    texts = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert {"cat", "dog", "cat 0.90", "✗ cat 0.50", "✗ cup 0.70"} <= set(texts)
    assert "✗ cup 0.20" not in texts, "not sure enough"
    below = figure.axes[4].images[0].get_array()  # what A finds in the first picture
    for number, mask in enumerate(MASKS.numpy()):
        edge = mask & ~binary_erosion(mask, np.ones((3, 3)))
        np.testing.assert_allclose(below[edge], np.broadcast_to(instance_colour(number), (edge.sum(), 3)), atol=1e-6)
    bars = [round(patch.get_height()) for patch in figure.axes[-1].patches]
    names = ("right", *KINDS)
    counts = [one.counts(0.4) for one in (compared.a, compared.b)]
    assert bars == [one[kind] for one in counts for kind in names]


def test_who_is_known_in_a_clip_keeps_the_colour():
    targets = [
        picture.target | {"identities": 7 - torch.arange(len(picture.target["labels"]))}
        for picture in picture_set().pictures
    ]
    clip = PictureSet("clip", tuple(LabPicture("frame", PICTURE, target) for target in targets))
    seen = instance_result_of(always_found("one", [0.9, 0.5, 0.2]), clip).pictures[0].seen
    assert [one.number for one in seen] == [7, 6, 8], "the disc, the box, and somebody new"


def test_of_the_real_clip_every_twelfth_frame_is_taken(monkeypatch):
    def every_fourth(set_name, count):
        return (TestPicture(f"{set_name}/{4 * k}", PICTURE, {}) for k in range(count))

    monkeypatch.setattr("course_lib.evaluation.instance_sets.pictures_of_set", every_fourth)
    picture_sets._named.cache_clear()
    names = [picture.name for picture in find_pictures("carphone with a borrowed truth").pictures]
    picture_sets._named.cache_clear()
    assert names == [f"clip/{12 * k}" for k in range(8)]


def test_pictures_are_found_by_name_and_by_path(tmp_path):
    from PIL import Image

    for number in range(3):
        Image.new("RGB", (700 - number, 300), (number, 0, 0)).save(tmp_path / f"{number}.png")
    folder = find_pictures(tmp_path)
    assert [picture.name for picture in folder.pictures] == ["0.png", "1.png", "2.png"]
    assert not folder.has_truth
    assert folder.pictures[0].image.shape == (3, 112, SIDE)
    assert len(find_pictures(tmp_path / "1.png").pictures) == 1
    with pytest.raises(CourseError, match="photographs"):
        find_pictures("nowhere.png")
    assert smaller(torch.rand(3, 1, 1000)).shape == (3, 8, SIDE)
    small = torch.rand(3, 48, 40)
    assert smaller(small) is small


def test_named_sets_have_a_truth_or_none_and_sizes_of_whole_cells(monkeypatch):
    monkeypatch.delenv("COURSE_CACHE")  # the sprites lie in the real one
    for name in ("crowds", "photographs"):
        assert name in picture_set_names()
        pictures = find_pictures(name)
        assert 5 <= len(pictures.pictures) <= 12
        assert pictures.note
        for picture in pictures.pictures:
            assert max(picture.image.shape[1:]) <= SIDE
            assert not any(side % 8 for side in picture.image.shape[1:])
    assert find_pictures("crowds").has_truth
    assert not find_pictures("photographs").has_truth


def _view(a, b):
    return InstanceLab([always_found("a", a), always_found("b", b)], [picture_set()], [0, 1, 0])


def _table(page, place):
    return [
        row.split("\t") for row in page.locator("#widget .columns.matches table").nth(place).inner_text().splitlines()
    ]


def test_the_page_counts_as_python_does(watched):
    """At several scores: kinds over all pictures, and picture by picture."""
    view = _view([0.9, 0.5, 0.2], [0.3, 0.6, 0.7])
    show(watched.page, view)
    sure = watched.page.locator("#widget input[type=range]").nth(1)
    for least in (0.1, 0.4, 0.65, 0.95):
        move(watched.page, sure, least)
        again = compare_instances(*view._contestants, picture_set(), sure=least)
        counted = {row[0]: row[1:] for row in _table(watched.page, 0)}
        for (name, a, b), kind in zip(again.table()[3:], ("right", *KINDS), strict=True):
            said = "right" if kind == "right" else name
            assert counted[said] == [str(a), str(b)], (kind, least)
        rows = [
            [text.replace(" / ", " of ").replace("✗", "wrong") for text in row[1:]]
            for row in _table(watched.page, 1)[1:]
        ]
        assert rows == [list(row[1:]) for row in again.per_picture()]


def test_the_page_says_which_detection_is_what(watched):
    show(watched.page, _view([0.9, 0.5, 0.2], [0.3, 0.6, 0.7]))
    said = watched.page.locator("#widget .matches").nth(0).inner_text()
    assert "✓ 0.90" in said
    assert "confused class: cat 0.50" in said
    label = watched.page.locator("#widget svg[role=img]").nth(0).get_attribute("aria-label")
    assert label == "a, 0, what is found: cat 0.90 (right), ✗ cat 0.50 (confused_class)"
    move(watched.page, watched.page.locator("#widget select").nth(3), 2)  # the objects
    label = watched.page.locator("#widget svg[role=img]").nth(1).get_attribute("aria-label")
    assert label.endswith("cat, dog")


def test_without_a_truth_there_are_overlays_and_maps_but_no_precision(watched):
    view = InstanceLab([always_found("a", [0.9, 0.5, 0.2])], [picture_set(truth=False)], [0, 0, 0])
    assert view.wait().data["table"] == []
    show(watched.page, view)
    assert "AP" not in watched.page.locator("#widget").inner_text()
    assert watched.page.locator("#widget select").nth(3).locator("option").count() == 3
    assert _table(watched.page, 0) == [["all pictures", "A", "B"], ["found", "4", "4"]]
    assert watched.errors == []


def test_masks_reach_the_page_pixel_by_pixel(watched):
    """The chosen detection alone is outlined: as many steps as the border of its mask has."""
    show(watched.page, _view([0.9, 0.5, 0.2], [0.3, 0.6, 0.7]))
    move(watched.page, watched.page.locator("#widget select").nth(4), 1)
    mask = nn.functional.pad(MASKS[0].int(), (1, 1, 1, 1))
    border = int(mask.diff(dim=0).abs().sum() + mask.diff(dim=1).abs().sum())
    paths = watched.page.locator("#widget svg").nth(0).locator("path")
    assert paths.count() == 1
    assert paths.first.get_attribute("d").count("M") == border


def test_the_lab_starts_with_what_is_asked_for_and_tells_what_there_is(laptop):
    mine = own_instances(Says([GOOD]), "mine")
    view = instance_lab("mine", instance_contestants.RUN, picture_set(), mine=(mine,)).wait()
    assert view.data["request"] == view.request
    assert view.choices["shown"][0] == "disc and box"
    assert "mine and sparseinst-mobilenetv3-laptop on disc and box" in repr(view)
    with pytest.raises(CourseError, match="objectness off"):
        instance_lab("nobody")
