"""A puppet clip in front of a background, in the order in which a camera sees it.

1. the camera moves over the background as it moved over the people (which were drawn under it), smeared while the
   shutter is open;
2. the light changes: a factor on foreground and background alike;
3. now and then the lens blurs: premultiplied foreground, alpha and background alike, so that softness gives nobody
   away;
4. I = αF + (1−α)B, in sRGB-coded values as the paper composites;
5. sensor noise, then compression, on I alone.

Up to step 4 the equation holds exactly for what is returned.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data.puppets.clip import PuppetClip, stream_seed
from course_lib.data.puppets.colour_fill import straight_colour
from course_lib.data.puppets.sensor import add_noise, compress
from course_lib.errors import CourseError

OVERSCAN = 1.25  # a still background is cut this much larger than the picture, for the camera to move over


@dataclass(frozen=True)
class Composite:
    """`frames` is what the camera delivers; `clean` the same before noise and compression: αF + (1−α)B of the other
    three.
    """

    frames: Float[Tensor, "T 3 H W"]
    clean: Float[Tensor, "T 3 H W"]
    foreground: Float[Tensor, "T 3 H W"]
    alpha: Float[Tensor, "T 1 H W"]
    background: Float[Tensor, "T 3 H W"]
    info: dict


def compose(
    clip: PuppetClip, background: Float[Tensor, "3 h w"] | Float[Tensor, "T 3 h w"], seed: int, *, degrade: bool = True
) -> Composite:
    """Puts a clip before `background` in [0, 1]: a still picture of any size, over which the clip's camera moves, or
    as many moving frames, which
    have a camera of their own and are only resized. `seed` draws the crop, blur, noise and compression;
    `degrade=False` leaves out steps 3 and 5.

    Raises CourseError if a moving background has another number of frames, or channels.
    """
    frames, _, height, width = clip.foreground.shape
    if background.ndim not in (3, 4) or background.shape[-3] != 3:
        raise CourseError(f"A background is (3, h, w) or (T, 3, h, w), not {tuple(background.shape)}.")
    if background.ndim == 4 and len(background) != frames:
        raise CourseError(
            f"The background has {len(background)} frames and the clip {frames}: pass as many, or a still picture."
        )
    rng = np.random.default_rng([seed, stream_seed(clip.info["seed"], clip.info["split"])])
    pixels = np.ascontiguousarray(np.moveaxis(background.numpy().astype(np.float32, copy=False), -3, -1))
    if background.ndim == 4:
        behind = np.stack([_cover(frame, height, width) for frame in pixels])
    else:
        behind = _move_over(pixels, clip, rng)
    front = _channels_last(clip.foreground)
    alpha = _channels_last(clip.alpha)
    light = clip.light.numpy()[:, None, None]
    front, behind = np.clip(front * light, 0, 1), np.clip(behind * light, 0, 1)
    softness = float(rng.choice([0, 0, 0, 0, 0.6, 1.2])) * height / 256
    quality = int(rng.choice([0, 40, 60, 80, 90]))
    read, shot = rng.uniform(0, 0.02), rng.uniform(0, 0.03)
    if degrade and softness:
        front, alpha, behind = _defocus(front, alpha, behind, softness)
    clean = alpha * front + (1 - alpha) * behind
    seen = clean
    if degrade:
        seen = add_noise(clean, rng, read, shot)
        seen = compress(seen, quality) if quality else seen
    info = {"degraded": degrade, "softness": softness, "read_noise": read, "shot_noise": shot, "jpeg_quality": quality}
    return Composite(*(_channels_first(a) for a in (seen, clean, front, alpha, behind)), info)


def _move_over(picture: np.ndarray, clip: PuppetClip, rng: np.random.Generator) -> np.ndarray:
    """(T, H, W, 3): the clip's camera on a still picture (h, w, 3), of which a random part fills the view."""
    frames, _, height, width = clip.foreground.shape
    tall, wide = picture.shape[:2]
    share = min(tall / height, wide / width) / OVERSCAN * rng.uniform(0.6, 1.0)  # picture's pixels per pixel of a frame
    if share > 1:  # reduce first, or moving it would alias
        picture = cv2.resize(picture, (round(wide / share), round(tall / share)), interpolation=cv2.INTER_AREA)
        share = 1.0
    room = np.array(picture.shape[1::-1]) - np.array([width, height]) * share
    corner = np.clip(room * rng.uniform(0.1, 0.9, 2), 0, None)
    to_picture = np.array([[share, 0, corner[0]], [0, share, corner[1]], [0, 0, 1.0]])
    cameras = np.concatenate([clip.camera.numpy(), np.tile([[[0, 0, 1.0]]], (frames, 1, 1))], axis=1)
    shutter, out = clip.info["shutter"], np.empty((frames, height, width, 3), np.float32)
    for k in range(frames):
        step = cameras[min(k + 1, frames - 1)] - cameras[min(k, frames - 2)] if frames > 1 else np.zeros((3, 3))
        travel = shutter * (np.abs(step[:2, 2]).max() + np.abs(step[:2, :2]).max() * width / 2)
        count = int(np.clip(np.ceil(travel / 1.5), 1, 5))
        out[k] = 0
        for moment in (np.arange(count) + 0.5) / count * shutter:
            matrix = to_picture @ np.linalg.inv(cameras[k] + moment * step)
            matrix[:2, 2] += matrix[:2, :2] @ [0.5, 0.5] - 0.5  # our pixel centres lie at +0.5
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            out[k] += cv2.warpAffine(
                picture, matrix[:2], (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT_101
            )
        out[k] /= count
    return np.clip(out, 0, 1)


def _cover(frame: np.ndarray, height: int, width: int) -> np.ndarray:
    """The middle of a frame (h, w, 3), scaled so that it fills (height, width, 3)."""
    if frame.shape[:2] == (height, width):
        return frame
    factor = max(height / frame.shape[0], width / frame.shape[1])
    size = (max(width, round(frame.shape[1] * factor)), max(height, round(frame.shape[0] * factor)))
    scaled = cv2.resize(frame, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    top, left = (scaled.shape[0] - height) // 2, (scaled.shape[1] - width) // 2
    return scaled[top : top + height, left : left + width]


def _defocus(front: np.ndarray, alpha: np.ndarray, behind: np.ndarray, sigma: float) -> tuple[np.ndarray, ...]:
    """All three under one Gaussian: premultiplied light averages, straight colours do not."""
    front, alpha, behind = front.copy(), alpha.copy(), behind.copy()
    for k in range(len(front)):
        premultiplied = np.concatenate([front[k] * alpha[k], alpha[k]], axis=-1)
        blurred = np.clip(cv2.GaussianBlur(premultiplied, (0, 0), sigma), 0, 1)
        front[k], alpha[k] = straight_colour(blurred), blurred[..., 3:]
        behind[k] = cv2.GaussianBlur(behind[k], (0, 0), sigma)
    return front, alpha, behind


def _channels_last(tensor: Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.permute(0, 2, 3, 1).numpy())


def _channels_first(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array).permute(0, 3, 1, 2).contiguous()
