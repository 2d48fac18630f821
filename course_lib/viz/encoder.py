"""Figures of chapter 02: what an encoder's maps look like, what they cost, and how much of the picture a number sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course_lib.viz.features import as_features, frame_square, most_telling, principal_colours
from course_lib.viz.style import PALETTE, new_figure, show_alpha, show_image

STAGE_COLOURS = {
    "f1": PALETTE["input"],
    "f2": PALETTE["background"],
    "f3": PALETTE["ours"],
    "f4": PALETTE["foreground"],
}


def four_maps(frame, taps: Sequence) -> Figure:
    """The frame (3,H,W) and the maps f1 … f4 (C,h,w), each map by its three principal components."""
    figure, axes = new_figure(2, 3, height=390)
    show_image(axes[0, 0], frame, f"the frame\n3 × {frame.shape[-2]} × {frame.shape[-1]}")
    places = [axes[0, 1], axes[0, 2], axes[1, 0], axes[1, 1]]
    for number, (ax, tap) in enumerate(zip(places, taps, strict=True), start=1):
        channels, height, width = as_features(tap).shape
        title = f"f{number}, stride {2**number}\n{channels} × {height} × {width}"
        show_image(ax, principal_colours(tap), title).set_interpolation("nearest")
    note = axes[1, 2]
    note.set_axis_off()
    note.text(
        0,
        0.5,
        "Similar features,\nsimilar colours.\n\nFrom f1 to f4:\nfewer places,\nmore channels.",
        transform=note.transAxes,
        va="center",
    )
    return figure


def hard_functions(x, curves: Mapping[str, tuple]) -> Figure:
    """Per panel title a pair (smooth, hard) of values over `x`: the function meant and the one computed."""
    figure, axes = new_figure(1, len(curves), height=240)
    for ax, (title, (smooth, hard)) in zip(axes, curves.items(), strict=True):
        ax.plot(x, smooth, color=PALETTE["alpha"], linestyle="--")
        ax.plot(x, hard, color=PALETTE["ours"])
        gap = np.abs(np.asarray(smooth) - np.asarray(hard)).max()
        ax.set_title(f"{title}: never more than {gap:.2f} apart")
        ax.set_xlabel("x")
    axes[0].text(-5.8, 0.28, "smooth\n(dashed)", color=PALETTE["alpha"], fontsize=9)
    axes[0].text(1.2, 0.45, "hard", color=PALETTE["ours"], fontsize=9)
    return figure


def gallery(taps: Sequence, per_stage: int = 6) -> Figure:
    """For each of f1 … f4 the `per_stage` channels that tell most, each from its own darkest to its brightest."""
    figure, axes = new_figure(len(taps), per_stage, height=430, squeeze=False)
    for number, (row, tap) in enumerate(zip(axes, taps, strict=True), start=1):
        features = as_features(tap)
        for ax, channel in zip(row, most_telling(features, per_stage), strict=True):
            ax.imshow(features[channel], cmap="gray", interpolation="nearest")
            ax.set_axis_off()
            ax.set_title(f"{channel}", fontsize=9, color=PALETTE["alpha"], pad=2)
        row[0].text(-0.12, 0.5, f"f{number}", transform=row[0].transAxes, ha="right", va="center", fontsize=11)
    return figure


def cost_by_layer(parameters: Sequence[int], macs: Sequence[int], stages: Sequence[str]) -> Figure:
    """Parameters and multiply-accumulates of each layer as bars; `stages` names the map (f1 … f4) that it leads to."""
    figure, axes = new_figure(1, 2, height=330, sharey=True)
    layers = np.arange(len(parameters))
    colours = [STAGE_COLOURS[stage] for stage in stages]
    for ax, values, title in (
        (axes[0], np.asarray(parameters) / 1e3, "parameters (thousands)"),
        (axes[1], np.asarray(macs) / 1e6, "multiply-accumulates (millions)"),
    ):
        ax.barh(layers, values, color=colours)
        ax.set_title(f"{title}\nsum {values.sum():,.0f}")
        ax.set_yticks(layers)
    axes[0].invert_yaxis()
    axes[0].set_ylabel("layer")
    for stage, colour in STAGE_COLOURS.items():
        last = max(at for at, name in enumerate(stages) if name == stage)
        axes[1].text(axes[1].get_xlim()[1], last, stage, color=colour, ha="right", va="center", weight="bold")
    return figure


def sensitivity_on_frame(frame, maps: Sequence, fields: Sequence[int], centre: tuple[int, int]) -> Figure:
    """|∂f/∂I| of one place of each map over the dimmed frame, and the square that the recurrence allows.

    `maps` are (H,W), `fields` the sides of the squares in pixels, `centre` the place (row, column) in pixels.
    """
    figure, axes = new_figure(2, 2, height=590)
    for number, (ax, values, field) in enumerate(zip(axes.flat, maps, fields, strict=True), start=1):
        heat = np.asarray(values, dtype=np.float64)
        # The square root keeps the weak tail visible beside a peak that is orders of magnitude stronger.
        strength = np.sqrt(heat / heat.max())[..., None]
        dimmed = 0.45 * np.asarray(frame).transpose(1, 2, 0)
        glow = np.array([1.0, 0.85, 0.2])
        show_image(ax, dimmed * (1 - strength) + glow * strength)
        inside = field <= min(heat.shape)
        if inside:
            frame_square(ax, centre, field)
        ax.set_title(f"f{number} may see {field} × {field}" + ("" if inside else ", more than the frame"))
    return figure


def share_in_square(sides: Sequence[int], shares: Mapping[str, Sequence[float]], fields: Mapping[str, int]) -> Figure:
    """How much of the sensitivity lies in a centred square: one line per name, a tick at the full receptive field."""
    figure, ax = new_figure(height=300)
    for name, values in shares.items():
        stage = name[:2]
        colour = STAGE_COLOURS[stage]
        live = name != stage
        ax.plot(sides, values, color=colour, linestyle=":" if live else "-")
        at = int(np.searchsorted(values, 0.62 if live else 0.5))
        at = min(at, len(sides) - 1)
        ax.annotate(
            name,
            (sides[at], values[at]),
            xytext=(7, -4),
            textcoords="offset points",
            color=colour,
            va="top",
            fontsize=9,
        )
        if name in fields:
            ax.plot([fields[name]] * 2, [1.01, 1.05], color=colour, clip_on=False)
            ax.annotate(
                f"{fields[name]}", (fields[name], 1.05), xytext=(0, 2), textcoords="offset points", color=colour,
                ha="center", fontsize=9, annotation_clip=False,
            )  # fmt: skip
    ax.set_xscale("log", base=2)
    ticks = [tick for tick in (4, 8, 16, 32, 64, 128, 256, 512) if sides[0] <= tick <= sides[-1]]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("side of the square around the place (pixels; ticks on top: the whole receptive field)")
    ax.set_ylabel("share of the sensitivity")
    return figure


def stride_and_dilation(taps: int = 3, outputs: int = 4) -> Figure:
    """Two stacked kernels in one dimension: stride then dense, and dense then dilated. Lines lead to one output."""
    figure, axes = new_figure(1, 2, height=270)
    panels = (("stride 2, then 3 taps side by side", 2, 1), ("stride 1, then 3 taps two apart", 1, 2))
    for ax, (title, stride, dilation) in zip(axes, panels, strict=True):
        edges = kernel_edges(taps, outputs, stride, dilation)
        for level, cells in enumerate(layer_positions(outputs, stride)):
            reached = {end for start, end in edges if end[1] == level} | {
                start for start, _ in edges if start[1] == level
            }
            face = [PALETTE["foreground"] if (cell, level) in reached else "#DDDDDD" for cell in cells]
            ax.scatter(cells, [level] * len(cells), s=70, c=face, zorder=3)
        for (x0, y0), (x1, y1) in edges:
            ax.plot([x0, x1], [y0, y1], color=PALETTE["foreground"], linewidth=1.2, zorder=2)
        ax.set_title(title)
        ax.set_axis_off()
    for level, name in enumerate(("input", "middle", "output")):
        axes[0].text(-0.8, level, name, ha="right", va="center", fontsize=9)
    for ax in axes:  # one scale, so that the two can be laid over each other
        ax.set_xlim(-3.2, 2 * outputs - 0.5)
    return figure


def layer_positions(outputs: int, stride: int) -> list[list[int]]:
    """Where the cells of input, middle and output lie on the input's grid; `outputs` of them at stride 2."""
    inputs = list(range(2 * outputs))
    kept = inputs[::stride]
    return [inputs, kept, kept]


def kernel_edges(taps: int, outputs: int, stride: int, dilation: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Lines ((position, level), (position, level)) from the input to the output cell in the middle of the strip."""
    half = taps // 2
    top = 2 * (outputs // 2)
    middle = [top + (tap - half) * dilation * stride for tap in range(taps)]
    edges = [((cell, 1), (top, 2)) for cell in middle]
    edges += [((cell + tap - half, 0), (cell, 1)) for cell in middle for tap in range(taps)]
    return edges


def undone(alphas: Mapping[str, tuple]) -> Figure:
    """Mattes of one frame: name -> (alpha (H,W), what is to be said about it)."""
    figure, axes = new_figure(1, len(alphas), height=255)
    for ax, (name, (alpha, note)) in zip(axes, alphas.items(), strict=True):
        show_alpha(ax, alpha, f"{name}\n{note}")
    return figure
