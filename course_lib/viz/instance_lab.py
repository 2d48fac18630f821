"""The figure of the instance lab: what two networks find in the same pictures, what their queries look at, and their errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.data.emoji_scenes import CLASS_NAMES
from course_lib.viz.activation_equation import outlines
from course_lib.viz.activation_maps import show_map
from course_lib.viz.boxes import quiet
from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.style import PALETTE, WIDTH, new_figure, show_image

SHOWN = 4  # pictures of the set
OTHER = "other"  # a class that the scenes do not have
TAGS = 8  # in a picture: more would hide it
TAG = {"fontsize": 7, "ha": "center", "va": "bottom"}
LIGHTNESS = np.array([0.299, 0.587, 0.114])  # of red, green, blue


def comparison(pictures, a, b, sure: float, kinds: Mapping[str, str]) -> Figure:
    """`pictures` has pictures with image and target (or None); `a` and `b` have, for each, found, errors and matches.

    Rows: the objects; what a and b find with a score of at least `sure`; where the queries of that look, each map from 0 to its
    largest value, with the objects' outlines; how many of each of `kinds` (kind → name) there are.
    """
    chosen = np.unique(np.linspace(0, len(pictures.pictures) - 1, SHOWN).round().astype(int))
    sizes = [pictures.pictures[k].image.shape[1:] for k in chosen]
    cell = (WIDTH - 40) / SHOWN * max(height / width for height, width in sizes)
    figure, axes = new_figure(
        6, SHOWN, height=round(5 * (cell + 6) + 170), squeeze=False, height_ratios=[*[cell] * 5, 130]
    )
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
    for ax in axes[:5].flat:
        ax.set_axis_off()
    for column, k in enumerate(chosen):
        picture = pictures.pictures[k]
        show_objects(axes[0, column], picture)
        for rows, result in (((1, 3), a), ((2, 4), b)):
            show_found(axes[rows[0], column], picture, result.pictures[k], sure)
            show_looks(axes[rows[1], column], picture, result.pictures[k], sure)
    for row, name in enumerate(
        ("objects" if pictures.has_truth else "pictures", "A finds", "B finds", "A looks", "B looks")
    ):
        axes[row, 0].text(
            -0.06, 0.5, name, transform=axes[row, 0].transAxes, rotation=90, ha="center", va="center", fontsize=9
        )
    _bars(axes[5], a, b, sure, kinds)
    figure.suptitle(f"A: {a.contestant}   ·   B: {b.contestant}", fontsize=9)
    return figure


def show_objects(ax: Axes, picture) -> None:
    """The picture, with its objects where they are known."""
    if picture.target is None:
        show_image(ax, picture.image)
        return
    target, numbers = picture.target, numbers_of(picture.target)
    show_image(ax, paint_instances(picture.image, target["masks"], numbers))
    for mask, label, number in list(zip(target["masks"], target["labels"].tolist(), numbers, strict=True))[:TAGS]:
        _tag(ax, mask, CLASS_NAMES[label], number)


def show_found(ax: Axes, picture, result, sure: float) -> None:
    """What scores at least `sure`, each in the colour of its object, the surest on top and with a tag; ✗ where it is wrong."""
    shown = [seen for seen in result.seen if seen.score >= sure]
    masks = result.found.masks[[seen.place for seen in shown]]
    show_image(ax, paint_instances(picture.image, masks.flip(0), [seen.number for seen in reversed(shown)]))
    for seen, mask in list(zip(shown, masks, strict=True))[:TAGS]:
        wrong = "" if seen.kind in ("right", "found") else "✗ "
        _tag(ax, mask, f"{wrong}{class_name(seen.label)} {seen.score:.2f}", seen.number)


def show_looks(ax: Axes, picture, result, sure: float) -> None:
    """The maps of the queries of what scores at least `sure`, laid together: at each cell the largest."""
    shown = [seen for seen in result.seen if seen.score >= sure]
    maps = result.found.maps[[seen.place for seen in shown]]
    if not maps.numel():  # nothing is found, or the network has no queries
        show_image(ax, quiet(picture.image))
        return
    show_map(ax, (maps / maps.amax((1, 2), keepdim=True).clamp(min=1e-9)).amax(0), limit=1)
    if picture.target is None:
        outlines(ax, result.found.masks[[seen.place for seen in shown]], numbers=[seen.number for seen in shown])
    else:
        outlines(ax, picture.target["masks"], numbers=numbers_of(picture.target))


def class_name(label: int) -> str:
    return CLASS_NAMES[label] if label < len(CLASS_NAMES) else OTHER


def numbers_of(target: Mapping | None) -> list[int]:
    """The colour of each object: of its identity in a clip, else of its place."""
    if target is None:
        return []
    return target["identities"].tolist() if "identities" in target else list(range(len(target["labels"])))


def _tag(ax: Axes, mask, text: str, number: int) -> None:
    rows, columns = np.nonzero(np.asarray(mask))
    if len(rows):
        colour = instance_colour(number)
        plate = {"facecolor": colour, "edgecolor": "none", "pad": 0.8}
        ink = "black" if colour @ LIGHTNESS > 0.55 else "white"
        top, width = columns[rows == rows.min()].mean(), mask.shape[1]
        at = np.clip(top, 0.2 * width, 0.8 * width), max(rows.min(), 12)
        ax.text(*at, text, bbox=plate, clip_on=True, color=ink, **TAG)


def _bars(axes, a, b, sure: float, kinds: Mapping[str, str]) -> None:
    """How many detections, and missed objects, there are of each kind, in all pictures."""
    figure, grid = axes[0].figure, axes[0].get_gridspec()
    for ax in axes:
        ax.remove()
    ax = figure.add_subplot(grid[-1, :])
    places = np.arange(len(kinds))
    for side, result, colour in ((-1, a, PALETTE["ours"]), (1, b, PALETTE["foreground"])):
        counts = result.counts(sure)
        bars = ax.bar(places + 0.2 * side, [counts[kind] for kind in kinds], 0.38, color=colour, label="AB"[side > 0])
        ax.bar_label(bars, fontsize=8)
    ax.set_xticks(places, [name.replace(", ", ",\n") for name in kinds.values()], fontsize=8)
    ax.set_xlim(-0.6, max(len(kinds), 7) - 0.4)
    ax.margins(y=0.5)  # room for the legend
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.legend(loc="upper right", ncols=2)
