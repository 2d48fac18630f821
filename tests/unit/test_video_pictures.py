"""Pictures and folders of pictures as a source."""

import numpy as np
import pytest
from PIL import Image

from course_lib.errors import CourseError
from course_lib.video.pictures import load_picture
from course_lib.video.reader import open_source
from tests.video_files import picture


def read(path, **options):
    source = open_source(path, **options)
    return source, list(source)


def test_a_folder_in_natural_order_with_names(tmp_path):
    for index in (10, 2, 1):
        Image.fromarray(picture(index)).save(tmp_path / f"shot {index}.png")
    (tmp_path / ".hidden.png").write_bytes(b"junk")
    (tmp_path / "notes.txt").write_text("junk")
    source, frames = read(tmp_path)
    assert [frame.name for frame in frames] == ["shot 1", "shot 2", "shot 10"]
    assert source.total == 3
    assert np.array_equal(frames[2].rgb, picture(10))


def test_a_folder_of_two_sizes(tmp_path):
    Image.fromarray(picture(0)).save(tmp_path / "1.png")
    Image.fromarray(picture(0, 30, 40)).save(tmp_path / "2.png")
    with pytest.raises(CourseError, match=r"2.png is 40×30.*--resize 64x48"):
        read(tmp_path)
    assert len(read(tmp_path, resize=(64, 48))[1]) == 2


def test_an_empty_folder(tmp_path):
    with pytest.raises(CourseError, match="holds no picture"):
        read(tmp_path)


def test_pictures_of_every_kind(tmp_path):
    rgb = picture(0)
    grey = rgb[..., 1]
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "grey16.png")
    Image.fromarray(np.dstack([rgb, np.full_like(grey, 128)])).save(tmp_path / "rgba.png")
    Image.fromarray(rgb).quantize(250).save(tmp_path / "palette.png")
    Image.fromarray(rgb).convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    turned = Image.fromarray(np.rot90(rgb))
    exif = turned.getexif()
    exif[0x0112] = 6  # the camera was held so that the picture must turn clockwise
    turned.save(tmp_path / "turned.png", exif=exif)
    assert np.array_equal(load_picture(tmp_path / "grey.png"), grey[..., None].repeat(3, 2))
    assert np.array_equal(load_picture(tmp_path / "grey16.png"), grey[..., None].repeat(3, 2))
    assert np.abs(load_picture(tmp_path / "rgba.png") - rgb * (128 / 255)).max() <= 0.5
    assert np.abs(load_picture(tmp_path / "palette.png").astype(int) - rgb).mean() < 3
    assert np.abs(load_picture(tmp_path / "cmyk.jpg").astype(int) - rgb).mean() < 3
    assert np.array_equal(load_picture(tmp_path / "turned.png"), rgb)
