"""Figures of chapter 18 by their data."""

import numpy as np
import torch
from matplotlib.colors import to_hex

from course_lib.viz import activation_maps as figures
from course_lib.viz.emoji_scenes import instance_colour, paint_instances


def random(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def mask(row: int = 8) -> torch.Tensor:
    one = torch.zeros(32, 32, dtype=torch.bool)
    one[row : row + 12, 4:20] = True
    return one


def picture(ax) -> np.ndarray:
    return ax.images[0].get_array()


def same_map(ax, values: torch.Tensor) -> None:
    """As drawn: in steps of the axes' scale."""
    step = ax.images[0].get_clim()[1] / figures.LEVELS
    np.testing.assert_allclose(picture(ax), values, rtol=0, atol=step / 2 + 1e-6)


def test_a_row_holds_its_object_its_mask_and_its_maps():
    image, maps = random(3, 32, 32), random(2, 4, 4)
    rows = [figures.MapRow("cat", mask(), random(8, 8), maps), figures.MapRow("dog", mask(16), random(8, 8), maps / 3)]
    figure = figures.maps_in_rows(image, rows, ["a", "b"], [4, 1])
    axes = np.reshape(figure.axes, (2, 4))
    np.testing.assert_allclose(picture(axes[1, 1]), random(8, 8))
    assert axes[1, 1].images[0].get_clim() == (0, 1)
    same_map(axes[1, 3], maps[1] / 3)
    assert [ax.get_title() for ax in axes[0]] == ["object", "mask drawn", "a", "b"]
    assert axes[0, 0].texts[0].get_text() == "cat"
    assert to_hex(axes[0, 2].collections[0].get_edgecolor()[0]) == to_hex(instance_colour(4))
    np.testing.assert_allclose(axes[1, 0].images[0].get_array()[20, 8], row_colour(image, 1), atol=1e-6)


def row_colour(image: torch.Tensor, number: int) -> np.ndarray:
    quiet = figures.quiet(image, 0.55)
    return paint_instances(quiet, mask(16)[None].numpy(), [number])[:, 20, 8]


def test_a_sheet_shows_every_map_and_frames_who_found_something():
    figure = figures.sheet(random(7, 3, 3), {2: 0, 5: 1}, columns=4)
    drawn = [ax for ax in figure.axes if ax.images]
    assert len(drawn) == 7
    same_map(drawn[5], random(7, 3, 3)[5])
    assert [len(ax.patches) for ax in drawn] == [0, 0, 1, 0, 0, 1, 0]
    assert to_hex(drawn[5].patches[0].get_edgecolor()) == to_hex(instance_colour(1))
    assert [ax.get_title() for ax in drawn] == list("0123456")


def test_curves_are_shares_of_maps_below():
    left, right = figures.over_training({"before": [0.9, 1.0], "after": [0.5, 0.1]}, {"before": [1.0]}).axes
    np.testing.assert_allclose(left.lines[1].get_xdata(), [0.1, 0.5])
    np.testing.assert_allclose(left.lines[1].get_ydata(), [0.5, 1])
    assert right.get_xscale() == "log"
    assert list(right.lines[1].get_xdata()) == [1, 1]  # a flat map


def test_windows_are_drawn_in_times_a_flat_map():
    figure = figures.around_objects({"map 1": [[1, 2, 4], [0.5, 0.25, 1], [1, 0, 1]]}, radius=0.7)
    np.testing.assert_allclose(picture(figure.axes[0]), [[0, 1, 2], [-1, -2, 0], [0, -4, 0]])
    (circle,) = figure.axes[0].patches
    assert (circle.center, circle.radius) == ((1, 1), 0.7)


def test_a_portrait_is_place_map_and_classes():
    query = figures.QueryPortrait("query 3", random(4, 4), random(4, 4) / 5, {"cat": 7, "dog": 2})
    above, middle, below = figures.portraits([query]).axes
    assert above.get_title() == "query 3"
    same_map(middle, random(4, 4) / 5)
    assert [bar.get_width() for bar in below.patches] == [7, 2]
    assert [text.get_text() for text in below.texts] == [" cat 7", " dog 2"]
    rare = figures.QueryPortrait("query 4", random(4, 4), random(4, 4), {"cat": 3, "dog": 0})
    assert [text.get_text() for text in figures.portraits([rare]).axes[2].texts] == [" cat 3"]  # none is not drawn


def test_rivals_show_what_speaks_for_it_only():
    values = random(4, 4) - 0.5
    figure = figures.rivals(random(3, 32, 32), torch.stack([mask(), mask(16)]), 1, {"CAM": values, "IAM": random(4, 4)})
    same_map(figure.axes[1], values.clamp(min=0))
    first, second = figure.axes[2].collections
    assert first.get_linestyle() != second.get_linestyle()


def test_edits_are_on_the_scale_of_the_first():
    columns = {"as it is": (random(4, 4), random(8, 8)), "half": (random(4, 4) / 2, random(8, 8) / 2)}
    axes = np.reshape(figures.edits(mask()[None], 0, columns).axes, (2, 2))
    assert axes[0, 0].images[0].get_clim() == axes[0, 1].images[0].get_clim() == (0, random(4, 4).max())
    same_map(axes[0, 1], random(4, 4) / 2)
    np.testing.assert_allclose(picture(axes[1, 1]), random(8, 8) / 2)


def test_effects_keep_the_order_and_say_the_numbers():
    left, right = figures.effects({"as it is": {"IoU": 0.7, "class": 1.0}, "flat": {"IoU": 0.0, "class": 0.25}}).axes
    assert [bar.get_width() for bar in left.patches] == [0.7, 0.0]
    assert [text.get_text() for text in right.texts] == ["1.00", "0.25"]
    assert [label.get_text() for label in left.get_yticklabels()] == ["as it is", "flat"]
    assert left.yaxis_inverted()


def test_photographs_show_what_is_found_and_its_map():
    image = random(3, 32, 32)
    found, behind = figures.photographs([("cat, 0.3", image, mask(), random(4, 4), "query 1")]).axes
    np.testing.assert_allclose(picture(found), paint_instances(image, mask()[None], [1]).transpose(1, 2, 0), atol=1e-6)
    assert (found.get_title(), behind.get_title()) == ("cat, 0.3", "query 1")
    same_map(behind, random(4, 4))
