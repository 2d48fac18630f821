"""The matting equation, and what light and storage do to it.

    I = αF + (1−α)B        Porter & Duff 1984, "Compositing Digital Images" (SIGGRAPH), §3: F over B

Two backgrounds whose colours are known determine α and αF (triangulation): Smith & Blinn 1996, "Blue Screen Matting"
(SIGGRAPH), theorem 4. The sRGB curve is that of IEC 61966-2-1.

Paper, authors' code, ours: RVM is trained on composites of sRGB-coded values, so here too colours are composited as they
come; whoever wants light to add up converts with `srgb_to_linear` before and `linear_to_srgb` after. Triangulation is solved
by least squares over the three colours, and not clamped.

Everywhere colours are (…, 3, H, W), alpha (…, 1, H, W), both in [0, 1]; leading axes broadcast.
"""

import torch
from jaxtyping import Float
from torch import Tensor

SMALLEST_ALPHA = 1e-6  # below this a premultiplied colour says nothing about the straight one


def composite(
    foreground: Float[Tensor, "*f 3 H W"], background: Float[Tensor, "*b 3 H W"], alpha: Float[Tensor, "*a 1 H W"]
) -> Float[Tensor, "*out 3 H W"]:
    """αF + (1−α)B, with straight (not premultiplied) F. Porter & Duff §3."""
    return alpha * foreground + (1 - alpha) * background


def premultiply(foreground: Float[Tensor, "*f 3 H W"], alpha: Float[Tensor, "*a 1 H W"]) -> Float[Tensor, "*out 3 H W"]:
    """αF: the light that comes from the foreground. What averages correctly over pixels."""
    return alpha * foreground


def unpremultiply(
    premultiplied: Float[Tensor, "*f 3 H W"], alpha: Float[Tensor, "*a 1 H W"]
) -> Float[Tensor, "*out 3 H W"]:
    """αF → F. Where alpha is 0 there is no colour to bring back: F is 0 there."""
    return torch.where(alpha > SMALLEST_ALPHA, premultiplied / alpha.clamp(min=SMALLEST_ALPHA), 0.0)


def composite_premultiplied(
    premultiplied: Float[Tensor, "*f 3 H W"], background: Float[Tensor, "*b 3 H W"], alpha: Float[Tensor, "*a 1 H W"]
) -> Float[Tensor, "*out 3 H W"]:
    """αF + (1−α)B from αF. Porter & Duff's "over"."""
    return premultiplied + (1 - alpha) * background


def solve_foreground(
    image: Float[Tensor, "*i 3 H W"], background: Float[Tensor, "*b 3 H W"], alpha: Float[Tensor, "*a 1 H W"]
) -> Float[Tensor, "*out 3 H W"]:
    """The one F with αF + (1−α)B = I, where alpha > 0; it lies outside [0, 1] when this B and α cannot explain I."""
    return unpremultiply(image - (1 - alpha) * background, alpha)


def pixel_system(backgrounds: Float[Tensor, "K 3"] | None) -> Float[Tensor, "E U"]:
    """The linear equations of one pixel; its rank against its U columns tells how much is left open.

    None: nothing is known. Unknowns αF (3), (1−α)B (3), α (1), seen once: a 3×7 matrix, I = αF + (1−α)B.
    (K, 3): one foreground pixel is seen over K known colours B_k. Unknowns αF (3), α (1): a 3K×4 matrix,
    I_k − B_k = αF − αB_k (Smith & Blinn).
    """
    if backgrounds is None:
        identity = torch.eye(3)
        return torch.cat([identity, identity, torch.zeros(3, 1)], dim=1)  # (3, 7)
    identity = torch.eye(3, dtype=backgrounds.dtype, device=backgrounds.device).repeat(len(backgrounds), 1)  # (3K, 3)
    return torch.cat([identity, -backgrounds.reshape(-1, 1)], dim=1)  # (3K, 4)


def alpha_from_two_backgrounds(
    first_image: Float[Tensor, "*i 3 H W"],
    second_image: Float[Tensor, "*i 3 H W"],
    first_background: Float[Tensor, "*b 3 H W"],
    second_background: Float[Tensor, "*b 3 H W"],
) -> tuple[Float[Tensor, "*out 3 H W"], Float[Tensor, "*out 1 H W"]]:
    """Triangulation: the same foreground before two known backgrounds → αF (…, 3, H, W) and alpha (…, 1, H, W).

    Subtracting the two equations leaves I₁ − I₂ = (1−α)(B₁ − B₂), solved over the colours by least squares; αF is what the
    two pictures then say on average. Nothing is clamped: noise shows. Raises ValueError where the backgrounds are equal,
    for there the pictures are too, and alpha can be anything.
    """
    image_step = first_image - second_image  # (…, 3, H, W)
    background_step = first_background - second_background
    length = background_step.square().sum(dim=-3, keepdim=True)  # (…, 1, H, W)
    if bool((length == 0).any()):
        raise ValueError("the two backgrounds have the same colour somewhere; there alpha is not determined")
    alpha = 1 - (image_step * background_step).sum(dim=-3, keepdim=True) / length
    first = first_image - (1 - alpha) * first_background
    second = second_image - (1 - alpha) * second_background
    return (first + second) / 2, alpha


def srgb_to_linear(coded: Tensor) -> Tensor:
    """sRGB-coded values in [0, 1] → light, any shape (IEC 61966-2-1)."""
    return torch.where(coded <= 0.04045, coded / 12.92, ((coded.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(light: Tensor) -> Tensor:
    """Light in [0, 1] → sRGB-coded values, any shape. The inverse of `srgb_to_linear`."""
    return torch.where(light <= 0.0031308, light * 12.92, 1.055 * light.clamp(min=0.0031308) ** (1 / 2.4) - 0.055)
