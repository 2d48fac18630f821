"""Patch-based refinement: a matte at low resolution, and full resolution only where the matte is not certain.

Lin et al. 2021, "Real-Time High-Resolution Background Matting" (BGMv2, arXiv 2012.07810), §3.2: a base network works on a
small frame and also predicts where it is wrong; the k patches with the largest predicted error are computed again at full
size. It is the alternative to a guided filter, which spreads the small matte along the frame's edges instead.

BGMv2 and ours differ, since RVM has no refiner and no error map:

- The error map is the small matte's own: α(1−α), large on soft edges, and the slope of α, large on hard ones.
- A patch is matted by the network itself, at full size, with some of the frame around it, without memory. BGMv2's refiner sees
  the clean plate, ours does not: a network that is shown a shoulder alone may not know it for a person.
- So a patch decides on details only. With ↓ the mean over factor × factor pixels and ↑ bilinear enlarging

      α = ↑a + (p − ↑↓p)         a: small matte, p: matte of the patch

  what the patch says on the large scale drops out; a patch that sees nobody (p = 0) leaves ↑a.

Work and memory are bounded: `count` patches a frame, `AT_ONCE` through the network together.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.matting.baselines.interface import Extras, Method, check_clip
from course_lib.matting.baselines.upsampling import enlarge, small_matte

AT_ONCE = 16  # patches


def uncertainty(alpha: Float[Tensor, "N 1 h w"]) -> Float[Tensor, "N 1 h w"]:
    """4α(1−α) + |∇α|: 0 where alpha is 0 or 1 all around; forward differences, 0 beyond the border."""
    down = F.pad(alpha.diff(dim=2), (0, 0, 0, 1))
    across = F.pad(alpha.diff(dim=3), (0, 1, 0, 0))
    return 4 * alpha * (1 - alpha) + (down.square() + across.square()).sqrt()


def choose_patches(
    alpha: Float[Tensor, "1 1 h w"], size: tuple[int, int], patch: int, count: int
) -> Int[Tensor, "k 2"]:
    """Top and left, in pixels of a frame of `size`, of the patches in which `uncertainty` is largest, k ≤ count.

    The frame is cut into squares of side `patch` from its top left corner. A square without any uncertainty is never chosen.
    """
    height, width = size
    rows, columns = -(-height // patch), -(-width // patch)
    doubt = F.interpolate(uncertainty(alpha), size, mode="nearest-exact")
    doubt = F.pad(doubt, (0, columns * patch - width, 0, rows * patch - height))
    mean = F.avg_pool2d(doubt, patch).flatten()  # (rows · columns,)
    best = mean.topk(min(count, len(mean)))
    chosen = best.indices[best.values > 1e-4]
    return torch.stack([chosen // columns, chosen % columns], dim=1) * patch


def patch_refinement(model: nn.Module, factor: int = 4, patch: int = 64, margin: int = 32, count: int = 16) -> Method:
    """`model` (called as RVM is) on frames reduced by `factor`, then on at most `count` patches of each frame.

    A patch is matted with `margin` pixels around it; margins are thrown away. ValueError unless patch and margin are
    multiples of factor, so that the grids of both sizes agree.
    """
    if patch % factor or margin % factor or min(factor, patch, count) < 1:
        raise ValueError(
            f"patch {patch} and margin {margin} must be multiples of factor {factor}, and count {count} ≥ 1"
        )
    base = small_matte(model, factor)

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        check_clip(frames)
        small = base(frames, extras)  # (T, 1, h, w)
        refined = [
            _refine(model, frame[None], alpha[None], factor, patch, margin, count)
            for frame, alpha in zip(frames, small, strict=True)
        ]
        return torch.cat(refined)

    return method


@torch.no_grad()
def _refine(
    model: nn.Module, frame: Tensor, small: Tensor, factor: int, patch: int, margin: int, count: int
) -> Float[Tensor, "1 1 H W"]:
    height, width = frame.shape[2:]
    alpha = enlarge(small, (height, width))
    corners = choose_patches(small, (height, width), patch, count).tolist()
    if not corners:
        return alpha
    # The border is repeated outwards, so that all patches have one size.
    below, right = -height % patch + margin, -width % patch + margin
    padded = F.pad(frame, (margin, right, margin, below), mode="replicate")
    side = patch + 2 * margin
    views = torch.cat([padded[:, :, top : top + side, left : left + side] for top, left in corners])  # (k, 3, s, s)
    mattes = torch.cat([model(some)[1] for some in views.split(AT_ONCE)])  # (k, 1, s, s)
    details = mattes - enlarge(F.avg_pool2d(mattes, factor), (side, side))
    details = details[:, :, margin : margin + patch, margin : margin + patch]
    for (top, left), detail in zip(corners, details, strict=True):
        place = alpha[:, :, top : top + patch, left : left + patch]
        place += detail[None, :, : place.shape[2], : place.shape[3]]
    return alpha.clamp(0, 1)
