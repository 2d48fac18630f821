"""All that was found, as a COCO file: pictures, classes and, for each instance, its run-length mask, box, area and score.

`annotations` is what COCO calls results, so `pycocotools` and labelling tools take the file. It is written as the frames come,
one instance a line, so a long video does not fill the memory; like every output under a hidden name until it is whole.

Pictures and classes have COCO's own numbers where they can (`image_ids`, `category_ids`), so that what was found in COCO's
pictures can be measured against its annotations: `COCO(annotations).loadRes(file["annotations"])`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from course_lib.data.coco_export import coco_annotations
from course_lib.video.frames import Frame
from course_lib.video.segmenting.classes import category_ids
from course_lib.video.segmenting.instance import Instance
from course_lib.video.writer import HiddenFile, Target

DIGITS = 5  # of a score
LONGEST_NUMBER = 15  # digits that every reader of JSON keeps apart; COCO's have 12


def image_ids(files: Sequence[str]) -> dict[str, int]:
    """File name → number, such as 000000123456.jpg → 123456, as COCO names its pictures. Empty unless all are named so, each
    with a number of its own: then they are counted from 1.
    """
    stems = [PurePath(file).stem for file in files]
    if not all(stem.isascii() and stem.isdecimal() and len(stem) <= LONGEST_NUMBER for stem in stems):
        return {}
    numbers = dict(zip(files, map(int, stems), strict=True))
    return numbers if len(set(numbers.values())) == len(files) else {}


class CocoFile:
    """`write` each frame, then `finish`, then `publish`; or `discard`. Trouble with the file is a CourseError.

    files: the names of all pictures that will come, if they are files.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, target: Target, source: str, names: Sequence[str], files: Sequence[str] = ()) -> None:
        self._hidden = HiddenFile(target.path)
        self._image_ids = image_ids(files)
        self._ids = category_ids(names)
        self._images: list[dict[str, Any]] = []
        self._count = 0
        categories = [{"id": number, "name": name} for number, name in zip(self._ids, names, strict=True)]
        head = {"info": {"description": f"Found by SparseInst in {source}"}, "categories": categories}
        try:
            with self._hidden.explained():
                self._file = self._hidden.path.open("w", encoding="utf-8")
                self._file.write(json.dumps(head)[:-1] + ', "annotations": [')
        except BaseException:
            self.discard()
            raise

    def write(self, frame: Frame, instances: Sequence[Instance], tracks: Sequence[int] | None) -> None:
        """One picture, or one frame of a video with the numbers of its instances' tracks."""
        index, size = len(self._images), frame.rgb.shape[:2]
        name = frame.file or f"{index:06d}.png"  # of a video: as a folder of its frames is named
        number = self._image_ids.get(name, index + 1)
        image = {"id": number, "file_name": name, "height": size[0], "width": size[1]}
        self._images.append(image if frame.file else image | {"time": round(float(frame.time), 6)})
        with self._hidden.explained():
            for place, instance in enumerate(instances):
                masks, category = instance.whole_mask(size)[None], self._ids[instance.label]
                (annotation,) = coco_annotations(masks, [category], number, self._count + 1)
                annotation["score"] = round(instance.score, DIGITS)
                if tracks is not None:
                    annotation["track_id"] = tracks[place] + 1
                self._file.write((",\n" if self._count else "\n") + json.dumps(annotation))
                self._count += 1

    def finish(self) -> None:
        with self._hidden.explained():
            self._file.write('\n], "images": ' + json.dumps(self._images) + "}\n")
            self._file.close()

    def publish(self) -> None:
        self._hidden.publish()

    def discard(self) -> None:
        if hasattr(self, "_file"):
            with contextlib.suppress(OSError):  # closing a file on a full disk complains once more
                self._file.close()
        self._hidden.remove()
