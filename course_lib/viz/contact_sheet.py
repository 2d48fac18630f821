"""The demo at one glance: some frames of a video × what goes in, what comes out, what the network remembers."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure

from course_lib.viz.style import new_figure, show_alpha, show_image, show_signed


def contact_sheet(
    frames: Sequence[UInt8[np.ndarray, "H W 3"]],
    alphas: Sequence[UInt8[np.ndarray, "H W"]],
    states: Sequence[Float[np.ndarray, "h w"]],
    composites: Sequence[Sequence[UInt8[np.ndarray, "H W 3"]]],
    names: Sequence[str],
    times: Sequence[float],
) -> Figure:
    """One row per frame: input, alpha, one channel of the hidden state, and the composite over each background.

    composites[i][k] is frame i over the background names[k]; times are in seconds.
    """
    height, width = frames[0].shape[:2]
    columns = 3 + len(names)
    cell = 1000 // columns
    figure, axes = new_figure(
        len(frames), columns, width=1000, height=round(len(frames) * cell * height / width) + 40, squeeze=False
    )
    for row, axis in enumerate(axes):
        show_image(axis[0], frames[row])
        show_alpha(axis[1], alphas[row] / 255)
        show_signed(axis[2], states[row], limit=1)  # a GRU's state lies in (−1, 1)
        for axis_k, composite in zip(axis[3:], composites[row], strict=True):
            show_image(axis_k, composite)
        axis[0].text(4, 4, f"{times[row]:.1f} s", color="white", va="top", size=9, bbox={"color": "black", "pad": 1.5})
    for axis, title in zip(axes[0], ["input", "alpha", "hidden state", *names], strict=True):
        axis.set_title(title)
    return figure


def telling_channel(state: Float[np.ndarray, "C h w"]) -> int:
    """The channel with the largest variance over the picture: the one that shows most."""
    return int(state.reshape(len(state), -1).var(axis=1).argmax())
