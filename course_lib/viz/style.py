"""The one look of the book: colours, type, sizes, and how a picture, a matte and transparency are drawn.

Figures are 700 px wide at 100 dots per inch and have an opaque white face, so they read in light and in dark
pages. Colours are those of Okabe and Ito, "Color Universal Design" (2008), which people with any of the common
colour deficiencies can tell apart. Nothing here imports torch; tensors are accepted wherever arrays are.
"""

from __future__ import annotations

import io
import sys

import matplotlib as mpl
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from PIL import Image

WIDTH = 700  # px: the text column of the built book
DPI = 100

PALETTE = {
    "foreground": "#D55E00",  # vermilion
    "background": "#0072B2",  # blue
    "alpha": "#7A7A7A",  # grey, as every matte is drawn
    "hidden state": "#CC79A7",  # purple
    "ours": "#009E73",  # green
    "reference": "#000000",  # black: paper, authors' code, ground truth
    "other": "#E69F00",  # orange: a second method beside ours
    "input": "#56B4E9",  # sky blue
}

_RC = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.transparent": False,
    "axes.facecolor": "white",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "mathtext.fontset": "dejavusans",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "figure.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": "#DDDDDD",
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "image.cmap": "gray",
    "image.interpolation": "antialiased",
    "axes.prop_cycle": mpl.cycler(
        color=[PALETTE[role] for role in ("ours", "foreground", "background", "hidden state", "other", "input")]
    ),
}

COLOURS = 256  # of a stored figure: less than half of the file, and no step that the eye sees


def apply_style() -> None:
    """Set the look for this process and, inside a notebook, how figures become PNGs. Safe to call again."""
    mpl.rcParams.update(_RC)
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return
    from matplotlib_inline.config import InlineBackend

    InlineBackend.instance(parent=shell).figure_formats = set()  # read where a cell imports pyplot: it adds no format
    shell.display_formatter.formatters["image/png"].for_type(Figure, figure_png)


def figure_png(figure: Figure) -> bytes:
    """A figure as it stands in a notebook: its exact size, not cropped to the ink; the same figure gives the same bytes.

    Its colours are those of an octree over the pixels (Gervautz & Purgathofer 1988), which hardly moves when a few pixels do,
    as on another processor. The page stays white.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    picture = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = np.asarray(picture.getpalette("RGB"), dtype=np.uint8).reshape(-1, 3)
    lightest = palette.sum(1, dtype=int).argmax()
    if palette[lightest].min() > 240:  # the mean of all that is nearly white
        palette[lightest] = 255
    picture.putpalette(palette.tobytes(), "RGB")
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def new_figure(rows: int = 1, cols: int = 1, *, height: int = 280, width: int = WIDTH, **subplots):
    """Return `(figure, axes)` like `plt.subplots`, but of exactly `width` × `height` pixels and outside pyplot.

    A figure outside pyplot is drawn once, as the value of its cell, and never leaks memory. Extra keywords go to
    `Figure.subplots` (`sharey=True`, `width_ratios=(2, 1)`, `squeeze=False`, …).
    """
    apply_style()
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, layout="constrained")
    return figure, figure.subplots(rows, cols, **subplots)


def as_picture(image) -> Float[np.ndarray, "H W 3"]:
    """Bring an image (3,H,W) or (H,W,3), array or tensor, floats in [0,1] (clipped) or uint8, to (H,W,3) floats."""
    array = _as_array(image)
    if array.ndim == 3 and array.shape[0] == 3:
        array = array.transpose(1, 2, 0)
    if array.ndim != 3 or array.shape[2] != 3:
        raise ValueError(f"An image has shape (3, H, W) or (H, W, 3), not {tuple(array.shape)}.")
    if array.dtype == np.uint8:
        array = array / 255
    return array.astype(np.float32).clip(0, 1)


def as_matte(alpha) -> Float[np.ndarray, "H W"]:
    """Bring a matte (H,W) or (1,H,W), array or tensor, to (H,W) floats, unclipped."""
    array = _as_array(alpha)
    if array.ndim == 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 2:
        raise ValueError(f"A matte has shape (H, W) or (1, H, W), not {tuple(array.shape)}.")
    return array.astype(np.float32)


def show_image(ax: Axes, image, title: str | None = None) -> AxesImage:
    """Draw an RGB image, see `as_picture`, without ticks."""
    return _bare(ax, ax.imshow(as_picture(image)), title)


def show_alpha(ax: Axes, alpha, title: str | None = None) -> AxesImage:
    """Draw a matte in grey, black = 0 and white = 1 always, so that two mattes can be compared by eye.

    A thin frame says where it ends: where it is white, so is the page.
    """
    artist = _bare(ax, ax.imshow(as_matte(alpha), cmap="gray", vmin=0, vmax=1), title)
    height, width = artist.get_array().shape
    ax.add_patch(Rectangle((-0.5, -0.5), width, height, fill=False, edgecolor="#BBBBBB", linewidth=0.8, clip_on=False))
    return artist


def show_signed(ax: Axes, values, title: str | None = None, limit: float | None = None) -> AxesImage:
    """Draw a map (H,W) of either sign (a hidden state, a difference): blue < 0, white = 0, red > 0.

    `limit` is the value of full colour; by default the largest magnitude in the map.
    """
    array = as_matte(values)
    limit = float(np.abs(array).max()) or 1.0 if limit is None else limit
    return _bare(ax, ax.imshow(array, cmap="RdBu_r", vmin=-limit, vmax=limit), title)


def show_heat(ax: Axes, values, title: str | None = None, limit: float | None = None) -> AxesImage:
    """Draw a map (H,W) of values ≥ 0 (an error, a gate, an activation), dark = 0, yellow = `limit` (its maximum)."""
    array = as_matte(values)
    limit = float(array.max()) or 1.0 if limit is None else limit
    return _bare(ax, ax.imshow(array, cmap="viridis", vmin=0, vmax=limit), title)


def checkerboard(height: int, width: int, size: int = 8) -> Float[np.ndarray, "3 H W"]:
    """The grey board that stands for transparency, squares of `size` pixels."""
    rows, cols = np.indices((height, width)) // size
    board = np.where((rows + cols) % 2 == 0, 0.92, 0.72).astype(np.float32)
    return np.repeat(board[None], 3, axis=0)


def over_checkerboard(foreground, alpha, size: int = 8) -> Float[np.ndarray, "3 H W"]:
    """αF + (1−α)B with the checkerboard as B: how the book draws a cut-out."""
    picture = as_picture(foreground).transpose(2, 0, 1)
    matte = as_matte(alpha).clip(0, 1)
    if picture.shape[1:] != matte.shape:
        raise ValueError(f"Foreground {picture.shape[1:]} and alpha {matte.shape} (height, width) differ.")
    return matte * picture + (1 - matte) * checkerboard(*matte.shape, size)


def _as_array(values) -> np.ndarray:
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    return np.asarray(values)


def _bare(ax: Axes, artist: AxesImage, title: str | None) -> AxesImage:
    ax.set_axis_off()
    if title:
        ax.set_title(title)
    return artist
