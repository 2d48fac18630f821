"""Matting from a trimap: alpha is known on most pixels and spreads to the unknown ones. Two linear systems, by pymatting.

Both minimise αᵀLα + λ Σ_known (α − trimap)². They differ in who is whose neighbour, that is in the Laplacian L:

- `closed_form`: Levin, Lischinski & Weiss 2008, "A Closed-Form Solution to Natural Image Matting" (PAMI 30.2), eq. 5. In
  each 3×3 window colours lie on a line, so alpha is an affine function of colour.
- `knn`: Chen, Li & Tang 2013, "KNN Matting" (PAMI 35.9), §3. Neighbours are the pixels nearest in colour and place, at any
  distance.

Paper, pymatting, ours: the KNN paper's features are HSV and place with a soft kernel; pymatting's RGB and place, all weights 1,
20 neighbours that are near in place and 10 that need not be. Ours adds only what a clip needs: a frame whose trimap knows one
side alone has a constant as its solution, where pymatting raises.

pymatting is imported where it is used: its first import compiles for most of a minute.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from torch import Tensor

from course_lib.matting.baselines.interface import Extras, as_alpha, as_pixels, check_clip, required
from course_lib.matting.baselines.numba_threads import torch_threads_kept

# The solver's preconditioner is tried with these shifts of the diagonal, in order. pymatting starts at 0, which fails on
# smooth pictures with a printed warning; the solution is the same.
SHIFTS = (1e-3, 1e-2, 0.1, 1.0, 10.0)


@torch_threads_kept()
def closed_form(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
    """Needs a trimap. A third of a second for a frame of 256×256 pixels. ValueError where a frame's trimap knows nothing."""
    from pymatting import estimate_alpha_cf
    from pymatting.preconditioner.ichol import ichol

    return _each_frame(
        frames, extras, lambda image, trimap: estimate_alpha_cf(image, trimap, lambda A: ichol(A, shifts=SHIFTS))
    )


@torch_threads_kept()
def knn(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
    """Needs a trimap. A second for a frame of 256×256 pixels. ValueError where a frame's trimap knows nothing."""
    from pymatting import estimate_alpha_knn

    return _each_frame(frames, extras, estimate_alpha_knn)


def _each_frame(
    frames: Tensor, extras: Extras, solve: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> Float[Tensor, "T 1 H W"]:
    check_clip(frames)
    trimaps = required(extras.trimap, "trimap", frames)
    mattes = []
    for number, (frame, trimap) in enumerate(zip(frames, trimaps[:, 0].double().cpu().numpy(), strict=True)):
        known = {value for value in (0.0, 1.0) if (trimap == value).any()}
        if not known:
            raise ValueError(f"the trimap of frame {number} is 0 or 1 nowhere: some pixels have to be known")
        if len(known) == 1:
            mattes.append(np.full_like(trimap, known.pop()))
        elif np.isin(trimap, (0.0, 1.0)).all():
            mattes.append(trimap)
        else:
            mattes.append(solve(as_pixels(frame), trimap))
    return as_alpha(mattes, frames)
