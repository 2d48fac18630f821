"""What the widgets of chapters 13, 15, 17 and 18 compute in the browser, compared with the library's, and what they refuse."""

import base64

import numpy as np
import pytest
import torch

from course_lib.evaluation.instance_matching import NOBODY, THRESHOLDS, match_image
from course_lib.evaluation.mask_ap import mask_average_precision, precision_at_recalls
from course_lib.instances.activation_maps import sigmoid_maps
from course_lib.instances.mask_iou import mask_iou
from course_lib.viz.activation_maps_measures import effective_area
from course_lib.widgets import activation_browser, matching, precision_recall

from .examples import EXAMPLES
from .stage import move, numbers, show


def _squares(many, draw, side=40):
    """Random rectangles, (many, side, side) bool."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    corners = torch.randint(0, side - 8, (many, 2), generator=draw)
    sizes = torch.randint(5, 16, (many, 2), generator=draw)
    inside = [(y >= a) & (y < a + h) & (x >= b) & (x < b + w) for (a, b), (h, w) in zip(corners, sizes, strict=True)]
    return torch.stack(inside) if many else torch.zeros(0, side, side, dtype=torch.bool)


@pytest.fixture(scope="module")
def ranked():
    """Twelve pictures as the library takes them: most detections are objects, moved a little; scores have ties."""
    draw = torch.Generator().manual_seed(0)
    found, targets = [], []
    for picture in range(12):
        objects = _squares(picture % 5, draw)
        moved = [one.roll(tuple(torch.randint(-1, 2, (2,), generator=draw).tolist()), (0, 1)) for one in objects]
        masks = torch.cat([*(m[None] for m in moved), objects[:1], _squares(3, draw)])
        scores = torch.randint(0, 20, (len(masks),), generator=draw) / 20
        found.append({"scores": scores, "labels": torch.zeros(len(masks)), "masks": masks})
        targets.append({"labels": torch.zeros(len(objects)), "masks": objects})
    return found, targets


def test_average_precision_in_the_browser_is_the_library_s(ranked, watched):
    found, targets = ranked
    ious = [mask_iou(f["masks"], t["masks"]).double() for f, t in zip(found, targets, strict=True)]
    show(watched.page, precision_recall([f["scores"] for f in found], ious))
    iou, cut = watched.page.locator("#widget input[type=range]").all()
    values, objects = [], sum(len(t["labels"]) for t in targets)
    matches = [match_image(f, t) for f, t in zip(found, targets, strict=True)]
    scores = np.concatenate([m.scores for m in matches])
    order = np.argsort(-scores, kind="stable")
    for t in range(len(THRESHOLDS)):
        move(watched.page, iou, t)
        values += numbers(watched.page, "ap")
        right = np.concatenate([m.matched[0, t] != NOBODY for m in matches])[order]
        for threshold in (0.0, 0.5, 0.95, 1.0):
            move(watched.page, cut, threshold)
            shown = scores[order] >= threshold
            counts = [shown.sum(), right[shown].sum(), (shown & ~right).sum(), objects - right[shown].sum()]
            said = [numbers(watched.page, name)[0] for name in ("shown", "hits", "false-alarms", "misses")]
            assert said == counts
            expected = precision_at_recalls(right[shown], ~right[shown], objects)[0].mean()
            np.testing.assert_allclose(numbers(watched.page, "cut-ap"), expected, atol=1e-12)
    library = mask_average_precision(found, targets)
    np.testing.assert_allclose(
        [np.mean(values), values[0], values[5]], [library[n] for n in ("AP", "AP50", "AP75")], atol=1e-12
    )


def test_of_a_picture_the_hundred_best_count():
    scores = torch.linspace(0, 1, 130)
    widget = precision_recall([scores], [torch.ones(130, 1)])
    kept = np.frombuffer(base64.b64decode(widget.data["scores"]), np.float32)
    np.testing.assert_allclose(kept, scores.flip(0)[:100])


def test_rankings_without_objects_or_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="no object"):
        precision_recall([torch.rand(3)], [torch.zeros(3, 0)])
    with pytest.raises(ValueError, match="one entry for each picture"):
        precision_recall([torch.rand(3)], [torch.rand(2, 1)])
    with pytest.raises(ValueError, match="one entry for each picture"):
        precision_recall([torch.rand(3)], [])


def test_entropy_and_area_of_a_map_are_the_library_s(watched):
    widget = EXAMPLES["activation_browser"]()
    show(watched.page, widget)
    count, groups, height, width = widget.data["shape"]
    levels = np.frombuffer(base64.b64decode(widget.data["levels"]), np.uint8).reshape(count, groups, height, width)
    low, high = widget.data["low"], widget.data["high"]
    maps = sigmoid_maps(torch.from_numpy(low + levels / 255 * (high - low)))
    areas = effective_area(maps)
    query, group = watched.page.locator("#widget input[type=range]").all()
    for n in range(count):
        move(watched.page, query, n)
        for g in range(groups):
            move(watched.page, group, g)
            np.testing.assert_allclose(numbers(watched.page, "area"), areas[n, g].item(), rtol=1e-9)
            np.testing.assert_allclose(numbers(watched.page, "entropy"), areas[n, g].log().item(), rtol=1e-9)


def test_kept_logits_are_close_and_what_does_not_belong_together_is_refused():
    logits = 4 * torch.randn(3, 2, 8, 8, generator=torch.Generator().manual_seed(5))
    picture, masks = torch.rand(3, 16, 16), torch.zeros(1, 16, 16, dtype=torch.bool)
    rest = (["a"] * 3, [0.5] * 3, masks, ["cat"])
    data = activation_browser(picture, logits, *rest, {1: 0}, queries=[4, 9, 17]).data
    levels = np.frombuffer(base64.b64decode(data["levels"]), np.uint8).reshape(logits.shape)
    error = np.abs(data["low"] + levels / 255 * (data["high"] - data["low"]) - logits.numpy()).max()
    assert error <= (data["high"] - data["low"]) / 510 + 1e-6
    assert [(q["number"], q["object"]) for q in data["queries"]] == [(4, -1), (9, 0), (17, -1)]
    with pytest.raises(ValueError, match="as many"):
        activation_browser(picture, logits[:2], *rest, {})
    with pytest.raises(ValueError, match="owners"):
        activation_browser(picture, logits, *rest, {0: 1})
    with pytest.raises(ValueError, match="not finite"):
        activation_browser(picture, logits / 0, *rest, {})


def test_the_sum_of_a_matching_and_the_chosen_pair(watched):
    widget = EXAMPLES["matching"]()
    show(watched.page, widget)
    steps, objects = len(widget.data["steps"]), len(widget.data["objects"])
    scores = np.frombuffer(base64.b64decode(widget.data["scores"]), np.float32).reshape(steps, -1, objects)
    for step in range(steps):
        move(watched.page, watched.page.locator("#widget input[type=range]"), step)
        expected = sum(scores[step, n, m] for m, n in enumerate(widget.data["assigned"][step]))
        np.testing.assert_allclose(numbers(watched.page, "sum"), expected, rtol=1e-6)
    watched.page.locator("#widget td").nth(1).click()
    for key, chosen in (
        ("ArrowDown", "query 1, box"),
        ("ArrowLeft", "query 0, box"),
        ("ArrowLeft", "query 0, box"),
        ("ArrowUp", "query 0, disc"),
    ):
        watched.page.keyboard.press(key)
        focused = watched.page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused.startswith(chosen)
        assert watched.page.locator("#widget td[tabindex='0']").count() == 1


def test_only_queries_that_somebody_has_are_kept_and_a_query_with_two_objects_is_refused():
    scores, drawings = torch.rand(2, 5, 2), torch.zeros(2, 5, 4, 4, dtype=torch.bool)
    first = (torch.rand(3, 16, 16), ["a", "b"], torch.zeros(2, 16, 16, dtype=torch.bool), [0, 7])
    data = matching(*first, scores, [[4, 1], [3, 1]], drawings).data
    assert data["queries"] == [1, 3, 4]
    assert data["assigned"] == [[2, 0], [1, 0]]
    twins = (first[0], ["a", "a"], *first[2:])
    named = matching(*twins, scores, [[4, 1], [3, 1]], drawings).data["objects"]
    assert [one["name"] for one in named] == ["a 1", "a 2"]
    with pytest.raises(ValueError, match="no matching"):
        matching(*first, scores, [[4, 4], [3, 1]], drawings)
    with pytest.raises(ValueError, match="do not belong together"):
        matching(*first, scores[:1], [[4, 1], [3, 1]], drawings)
    with pytest.raises(ValueError, match="do not belong together"):
        matching(*first, scores[..., :1], [[4, 1], [3, 1]], drawings)
