"""Figures of chapter 07: what each term of the loss sees, what it asks of every pixel, and what it repairs.

Every function takes the numbers and returns a matplotlib Figure; mattes and maps are (H, W), pictures as in `viz.style`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.viz import style
from course_lib.viz.style import PALETTE, new_figure, show_image

COLOURS = [PALETTE[role] for role in ("ours", "foreground", "background", "hidden state", "other", "input")]


def five_opinions(frame, true_alpha, alpha, prices: Mapping[str, object]) -> Figure:
    """A frame (3,H,W), its true matte and a wrong one, then what each term charges where (H,W), each map up to its maximum."""
    figure, axes = new_figure(2, 4, height=305, width=530)
    cells = iter(axes.flat)
    show_image(next(cells), frame, "I")
    _alpha(next(cells), true_alpha, "true α*")
    _alpha(next(cells), alpha, "RVM's α")
    for ax, (name, price) in zip(cells, prices.items(), strict=True):
        _heat(ax, price, name)
    figure.suptitle("One answer, five opinions on where it is wrong (yellow: most)")
    return figure


def equally_wrong(mattes: Mapping[str, object], numbers: Sequence[int]) -> Figure:
    """Named mattes (n,H,W) side by side at n frames, one row a frame."""
    figure, axes = new_figure(len(numbers), len(mattes), height=112 * len(numbers) + 26)
    for column, (name, frames) in zip(axes.T, mattes.items(), strict=True):
        for ax, alpha in zip(column, frames, strict=True):
            _alpha(ax, alpha)
        column[0].set_title(name, fontsize=10)
    for row, number in zip(axes, numbers, strict=True):
        _row_label(row[0], f"frame {number}")
    return figure


def pyramid(levels: Sequence[object], layers: Sequence[object]) -> Figure:
    """Above the picture at each level x_k (h,w), below its layer of detail; all drawn equally large."""
    figure, axes = new_figure(2, len(layers), height=305, width=600)
    limit = max(float(np.abs(np.asarray(layer)).max()) for layer in layers)
    for k, (above, below, level, layer) in enumerate(zip(*axes, levels, layers, strict=True)):
        _alpha(above, level)
        above.set_title(f"{level.shape[-2]} × {level.shape[-1]}", fontsize=10)
        _signed(below, layer, limit=limit)
        below.set_title(f"$L_{k}$", fontsize=10)
    _row_label(axes[0, 0], "$x_k$")
    _row_label(axes[1, 0], "$L_k$")
    figure.suptitle("Each layer keeps what the next picture cannot hold (red: +, blue: −)")
    return figure


def layers_by_fault(plain: Mapping[str, object], weighted: Mapping[str, object]) -> Figure:
    """mean |layer k| of each named error (K,), as it is and times 2^k / 5, all in thousandths."""
    figure, axes = new_figure(1, 2, height=300)
    titles = (r"mean |layer $k$|", r"times $2^k/5$: what the loss adds up")
    for ax, title, table in zip(axes, titles, (plain, weighted), strict=True):
        for colour, marker, (name, values) in zip(COLOURS, "os^DvP", table.items(), strict=False):
            ax.plot(range(len(values)), values, color=colour, marker=marker, label=name)
        ax.set(xlabel="layer $k$ (0 is the finest)", xticks=range(len(values)), ylim=(0, None))
        ax.set_title(title)
    axes[0].set_ylabel("in thousandths")
    axes[1].legend(loc="upper left")
    return figure


def price_of_change(alone: Mapping[str, object], against: Mapping[str, object]) -> Figure:
    """Price per frame 1 … T−1 of each named matte (T−1,), in thousandths: of its change; of its change less the truth's."""
    figure, axes = new_figure(1, 2, height=300, sharey=True)
    titles = (r"$5\,(\mathrm{d}\alpha)^2$: forbid change", r"$5\,(\mathrm{d}\alpha - \mathrm{d}\alpha^*)^2$: coherence")
    styles = dict(zip(alone, ("-", "--", "-.", ":"), strict=False))
    for ax, title, curves in zip(axes, titles, (alone, against), strict=True):
        for colour, (name, values) in zip((PALETTE["reference"], *COLOURS), curves.items(), strict=False):
            ax.plot(1 + np.arange(len(values)), values, styles[name], color=colour, label=name)
        ax.set(xlabel="frame")
        ax.set_title(title)
    axes[0].set_ylim(0, None)  # after both: they share the axis
    axes[0].set_ylabel("price of the frame, in thousandths")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(alone))
    return figure


def masked_colour(foreground, masked, l1, coherence) -> Figure:
    """An answer F (3,H,W), the part that counts, and what the two terms of the foreground charge where (H,W)."""
    figure, axes = new_figure(1, 4, height=160, width=540)
    show_image(axes[0], foreground, "answered F")
    show_image(axes[1], masked, "mF: what counts")
    _heat(axes[2], l1, "fgr_l1")
    _heat(axes[3], coherence, "fgr_coherence")
    return figure


def cross_entropy(logits, stable, naive, outputs, slopes: Mapping[str, object]) -> Figure:
    """Loss of a pixel with mask 0 over `logits` (n,) by two formulas, `naive` partly inf; named slopes over `outputs` (m,)."""
    figure, (left, right) = new_figure(1, 2, height=300)
    logits, naive = np.asarray(logits), np.asarray(naive)
    left.plot(logits, stable, color=PALETTE["ours"], linewidth=4, label="on the logit s")
    left.plot(
        logits, np.where(np.isfinite(naive), naive, np.nan), "--", color=PALETTE["reference"], label="on p = σ(s)"
    )
    if np.isinf(naive).any():
        first = logits[np.isinf(naive)].min()
        left.axvspan(first, logits.max(), color=PALETTE["foreground"], alpha=0.15, linewidth=0)
        left.text((first + logits.max()) / 2, 2, "on p: inf", color=PALETTE["foreground"], ha="center")
    left.set(xlabel="logit s", ylabel="loss where the mask is 0", ylim=(0, None))
    left.set_title("The same curve, until one breaks")
    left.legend(loc="upper left")
    for colour, dashes, (name, values) in zip(COLOURS, ("-", "--", "-."), slopes.items(), strict=False):
        right.plot(outputs, values, dashes, color=colour, label=name)
    right.set(xlabel="output of the last layer (truth: 0)", ylabel="slope", ylim=(-0.05, 1.45))
    right.set_title("How hard a wrong pixel is pushed")
    right.legend(loc="upper left")
    return figure


def matrix(values, rows: Sequence[str], columns: Sequence[str], split: int) -> Figure:
    """Price of each fault (row) under each term (column), (R,C) in thousandths; a colour is a share of its column's largest.

    A white line follows the first `split` rows, which are faults of alpha.
    """
    values = np.asarray(values, dtype=float)
    share = values / np.maximum(values.max(axis=0, keepdims=True), 1e-12)
    figure, ax = new_figure(height=42 * len(rows) + 90)
    ax.imshow(share, cmap="viridis", vmin=0, vmax=1, aspect="auto")
    _write_cells(ax, values, share, "{:.1f}")
    _name_cells(ax, rows, [name.replace("_", "\n") for name in columns])
    ax.axhline(split - 0.5, color="white", linewidth=5)
    ax.set_title("Who sees what: price in thousandths (yellow: most in its column)")
    return figure


def gradients(
    errors: Mapping[str, object], forces: Mapping[str, Mapping[str, object]], limits: Mapping[str, float]
) -> Figure:
    """One row a fault: its error α − α* (H,W), then N · ∂term/∂α for each term (H,W), drawn up to ± the term's limit."""
    terms = list(limits)
    figure, axes = new_figure(len(errors), 1 + len(terms), height=116 * len(errors) + 60, width=520)
    for row, (fault, error) in zip(axes, errors.items(), strict=True):
        _signed(row[0], error, limit=1)
        _row_label(row[0], fault)
        for ax, term in zip(row[1:], terms, strict=True):
            _signed(ax, forces[fault][term], limit=limits[term])
    for ax, title in zip(axes[0], ("error, ± 1", *(f"{t}, ± {limits[t]:g}" for t in terms)), strict=True):
        ax.set_title(title, fontsize=10)
    figure.suptitle("The push on each pixel (red: lower α, blue: raise it)")
    return figure


def repaired(remaining, rows: Sequence[str], columns: Sequence[str], pictures: Mapping[str, object]) -> Figure:
    """Above named mattes (H,W); below the share left of each fault's L1 (R,C), one column a choice of terms."""
    remaining = np.asarray(remaining, dtype=float)
    figure, axes = new_figure(2, len(pictures), height=440, height_ratios=(1, 2.1))
    for ax, (title, alpha) in zip(axes[0], pictures.items(), strict=True):
        _alpha(ax, alpha)
        ax.set_title(title, fontsize=9)
    for ax in axes[1]:
        ax.remove()
    ax = figure.add_subplot(axes[1, 0].get_gridspec()[1, :])
    ax.imshow(remaining, cmap="viridis", vmin=0, vmax=1, aspect="auto")
    _write_cells(ax, remaining, remaining, "{:.2f}")
    _name_cells(ax, rows, [name.replace(" ", "\n", 1) for name in columns])
    ax.set_title("What is left of the error (yellow: all of it)")
    return figure


def in_doubt(pictures: Mapping[str, object]) -> Figure:
    """Named close-ups of mattes (h,w), pixels drawn as squares."""
    figure, axes = new_figure(1, len(pictures), height=135)
    for ax, (name, alpha) in zip(axes, pictures.items(), strict=True):
        _alpha(ax, alpha)
        ax.set_title(name, fontsize=10)
    return figure


def doubt_in_time(evidence, answers: Mapping[str, object]) -> Figure:
    """The chance of foreground at each frame (T,), and the alpha (T,) that each named loss asks for."""
    figure, ax = new_figure(height=280)
    frames = np.arange(len(evidence))
    ax.plot(frames, evidence, "o", color=PALETTE["alpha"], label="chance that it is foreground")
    for colour, dashes, (name, alpha) in zip(COLOURS[1::-1], ("--", "-"), answers.items(), strict=False):
        ax.plot(frames, alpha, dashes, color=colour, label=name)
    ax.axhline(0.5, color="#BBBBBB", linewidth=1, zorder=0)
    ax.set(xlabel="frame", ylabel="α of the pixel", ylim=(-0.05, 1.05))
    figure.legend(loc="outside lower center", ncols=3)
    ax.set_title("Without a price on change, doubt becomes flicker")
    return figure


def _alpha(ax: Axes, alpha, title: str | None = None) -> None:
    """As in `style`, and so are the two below; but pixels stay squares, which keeps the files small."""
    style.show_alpha(ax, alpha, title).set_interpolation("nearest")


def _heat(ax: Axes, values, title: str | None = None) -> None:
    style.show_heat(ax, values, title).set_interpolation("nearest")


def _signed(ax: Axes, values, limit: float) -> None:
    style.show_signed(ax, values, limit=limit).set_interpolation("nearest")


def _row_label(ax, text: str) -> None:
    ax.text(-0.06, 0.5, text, rotation=90, ha="right", va="center", transform=ax.transAxes)


def _write_cells(ax, values, shares, form: str) -> None:
    for (row, column), value in np.ndenumerate(values):
        colour = "black" if shares[row, column] > 0.6 else "white"
        ax.text(column, row, form.format(value), ha="center", va="center", color=colour)


def _name_cells(ax, rows: Sequence[str], columns: Sequence[str]) -> None:
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
