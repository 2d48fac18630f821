"""Figures of chapter 01: mixtures, their many explanations, and the mattes of four families side by side.

Pictures are (3, H, W) and mattes (1, H, W) or (H, W), arrays or tensors, in [0, 1].
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.viz.style import PALETTE, as_matte, as_picture, new_figure, show_alpha, show_heat, show_image


def edge_close_up(photo, alpha, top: int, left: int, size: int) -> Figure:
    """Where does the person end? The photograph, a square of its edge enlarged, and alpha in that square."""
    figure, (whole, close, matte) = new_figure(1, 3, height=262)
    show_image(whole, photo, "A photograph")
    whole.add_patch(Rectangle((left, top), size, size, fill=False, edgecolor=PALETTE["other"], linewidth=2))
    window = slice(top, top + size), slice(left, left + size)
    _pixels(close, as_picture(photo)[window], f"{size} × {size} pixels of hair")
    _pixels(matte, as_matte(alpha)[window], "α: how much is hair")
    return figure


def layers(image, foreground, background, alpha) -> Figure:
    """The equation in pictures: I, then F, α and B."""
    figure, axes = new_figure(1, 4, height=200)
    show_image(axes[0], image, "I")
    show_image(axes[1], foreground, "= α · F")
    show_image(axes[2], background, "+ (1 − α) · B")
    show_alpha(axes[3], alpha, "with this α")
    return figure


def explanations(image, row: int, col: int, foregrounds, backgrounds, alphas) -> Figure:
    """One pixel, at least 8 from the border, and N pairs of colours (N, 3) that mix to it with `alphas` (N,), exactly."""
    figure, (close, table) = new_figure(1, 2, height=250, width_ratios=(1, 2.2))
    _pixels(close, as_picture(image)[row - 8 : row + 9, col - 8 : col + 9], "One pixel of I")
    close.add_patch(Rectangle((7.5, 7.5), 1, 1, fill=False, edgecolor="white", linewidth=2.5))
    foregrounds, backgrounds, alphas = (np.asarray(values, np.float32) for values in (foregrounds, backgrounds, alphas))
    mixed = alphas[:, None] * foregrounds + (1 - alphas[:, None]) * backgrounds
    swatches = np.stack([foregrounds, backgrounds, mixed]).clip(0, 1)  # (3, N, 3)
    table.imshow(swatches, aspect="auto")
    for edge in (0.5, 1.5):
        table.axhline(edge, color="white", linewidth=6)
    for edge in range(1, len(alphas)):
        table.axvline(edge - 0.5, color="white", linewidth=6)
    table.set_xticks(range(len(alphas)), [f"α = {value:.2f}" for value in alphas])
    table.set_yticks(range(3), ["F", "B", "αF + (1−α)B"])
    table.tick_params(length=0)
    table.spines[:].set_visible(False)
    table.set_title("Every column explains it without error")
    return figure


def noise_against_distance(alpha, distance, measured, predicted) -> Figure:
    """A triangulated matte, and its measured noise over the distance of the two backgrounds with the predicted curve."""
    figure, (matte, curve) = new_figure(1, 2, height=270, width_ratios=(1, 1.5))
    show_alpha(matte, alpha, "α from two noisy pictures")
    curve.plot(distance, predicted, color=PALETTE["reference"], label="predicted")
    curve.plot(distance, measured, "o", color=PALETTE["ours"], markersize=6, label="measured")
    curve.set_xlabel("distance of the two background colours")
    curve.set_ylabel("standard deviation of α")
    curve.set_ylim(bottom=0)
    curve.set_title("The nearer the colours, the noisier α")
    curve.legend()
    return figure


def four_families(image, truth, mattes: dict, errors: dict) -> Figure:
    """Top: I and the mattes by name. Below: the truth and where each matte is wrong, |α − α*| up to 1, with its error."""
    figure, axes = new_figure(2, 1 + len(mattes), height=345)
    show_image(axes[0, 0], image, "I")
    show_alpha(axes[1, 0], truth, "true α")
    for top, below, (name, matte) in zip(axes[0, 1:], axes[1, 1:], mattes.items(), strict=True):
        show_alpha(top, matte, name)
        show_heat(below, np.abs(as_matte(matte) - as_matte(truth)), f"MAD {errors[name]:.0f}", limit=1)
    return figure


def mattes_in_a_row(mattes: dict) -> Figure:
    """Mattes side by side; the keys are their titles and may hold a line break."""
    figure, axes = new_figure(1, len(mattes), height=230, squeeze=False)
    for ax, (title, matte) in zip(axes[0], mattes.items(), strict=True):
        show_alpha(ax, matte, title)
    return figure


def slices_through_time(frames, mattes: dict, row: int) -> Figure:
    """One line of the picture over time: of the clip (T, 3, H, W), and of mattes (T, 1, H, W) by name.

    A shape that stands still makes straight vertical stripes; flicker makes them ragged.
    """
    figure, axes = new_figure(1, 2 + len(mattes), height=260)
    show_image(axes[0], frames[0], "frame 0")
    axes[0].axhline(row, color=PALETTE["other"], linewidth=2)
    over_time = as_picture(np.asarray(frames)[:, :, row].transpose(1, 0, 2))  # (T, W, 3)
    axes[1].imshow(over_time, aspect="auto", interpolation="nearest")
    axes[1].set_title("this line over time")
    for ax, (name, matte) in zip(axes[2:], mattes.items(), strict=True):
        ax.imshow(np.asarray(matte)[:, 0, row], cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        ax.set_title(name)
    for ax in axes[1:]:
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_visible(False)
    axes[1].set_ylabel("time ↓")
    return figure


def light_against_codes(pictures: dict, alpha, in_light, in_codes) -> Figure:
    """Pictures (3, h, w) of few large pixels by title, and what black over white becomes as alpha grows, both ways."""
    figure, axes = new_figure(1, len(pictures) + 1, height=230, width_ratios=(*[1] * len(pictures), 1.25))
    for ax, (title, picture) in zip(axes, pictures.items(), strict=False):
        _pixels(ax, as_picture(picture), title)
    curve = axes[-1]
    curve.plot(alpha, in_light, color=PALETTE["ours"])
    curve.plot(alpha, in_codes, color=PALETTE["foreground"])
    curve.text(0.62, 0.74, "light", color=PALETTE["ours"])
    curve.text(0.12, 0.42, "codes", color=PALETTE["foreground"])
    curve.set_xlabel("α of black over white")
    curve.set_title("value on screen")
    return figure


def zooms(pictures: dict, top: int, left: int, size: int, height: int = 262) -> Figure:
    """The same square of several pictures (3, H, W), enlarged without smoothing; keys are titles."""
    figure, axes = new_figure(1, len(pictures), height=height, squeeze=False)
    for ax, (title, picture) in zip(axes[0], pictures.items(), strict=True):
        _pixels(ax, as_picture(picture)[top : top + size, left : left + size], title)
    return figure


def _pixels(ax, values, title: str) -> None:
    """Draw a few pixels, (h, w, 3) or grey (h, w), so large that each can be seen."""
    ax.imshow(values, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    ax.set_title(title)
