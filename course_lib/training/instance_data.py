"""Batches for SparseInst: emoji scenes without end, or the pictures of a COCO-style folder, shuffled and augmented.

`[step]` is a pure function of its arguments (`streams`): a dict of frames (B,3,H,W), RGB in [0, 1], and the M objects of the
batch, picture after picture: labels (M,), masks (M,H,W) bool; counts (B,) says how many are each picture's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from course_lib.data.augmentation.draws import choice
from course_lib.data.coco import CocoFolder
from course_lib.data.emoji_scenes import emoji_scene
from course_lib.data.emoji_scenes.recipes import SceneSplit
from course_lib.data.instance_augmentation import InstanceAugmentation
from course_lib.instances.images import IMAGENET_MEAN, common_size
from course_lib.training.matting_data import share
from course_lib.training.streams import seeds

Sample = tuple[Float[Tensor, "3 h w"], Int64[Tensor, " n"], Bool[Tensor, "n h w"]]


@dataclass(frozen=True)
class EmojiBatches:
    """Scenes of one split; a batch is drawn at one of `sides`."""

    seed: int
    batch: int
    sides: tuple[int, ...]
    split: SceneSplit = "train"
    rank: int = 0
    processes: int = 1

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        side = choice(seeds(self.seed, "scene sides", step).generator(), self.sides)
        numbers = share(step, self.batch, self.rank, self.processes)
        scenes = [emoji_scene(seeds(self.seed, "scenes", number).draws, side, self.split) for number in numbers]
        return collate([(scene.image, scene.labels, scene.masks) for scene in scenes])


@dataclass(frozen=True)
class FolderBatches:
    """Pictures of a folder, each once in every round, in an order of its own each round.

    augmentation: None leaves them as they are.
    """

    seed: int
    batch: int
    folder: CocoFolder
    augmentation: InstanceAugmentation | None
    rank: int = 0
    processes: int = 1

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        return collate([self.sample(number) for number in share(step, self.batch, self.rank, self.processes)])

    def sample(self, number: int) -> Sample:
        round_, place = divmod(number, len(self.folder))
        order = torch.randperm(len(self.folder), generator=seeds(self.seed, "pictures", round_).generator())
        sample = self.folder[int(order[place])]
        target = sample.training_target()
        labels, masks = target["labels"], target["masks"]
        if self.augmentation is None:
            return sample.image, labels, masks
        generator = seeds(self.seed, "picture augmentation", number).generator()
        return self.augmentation(sample.image, labels, masks, generator)


def collate(samples: Sequence[Sample]) -> dict[str, Tensor]:
    """Pictures of any sizes as one batch, padded right and below to a multiple of 32.

    The padding is ImageNet's mean colour, which the network makes 0 of: as if it had padded them itself.
    """
    height, width = common_size([image.shape[-2:] for image, _, _ in samples])
    frames = torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1).repeat(len(samples), 1, height, width)
    for place, (image, _, _) in zip(frames, samples, strict=True):
        place[:, : image.shape[1], : image.shape[2]] = image
    masks = [F.pad(masks, (0, width - masks.shape[2], 0, height - masks.shape[1])) for _, _, masks in samples]
    return {
        "frames": frames,
        "labels": torch.cat([labels for _, labels, _ in samples]),
        "masks": torch.cat(masks),
        "counts": torch.tensor([len(labels) for _, labels, _ in samples]),
    }


def targets_of(batch: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """The objects of each picture, as the criterion takes them."""
    counts = batch["counts"].tolist()
    return [
        {"labels": labels, "masks": masks}
        for labels, masks in zip(batch["labels"].split(counts), batch["masks"].split(counts), strict=True)
    ]
