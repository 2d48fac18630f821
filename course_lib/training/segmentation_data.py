"""Batches for the segmentation pass: other puppets, small and crowded, with binary masks.

RVM §4.1 trains the same network on segmentation data, so that it knows people in scenes that no matting data shows: clips
(YouTubeVIS) in even steps, stills (COCO, Supervisely) in odd ones. Here both come from puppets: one to four people at full
length or half, their alpha cut to 0 or 1 at one half. A still is a clip of one frame, which also
teaches the network a good first frame.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from course_lib.data.augmentation import RandomCrop
from course_lib.data.augmentation.draws import choice, integer
from course_lib.data.augmentation.segmentation import CLIPS, STILLS
from course_lib.data.backgrounds import KINDS, Kind
from course_lib.data.puppets import compose, puppet_clip
from course_lib.training.matting_data import CROP, draw_scenery, share
from course_lib.training.recipes import PassSize
from course_lib.training.streams import Seeds, seeds


@dataclass(frozen=True)
class SegmentationBatches:
    """`[step]` → frames and mask (0 or 1): (B,T,·,h,w) in even steps, as many stills (B·T,1,·,h,w) in odd ones."""

    seed: int
    shape: PassSize
    crop: RandomCrop = CROP
    kinds: tuple[Kind, ...] = KINDS
    rank: int = 0
    processes: int = 1

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        still = step % 2 == 1
        stream = "segmentation stills" if still else "segmentation clips"
        batch = self.shape.batch * (self.shape.frames if still else 1)
        length = 1 if still else self.shape.frames
        numbers = share(step, batch, self.rank, self.processes)
        samples = [self.sample(seeds(self.seed, stream, number), length) for number in numbers]
        frames, mask = (torch.stack(clips) for clips in zip(*samples, strict=True))
        frames, mask = self.crop([frames, mask], seeds(self.seed, "crops of segmentation", step).generator())
        return {"frames": frames.clamp(0, 1), "mask": (mask >= 0.5).to(mask)}

    def sample(self, address: Seeds, length: int) -> tuple[Tensor, Tensor]:
        """Frames (T,3,H,W) and mask (T,1,H,W) of one clip."""
        generator, size = address.generator(), self.shape.size
        people, framing = integer(generator, 1, 4), choice(generator, ("full", "full", "half"))
        crowd = puppet_clip(address.puppet, frames=length, height=size, width=size, people=people, framing=framing)
        scenery = draw_scenery(address, length, size, "train", self.kinds, still=True)
        scene = compose(crowd, scenery, address.composition)
        augment = STILLS if length == 1 else CLIPS
        return augment(scene.frames, (scene.alpha >= 0.5).to(scene.alpha), (size, size), generator)
