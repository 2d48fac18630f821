"""`segment_video` at Ctrl-C, on a disk that fills up, and on a large picture with many objects: nothing half-made is left."""

import errno
import io
import threading

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.errors import CourseError
from course_lib.instances import Detections
from tests.object_finder import ObjectFinder, read_coco, segment
from tests.video_files import names_in, picture, write_video


@pytest.mark.parametrize("at", [1, 20])
def test_interrupt_while_the_network_runs(tmp_path, at):
    source = write_video(tmp_path / "in.mp4", 60, sound="aac")
    (tmp_path / "all.json").write_text("yesterday's work")
    before = set(threading.enumerate())

    def interrupt(done, _):
        if done >= at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        segment(
            source,
            tmp_path / "out.mp4",
            masks=tmp_path / "m",
            coco=tmp_path / "all.json",
            progress=interrupt,
            chunk=1,
        )
    assert names_in(tmp_path) == {"in.mp4", "all.json"}
    assert (tmp_path / "all.json").read_text() == "yesterday's work"
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("place", ["at once", "at the end"])
def test_a_full_disk_under_the_coco_file(tmp_path, monkeypatch, place):
    """The one output that the tests of `matte_video` do not fill a disk with."""
    source = write_video(tmp_path / "in.mp4", 5)

    class Full(io.StringIO):
        def write(self, text):
            if place == "at once" or '"images"' in text:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(text)

    from course_lib.video.hidden_file import HiddenFile

    class Path(type(tmp_path)):
        def open(self, *_, **__):
            self.touch()
            return Full()

    hide = HiddenFile.__init__

    def start(self, final):
        hide(self, final)
        if final.suffix == ".json":
            self.path = Path(self.path)

    monkeypatch.setattr(HiddenFile, "__init__", start)
    with pytest.raises(CourseError, match=r"all\.json cannot be written: no space left"):
        segment(source, tmp_path / "out.mp4", masks=tmp_path / "m", coco=tmp_path / "all.json")
    assert names_in(tmp_path) == {"in.mp4"}


class Crowd(ObjectFinder):
    """A hundred small objects in rows, at the size of the picture."""

    def predict(self, images, sizes, min_score=0.0):
        ((height, width),) = sizes
        masks = torch.zeros(100, height, width, dtype=torch.bool)
        for number, mask in enumerate(masks):
            top, left = number // 10 * height // 10, number % 10 * width // 10
            mask[top : top + height // 15, left : left + width // 15] = True
        return [Detections(torch.linspace(0.5, 0.99, 100), torch.ones(100, dtype=torch.long), masks)]


def test_a_hundred_objects_on_twelve_megapixels(tmp_path):
    Image.fromarray(picture(0, 3000, 4000)).save(tmp_path / "in.jpg", quality=50)
    report = segment(tmp_path / "in.jpg", tmp_path / "out.jpg", coco=tmp_path / "all.json", model=Crowd())
    assert report.instances == 100
    assert Image.open(tmp_path / "out.jpg").size == (4000, 3000)
    _, found = read_coco(tmp_path / "all.json")
    masks = [mask for _, _, mask in found["in.jpg"]]
    assert all(np.count_nonzero(mask) == 200 * 266 for mask in masks)
    assert not np.any(masks[0] & masks[1])
