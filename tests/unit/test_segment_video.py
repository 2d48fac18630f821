"""`segment_video`: what is found is drawn, cut out and listed, to the pixel."""

import contextlib
import io
import json
from fractions import Fraction

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from course_lib.data.coco_export import coco_annotations
from course_lib.instances import SparseInst
from course_lib.video import segment_video
from course_lib.video.segmenting.overlay import TINT, colour_of
from course_lib.zoo import load_model
from tests.object_finder import ObjectFinder, read_coco, segment, square
from tests.video_files import NTSC, decode, names_in, picture, pngs, sound_of, times_of, write_pictures, write_video


def test_a_picture(tmp_path):
    Image.fromarray(picture(3)).save(tmp_path / "in.png")
    report = segment(tmp_path / "in.png", tmp_path / "out.png", masks=tmp_path / "m", coco=tmp_path / "all.json")
    assert (report.frames, report.instances) == (1, 1)
    assert report.outputs == (tmp_path / "out.png", tmp_path / "m", tmp_path / "all.json")
    mask = square(3)
    assert list(pngs(tmp_path / "m")) == ["in_01_cat"]
    assert np.array_equal(pngs(tmp_path / "m")["in_01_cat"], mask * np.uint8(255))
    content, found = read_coco(tmp_path / "all.json")
    ((name, score, listed),) = found["in.png"]
    assert (name, score) == ("cat", 0.9)
    assert np.array_equal(listed, mask)
    (one,) = content["annotations"]
    assert (one["area"], one["bbox"]) == (16 * 24, [10, 12, 16, 24])
    assert "track_id" not in one
    drawn = np.asarray(Image.open(tmp_path / "out.png")).astype(float)
    tinted = (1 - TINT) * picture(3) + TINT * np.array(colour_of(0))
    assert np.abs(drawn - tinted)[22:30, 16:20].max() <= 1  # inside, away from outline and tag
    assert np.array_equal(drawn[40:], picture(3)[40:])  # outside nothing changes


def test_a_video_keeps_times_sound_and_the_numbers_of_objects(tmp_path):
    source = write_video(tmp_path / "in.mp4", 9, rate=NTSC, sound="aac")
    report = segment(source, tmp_path / "out.mp4", masks=tmp_path / "m", coco=tmp_path / "all.json", threshold=0.2)
    assert (report.frames, report.instances) == (9, 18)
    assert times_of(tmp_path / "out.mp4") == [Fraction(i) / NTSC for i in range(9)]
    assert sound_of(tmp_path / "out.mp4")[0] == "aac"
    names = [f"{i:06d}_{suffix}" for i in range(9) for suffix in ("01_cat", "02_traffic_light")]
    assert list(pngs(tmp_path / "m")) == names
    content, found = read_coco(tmp_path / "all.json")
    assert [image["time"] for image in content["images"]] == [round(float(i / NTSC), 6) for i in range(9)]
    assert list(found) == [f"{i:06d}.png" for i in range(9)]
    tracks = {(one["category_id"], one["track_id"]) for one in content["annotations"]}
    assert tracks == {(17, 1), (10, 2)}  # COCO's numbers of cat and traffic light
    for index, entries in enumerate(found.values()):
        mask = entries[0][2]
        assert (mask != square(index)).mean() < 0.02  # H.264 is not exact
        assert np.array_equal(pngs(tmp_path / "m")[f"{index:06d}_01_cat"] > 0, mask)
    shown = decode(tmp_path / "out.mp4")[5].astype(float)
    assert np.abs(shown - picture(5))[44:, :8].max() > 20  # the left half is tinted down to its last row
    assert np.abs(shown - picture(5))[44:, 40:].mean() < 6


def test_pictures_of_a_folder_may_differ_in_size(tmp_path):
    folder = write_pictures(tmp_path / "shots", [1, 2])
    Image.fromarray(picture(7, 96, 80)).save(folder / "large.jpg", quality=98)
    model = ObjectFinder()
    report = segment(folder, tmp_path / "out", coco=tmp_path / "all.json", chunk=8, model=model)
    results = pngs(tmp_path / "out")
    assert {name: result.shape[:2] for name, result in results.items()} == {
        "shot 1": (48, 64),
        "shot 2": (48, 64),
        "large": (96, 80),
    }
    assert report.frames == 3
    content, found = read_coco(tmp_path / "all.json")
    assert set(found) == {"shot 1.png", "shot 2.png", "large.jpg"}
    assert not any("time" in image for image in content["images"])
    (entry,) = found["large.jpg"]
    assert (entry[2] != square(7, 96, 80)).mean() < 0.05  # seen at 48 pixels
    assert model.seen == [(1, 3, 58, 48), (2, 3, 48, 64)]  # batches of one size


def test_the_size_at_which_the_network_looks(tmp_path):
    Image.fromarray(picture(0, 60, 300)).save(tmp_path / "wide.png")
    for side, expected in (("auto", (13, 64)), (150, (40, 200)), (64, (17, 85))):
        model = ObjectFinder()
        segment(tmp_path / "wide.png", tmp_path / "out.png", side=side, model=model)
        assert model.seen == [(1, 3, *expected)]  # the longer side is 4/3 of it at most


def test_chunks_do_not_change_the_result(tmp_path):
    source = write_video(tmp_path / "in.mp4", 7)
    for chunk in (1, 3, 100):
        segment(source, tmp_path / f"{chunk}", coco=tmp_path / f"{chunk}.json", chunk=chunk)
    first = pngs(tmp_path / "1")
    assert len(first) == 7
    for chunk in ("3", "100"):
        other = pngs(tmp_path / chunk)
        assert all(np.array_equal(first[name], other[name]) for name in first)
        assert (tmp_path / f"{chunk}.json").read_text() == (tmp_path / "1.json").read_text()


def test_only_the_classes_that_are_asked_for(tmp_path):
    Image.fromarray(picture(0)).save(tmp_path / "in.png")
    for classes, expected in (("Cat", ["cat"]), (" traffic light ,cat", ["cat", "traffic light"])):
        segment(tmp_path / "in.png", coco=tmp_path / "all.json", classes=classes, threshold=0.1)
        _, found = read_coco(tmp_path / "all.json")
        assert [name for name, _, _ in found["in.png"]] == expected


def test_nothing_found_is_a_result(tmp_path):
    Image.fromarray(picture(0)).save(tmp_path / "in.png")
    options = {"masks": tmp_path / "m", "coco": tmp_path / "all.json"}
    report = segment(tmp_path / "in.png", tmp_path / "out.png", threshold=1, **options)
    assert report.instances == 0
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out.png")), picture(0))
    assert names_in(tmp_path / "m") == set()
    content, found = read_coco(tmp_path / "all.json")
    assert (content["annotations"], found) == ([], {"in.png": []})


def test_pycocotools_reads_the_file(tmp_path):
    from pycocotools.coco import COCO

    segment(write_pictures(tmp_path / "shots"), coco=tmp_path / "all.json", threshold=0)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(tmp_path / "all.json"))
        results = coco.loadRes(list(coco.anns.values()))
    assert sorted(coco.getCatIds(catNms=["cat", "traffic light"])) == [10, 17]
    for image in coco.loadImgs(coco.getImgIds()):
        half, cat = sorted(coco.imgToAnns[image["id"]], key=lambda one: one["category_id"])
        assert results.annToMask(half).sum() == 48 * 32
        assert np.array_equal(results.annToMask(cat), square(int(image["file_name"][5:-4])))


def test_cocos_pictures_are_measured_against_cocos_annotations(tmp_path):
    """Named by their numbers, in an order that is not that of the annotations."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    numbers = {"000000000139.png": 6, "000000000632.png": 1, "000000581781.png": 3}  # → which `picture`
    (tmp_path / "val2017").mkdir()
    for name, index in numbers.items():
        Image.fromarray(picture(index)).save(tmp_path / "val2017" / name)
    true = {
        "images": [{"id": int(name[:-4]), "file_name": name, "height": 48, "width": 64} for name in reversed(numbers)],
        "categories": [{"id": 17, "name": "cat"}, {"id": 10, "name": "traffic light"}],
        "annotations": [
            coco_annotations(square(index)[None], [17], int(name[:-4]), number)[0]
            for number, (name, index) in enumerate(numbers.items(), 1)
        ],
    }
    (tmp_path / "true.json").write_text(json.dumps(true))
    segment(tmp_path / "val2017", coco=tmp_path / "all.json")
    content, _ = read_coco(tmp_path / "all.json")
    assert [(image["id"], image["file_name"]) for image in content["images"]] == [(int(x[:-4]), x) for x in numbers]
    with contextlib.redirect_stdout(io.StringIO()):
        annotations = COCO(str(tmp_path / "true.json"))
        evaluation = COCOeval(annotations, annotations.loadRes(content["annotations"]), "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_real_network_from_a_file(tmp_path, dtype):
    torch.manual_seed(0)
    network = SparseInst(
        "mobilenetv3", "group", num_classes=5, num_masks=7, groups=2, width=16, kernel_width=8, depth=2
    )
    save_file(network.state_dict(), tmp_path / "small.safetensors")
    Image.fromarray(picture(0, 64, 80)).save(tmp_path / "in.png")
    segment_video(
        tmp_path / "in.png",
        coco=tmp_path / "all.json",
        model=tmp_path / "small.safetensors",
        side=64,
        threshold=0,
        dtype=dtype,
        progress=False,
    )
    image = torch.from_numpy(picture(0, 64, 80)).permute(2, 0, 1)[None] / 255
    (expected,) = load_model(tmp_path / "small.safetensors").predict(image)
    (expected,) = (expected[expected.scores.argsort(descending=True, stable=True)],)
    content, found = read_coco(tmp_path / "all.json")
    assert [category["name"] for category in content["categories"]] == [f"class {label}" for label in range(5)]
    assert len(found["in.png"]) == len(expected) > 0
    tolerance = 1e-5 if dtype == "float32" else 0.02
    for (_, score, mask), theirs, true in zip(found["in.png"], expected.scores, expected.masks, strict=True):
        assert score == pytest.approx(float(theirs), abs=tolerance)
        if dtype == "float32":
            assert np.array_equal(mask, true.numpy())


def test_outputs_are_named_after_the_input(tmp_path):
    folder = write_pictures(tmp_path / "shots")
    Image.fromarray(picture(0)).save(tmp_path / "face.jpg")
    assert segment(write_video(tmp_path / "in.mkv", 2)).outputs == (tmp_path / "in_segment.mp4",)
    assert segment(folder).outputs == (tmp_path / "shots_segment",)
    report = segment(tmp_path / "face.jpg")
    assert report.outputs == (tmp_path / "face_segment.png",)
    assert any("face_segment.png" in note for note in report.notes)
