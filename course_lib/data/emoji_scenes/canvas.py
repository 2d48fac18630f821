"""A picture that things are laid on, one over the other, and what can be seen of each: exact masks, whatever hides what.

Porter & Duff's "over" for thing k with premultiplied colour C_k and alpha a_k, laid on after all before it:

    I ← C_k + (1 − a_k)·I          visible alpha of k:  v_k = a_k · Π_{j > k} (1 − a_j)

A pixel belongs to k where v_k > 1/2. The v of a pixel add up to at most 1, so it has one owner at most, and v only shrinks as
more is laid on: it is enough to know for each pixel the last owner and its v. Whoever needs every v asks for `alphas`.
"""

import cv2
import numpy as np
from jaxtyping import Bool, Float, UInt8

NOBODY = -1
FEWEST = 10  # pixels that must show of a thing
SHOWN = 0.3  # share of a thing's own pixels in the picture that must stay visible


class Canvas:
    """Things laid on a background (H, W, 3), in place. Their numbers are the order in which `lay` took them.

    alphas: with `soft`, v of each thing (H, W), for a picture's size of memory each.
    """

    def __init__(self, background: Float[np.ndarray, "H W 3"], soft: bool = False):
        height, width = background.shape[:2]
        self.picture = np.ascontiguousarray(background, dtype=np.float32)
        self.owner = np.full((height, width), NOBODY, np.int16)
        self.share = np.zeros((height, width), np.float32)  # v of the owner; below 1/2 where nobody is
        self.areas: list[int] = []  # pixels of each thing in the picture, hidden ones too
        self.visible: list[int] = []  # pixels of each that can be seen now
        self.alphas: list[Float[np.ndarray, "H W"]] | None = [] if soft else None

    def lay(
        self,
        levels: tuple[UInt8[np.ndarray, "_ _ 4"], ...],
        matrix: Float[np.ndarray, "2 3"],
        colour: Float[np.ndarray, "4 4"] | None = None,
        shadow: "Shadow | None" = None,
        always: bool = False,
    ) -> bool:
        """Lay a thing on top; False, and nothing changes, where too little of it or of what lies below it would show.

        `matrix` takes pixels of `levels[0]` to the picture's; `colour` acts on premultiplied RGBA. `always`: whatever it hides.
        """
        place, pixels = warp(levels, matrix, self.owner.shape)
        pixels = pixels.astype(np.float32) * np.float32(1 / 255)
        alpha = pixels[..., 3]
        mine = alpha > 0.5
        area = int(np.count_nonzero(mine))
        owner, share = self.owner[place], self.share[place]
        left = share * (1 - alpha)
        lost = (owner != NOBODY) & (left <= 0.5)
        loss = np.bincount(owner[lost], minlength=len(self.areas))
        rest = np.array(self.visible, np.int64) - loss
        hides = (loss > 0) & (rest < np.maximum(SHOWN * np.array(self.areas), FEWEST))
        if not always and (area < FEWEST or hides.any()):
            return False
        if shadow is not None:
            shadow.cast(self.picture, levels, matrix)
        if colour is not None:
            pixels = cv2.transform(pixels, colour)
            np.clip(pixels[..., :3], 0, alpha[..., None], out=pixels[..., :3])
        self.picture[place] *= (1 - alpha)[..., None]
        self.picture[place] += pixels[..., :3]
        owner[lost] = NOBODY
        owner[mine] = len(self.areas)
        self.share[place] = np.where(mine, alpha, left)
        if self.alphas is not None:
            for below in self.alphas:
                below[place] *= 1 - alpha
            self.alphas.append(np.zeros_like(self.share))
            self.alphas[-1][place] = alpha
        self.visible = [*rest.tolist(), area]
        self.areas.append(area)
        return True

    def masks(self) -> Bool[np.ndarray, "n H W"]:
        """What can be seen of each thing."""
        return self.owner == np.arange(len(self.areas), dtype=np.int16)[:, None, None]


class Shadow:
    """A soft darkening of what lies below a thing: its alpha moved by `matrix`, blurred by `sigma` pixels, times `strength`.

    `matrix` (2, 3) acts on the picture's pixels, after the thing's own.
    """

    def __init__(self, matrix: Float[np.ndarray, "2 3"], sigma: float, strength: float):
        self.matrix, self.sigma, self.strength = matrix, sigma, strength

    def cast(
        self, picture: Float[np.ndarray, "H W 3"], levels: tuple[UInt8[np.ndarray, "_ _ 4"], ...], matrix: np.ndarray
    ) -> None:
        """Darken `picture` in place."""
        linear = self.matrix[:, :2]
        moved = np.column_stack([linear @ matrix[:, :2], linear @ matrix[:, 2] + self.matrix[:, 2]])
        margin = int(np.ceil(2.5 * self.sigma))
        place, alpha = warp(tuple(level[..., 3] for level in levels), moved, picture.shape[:2], margin)
        side = 2 * max(1, round(self.sigma)) + 1
        for _ in range(2):  # twice a box is nearly a Gaussian, and far faster
            alpha = cv2.blur(alpha, (side, side), borderType=cv2.BORDER_CONSTANT)
        picture[place] *= (1 - alpha * np.float32(self.strength / 255))[..., None]


def warp(
    levels: tuple[UInt8[np.ndarray, "..."], ...],
    matrix: Float[np.ndarray, "2 3"],
    size: tuple[int, int],
    margin: int = 0,
) -> tuple[tuple[slice, slice], UInt8[np.ndarray, "..."]]:
    """A thing under `matrix`, as (its rectangle of the picture, its pixels there): one pixel at least, even if it is outside.

    Read from the smallest of `levels` that need not be enlarged, so that nothing aliases.
    """
    height, width = levels[0].shape[:2]
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    level = min(max(0, int(np.floor(-np.log2(max(scale, 1e-6))))), len(levels) - 1)
    corners = matrix[:, :2] @ np.array([[0, width, width, 0], [0, 0, height, height]]) + matrix[:, 2:]
    left, top = np.clip(np.floor(corners.min(1)).astype(int) - margin, 0, np.array(size[::-1]) - 1).tolist()
    right, bottom = np.clip(np.ceil(corners.max(1)).astype(int) + margin, (left + 1, top + 1), size[::-1]).tolist()
    source = levels[level]
    linear = matrix[:, :2] * (width / source.shape[1], height / source.shape[0])  # its columns: x and y of the source
    # pixel centres lie at +0.5 in our coordinates and at integers in OpenCV's
    shift = matrix[:, 2] + linear @ (0.5, 0.5) - 0.5 - (left, top)
    moved = cv2.warpAffine(source, np.column_stack([linear, shift]), (right - left, bottom - top))
    return (slice(top, bottom), slice(left, right)), moved
