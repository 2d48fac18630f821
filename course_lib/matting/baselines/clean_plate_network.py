"""The network with a clean plate (`matting.background_matting`) as a method."""

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.matting.background_matting import NEIGHBOURS, BackgroundMatting
from course_lib.matting.baselines.interface import Extras, Method, check_clip, frames_at_once, required


def clean_plate_network(network: BackgroundMatting) -> Method:
    """Needs a clean plate, which need not be exact. Long clips go through in parts that overlap, so that no frame lacks a
    neighbour that the clip has.
    """

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        check_clip(frames)
        plate = required(extras.clean_plate, "clean_plate", frames).expand_as(frames)  # (T, 3, H, W)
        model, length = network.to(frames.device), len(frames)
        step = frames_at_once(frames)
        alphas = []
        with torch.no_grad():
            for start in range(0, length, step):
                first, end = max(0, start - NEIGHBOURS), min(length, start + step + NEIGHBOURS)
                _, alpha = model(frames[None, first:end], plate[None, first:end])
                alphas.append(alpha[0, start - first : start - first + step])
        return torch.cat(alphas)[:length]

    return method
