"""One run of `segment_video`: what is prepared, computed and written for each frame."""

from __future__ import annotations

import re
from collections.abc import Set
from contextlib import ExitStack
from itertools import groupby

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.instances import Detections
from course_lib.video.frames import Frame, Source
from course_lib.video.job import Job
from course_lib.video.pictures import PictureSource
from course_lib.video.segmenting.coco_file import CocoFile
from course_lib.video.segmenting.instance import Instance, instances_of
from course_lib.video.segmenting.looking import look_at
from course_lib.video.segmenting.overlay import draw_instances
from course_lib.video.segmenting.plan import SegmentPlan
from course_lib.video.segmenting.tracking import Tracker

Group = list[tuple[Frame, Tensor]]  # frames, and each at the size at which the network looks


class SegmentingJob(Job[Tensor, list[list[Instance]]]):
    """The instances of each frame, and what the plan wants to be made of them. `instances` counts them."""

    def __init__(
        self,
        source: Source,
        plan: SegmentPlan,
        model: nn.Module,
        *,
        labels: Set[int],
        threshold: float,
        side: int,
        quality: float,
        audio: bool,
        stack: ExitStack,
    ) -> None:
        super().__init__(source, stack)
        self.instances = 0
        self._model, self._labels, self._threshold = model, labels, threshold
        parameter = next(model.parameters(), torch.empty(0))
        self.device, self._dtype = parameter.device, parameter.dtype
        self._side = side
        self._written = 0
        self._tracker = Tracker() if plan.moving else None
        self._overlay = self._masks = self._coco = None
        if "overlay" in plan.targets:
            self._overlay = self.open_writer(plan.targets["overlay"], self.size, quality=quality, audio=audio)
        if "masks" in plan.targets:
            self._masks = self.open_writer(plan.targets["masks"], self.size, quality=quality)
        if "COCO file" in plan.targets:
            files = [file.name for file in source.files] if isinstance(source, PictureSource) else []
            self._coco = CocoFile(plan.targets["COCO file"], source.path.name, model.class_names, files)
            self.add_output(self._coco)

    def prepare(self, frame: Frame) -> Tensor:
        """(3, h, w) uint8, at the size at which the network looks."""
        return look_at(self._model, torch.from_numpy(frame.rgb).permute(2, 0, 1)[None], self._side)[0]

    def compute(self, group: Group) -> list[list[Instance]]:
        """In batches of one size: a picture that is padded for its neighbours would have other instances."""
        found = []
        for _, some in groupby(group, key=lambda item: (item[0].rgb.shape, item[1].shape)):
            frames, small = zip(*some, strict=True)
            batch = torch.stack(small).to(self.device)  # (T, 3, h, w)
            sizes = [frame.rgb.shape[:2] for frame in frames]
            with self.timed(self.device), torch.inference_mode():
                detections = self._predict(batch.to(self._dtype) / 255, sizes)
            found += [instances_of(one, self._labels) for one in detections]
        return found

    def write(self, group: Group, result: list[list[Instance]]) -> None:
        for (frame, _), instances in zip(group, result, strict=True):
            tracks = self._tracker(instances) if self._tracker else None
            numbers = range(len(instances)) if tracks is None else tracks
            names = self._model.class_names
            if self._overlay:
                picture = draw_instances(frame.rgb, instances, numbers, names)
                self._overlay.write(picture, frame.time, frame.name)
            if self._masks:
                picture_name = frame.name or f"{self._written:06d}"
                for instance, number in zip(instances, numbers, strict=True):
                    mask = instance.whole_mask(frame.rgb.shape[:2]).view(np.uint8) * 255
                    name = f"{picture_name}_{number + 1:02d}_{_in_file_name(names[instance.label])}"
                    self._masks.write(mask, frame.time, name)
            if self._coco:
                self._coco.write(frame, instances, tracks)
            self.instances += len(instances)
            self._written += 1

    def _predict(self, batch: Tensor, sizes: list[tuple[int, int]]) -> list[Detections]:
        try:
            return self._model.predict(batch, sizes, min_score=self._threshold)
        except ValueError as cause:
            raise CourseError(f"The network fails: {cause}. Get its weights again, or add --dtype float32.") from None


def _in_file_name(name: str) -> str:
    """ "traffic light" → "traffic_light": nothing that a file system gives a meaning."""
    return re.sub(r"[^\w-]+", "_", name)
