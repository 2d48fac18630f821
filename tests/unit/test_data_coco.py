"""COCO's format, in and out: run-length codes equal pycocotools', polygons are filled by a rule, faults are named."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.data import coco_export
from course_lib.data.coco import CocoFolder, read_coco
from course_lib.data.coco_export import coco_annotations, export_coco, mask_box
from course_lib.data.coco_layout import find_layout, read_index
from course_lib.data.coco_polygons import polygons_to_mask
from course_lib.data.coco_rle import compress, decode_rle, decompress, encode_rle
from course_lib.data.emoji_scenes import CLASS_NAMES, COCO_IDS, EmojiScene, Thing
from course_lib.errors import CourseError

HEIGHT, WIDTH = 30, 40
SQUARE = [[5, 5, 15, 5, 15, 20, 5, 20]]


def random_masks(count: int):
    """Noise and blobs of many sizes; all and nothing."""
    rng = np.random.default_rng(0)
    yield np.zeros((7, 5), bool)
    yield np.ones((5, 7), bool)
    yield np.eye(1, dtype=bool)
    for _ in range(count):
        height, width = rng.integers(1, 60, 2)
        y, x = np.indices((height, width))
        blob = np.hypot(y - rng.uniform(0, height), x - rng.uniform(0, width)) < rng.uniform(1, 30)
        yield blob ^ (rng.random((height, width)) < rng.choice([0, 0.02, 0.5]))


def test_run_length_codes_equal_pycocotools():
    from pycocotools import mask as oracle

    for mask in random_masks(60):
        code = encode_rle(mask)
        theirs = oracle.encode(np.asfortranarray(mask.astype(np.uint8)))
        assert code == {"size": list(mask.shape), "counts": theirs["counts"].decode("ascii")}
        for counts in (code["counts"], theirs["counts"], decompress(code["counts"])):
            np.testing.assert_array_equal(decode_rle({"size": mask.shape, "counts": counts}), mask)


def test_a_run_length_code_by_hand():
    mask = np.array([[0, 1, 1], [1, 1, 0]], bool)  # by columns: 0 1 | 1 1 | 1 0
    assert decompress(encode_rle(mask)["counts"]) == [1, 4, 1]
    assert encode_rle(mask)["counts"] == "141"
    assert compress([0, 100, 3, 90, 40]) == "0T33F" + compress([0, 0, 0, 37])[3:]  # 100 = 4 + 3·32; then −10 and 37


def test_damaged_run_length_codes_are_refused():
    good = encode_rle(np.eye(6, dtype=bool))
    for counts, message in (
        ([3, 4], "cover 7 pixels and not 6×6 = 36"),
        ([40, -4], "cover 36 pixels"),
        ("é" + good["counts"], "'é', which is no letter"),
        (good["counts"] + "Q", "ends within a number"),
        ("Q" * 20, "without an end"),
    ):
        with pytest.raises(ValueError, match=message):
            decode_rle({"size": [6, 6], "counts": counts})


def inside(x: float, y: float, corners: np.ndarray) -> bool:
    """Brute force, the even–odd rule: how many edges a ray to the left meets."""
    odd = False
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if (y0 > y) != (y1 > y) and x > x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            odd = not odd
    return odd


def test_polygons_hold_the_pixels_whose_centres_they_hold():
    rng = np.random.default_rng(1)
    for count in (3, 3, 4, 7, 20):  # they cross themselves, and reach out of the picture
        corners = rng.uniform(-8, 40, (count, 2))
        expected = [[inside(x + 0.5, y + 0.5, corners) for x in range(28)] for y in range(25)]
        np.testing.assert_array_equal(polygons_to_mask([corners.ravel().tolist()], 25, 28), expected)


def test_a_rectangle_on_whole_pixels_has_its_area_and_parts_are_joined():
    mask = polygons_to_mask([[2, 1, 6, 1, 6, 4, 2, 4]], 8, 9)
    expected = np.zeros((8, 9), bool)
    expected[1:4, 2:6] = True
    np.testing.assert_array_equal(mask, expected)
    both = polygons_to_mask([[2, 1, 6, 1, 6, 4, 2, 4], [4, 2, 9, 2, 9, 7, 4, 7]], 8, 9)
    expected[2:7, 4:9] = True
    np.testing.assert_array_equal(both, expected)


def test_polygons_differ_from_pycocotools_on_the_outline_only():
    from pycocotools import mask as oracle

    rng = np.random.default_rng(2)
    for _ in range(20):
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        corners = 40 + rng.uniform(15, 30, 9)[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
        ours = polygons_to_mask([corners.ravel().tolist()], 80, 80)
        theirs = oracle.decode(oracle.frPyObjects([corners.ravel().tolist()], 80, 80))[..., 0].astype(bool)
        assert (ours & theirs).sum() / (ours | theirs).sum() > 0.96


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        ([1, 2, 3, 4], "at least 3 corners, not 2"),
        ([1, 2, 3, 4, 5, 6, 7], "x and y in turn"),
        ([1, 2, 3, 4, 5, float("nan")], "finite"),
        (["a"] * 6, "list of numbers"),
    ],
)
def test_what_is_no_polygon_is_refused(polygon, message):
    with pytest.raises(ValueError, match=message):
        polygons_to_mask([polygon], 9, 9)


def write(folder, file="instances.json", pictures="images", **changes):
    """A small set: polygon, two codes, a crowd; gaps in the category numbers; a picture without annotations."""
    crowd = np.zeros((HEIGHT, WIDTH), bool)
    crowd[20:, 20:] = True
    content = {
        "images": [{"id": 7 + k, "file_name": f"{k}.png", "height": HEIGHT, "width": WIDTH} for k in range(2)],
        "categories": [{"id": 44, "name": "bottle"}, {"id": 3, "name": "car"}],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 44, "segmentation": SQUARE, "area": 149.5, "iscrowd": 0},
            {"id": 2, "image_id": 7, "category_id": 3, "segmentation": encode_rle(crowd[::-1])},
            {"id": 9, "image_id": 7, "category_id": 3, "iscrowd": 1,
             "segmentation": {"size": [HEIGHT, WIDTH], "counts": decompress(encode_rle(crowd)["counts"])}},
        ],
    } | changes  # fmt: skip
    (folder / pictures).mkdir(parents=True, exist_ok=True)
    for k in range(2):
        Image.new("RGB", (WIDTH, HEIGHT), (255, 51 * k, 0)).save(folder / pictures / f"{k}.png")
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(json.dumps(content), "utf-8")
    return content


def test_polygons_codes_crowds_gaps_and_pictures_without_annotations_are_read(tmp_path):
    content = write(tmp_path)
    data = read_coco(tmp_path)
    assert isinstance(data, CocoFolder)
    assert len(data) == 2
    assert data.class_names == ("car", "bottle")
    assert data.category_ids == (3, 44)
    sample, empty = data
    assert sample.image.shape == (3, HEIGHT, WIDTH)
    torch.testing.assert_close(empty.image[:, 3, 3], torch.tensor([1, 0.2, 0]))
    assert sample.labels.tolist() == [1, 0, 0]
    assert sample.crowd.tolist() == [False, False, True]
    assert sample.areas.tolist() == [149.5, 200, 200]  # the file's, else the mask's
    assert sample.masks.sum((1, 2)).tolist() == [150, 200, 200]
    assert sample.masks[0, 5:20, 5:15].all()
    assert sample.masks[1, :10, 20:].all()
    assert sample.masks[2, 20:, 20:].all()
    assert sample.image_id == content["images"][0]["id"]
    assert set(sample.target()) == {"labels", "masks", "area", "crowd"}
    assert sample.training_target()["labels"].tolist() == [1, 0]
    assert empty.masks.shape == (0, HEIGHT, WIDTH)
    assert empty.labels.dtype == torch.int64
    assert empty.training_target()["masks"].shape == (0, HEIGHT, WIDTH)
    assert data.notes == ()


def test_the_masks_equal_those_of_pycocotools_itself(tmp_path, capsys):
    from pycocotools.coco import COCO

    write(tmp_path)
    oracle = COCO(str(tmp_path / "instances.json"))
    for annotation, mask in zip(oracle.loadAnns(oracle.getAnnIds(7)), read_coco(tmp_path)[0].masks, strict=True):
        np.testing.assert_array_equal(oracle.annToMask(annotation), mask.numpy())


def test_classes_of_a_network_are_found_by_name(tmp_path):
    write(tmp_path)
    data = read_coco(tmp_path, class_names=("bottle", "cat", "car"))
    assert data[0].labels.tolist() == [0, 2, 2]
    assert data.category_ids == (44, -1, 3)
    with pytest.raises(CourseError, match=r"classes that the network does not know: car.*It knows: bottle, cat"):
        read_coco(tmp_path, class_names=("bottle", "cat"))


@pytest.mark.parametrize(
    ("file", "pictures", "split"),
    [
        ("annotations/instances_train2017.json", "train2017", "train"),
        ("annotations/instances_val2017.json", "val2017", "val"),
        ("annotations/instances_unseen-style.json", "unseen-style", "unseen-style"),
        ("instances_val.json", "val", "val"),
        ("annotations/instances_valid.json", "valid", "val"),
        ("train/_annotations.coco.json", "train", "train"),
        ("val/_annotations.coco.json", "val", "val"),
        ("valid/_annotations.coco.json", "valid", "val"),
        ("_annotations.coco.json", ".", "train"),
        ("instances.json", "images", "train"),
        ("annotations.json", "images", "train"),
    ],
)
def test_layouts(file, pictures, split, tmp_path):
    write(tmp_path, file, pictures)
    assert find_layout(tmp_path, split) == (tmp_path / file, tmp_path / pictures)
    assert len(read_coco(tmp_path, split)) == 2
    with pytest.raises(CourseError, match=r"no annotations of 'dev'.*instances_dev\.json.*dev/_annotations.coco.json"):
        read_coco(tmp_path, "dev")


def test_only_layouts_that_work_are_asked_for_and_test_pictures_stay_test_pictures(tmp_path):
    write(tmp_path, "test/_annotations.coco.json", "test")
    with pytest.raises(CourseError) as asked:
        read_coco(tmp_path, "val")
    assert "valid in place of val" in str(asked.value)
    assert "FOLDER/instances.json" not in str(asked.value)
    with pytest.raises(CourseError, match=r"FOLDER/instances\.json or FOLDER/annotations\.json.*FOLDER/images/"):
        read_coco(tmp_path, "train")
    write(tmp_path, "val/_annotations.coco.json", "val")
    write(tmp_path, "valid/_annotations.coco.json", "valid")
    with pytest.raises(CourseError, match=r"more than one file of 'val': val/.*, valid/"):
        read_coco(tmp_path, "val")


def test_two_years_are_not_chosen_between_and_pictures_must_be_there(tmp_path):
    write(tmp_path, "annotations/instances_train2014.json", "train2014")
    write(tmp_path, "annotations/instances_train2017.json", "train2017")
    with pytest.raises(CourseError, match=r"more than one file of 'train'.*2014.*2017"):
        read_coco(tmp_path)
    assert find_layout(tmp_path, "train2014")[1].name == "train2014"
    write(tmp_path / "b", "instances.json", "pictures")
    with pytest.raises(CourseError, match=r"2 of the 2 pictures .* missing.*b/images/0\.png and .*b/0\.png were tried"):
        read_coco(tmp_path / "b")
    with pytest.raises(CourseError, match="There is no folder"):
        read_coco(tmp_path / "nowhere")


def one(**changes):
    """The first annotation, changed."""
    return {"id": 5, "image_id": 7, "category_id": 44, "segmentation": SQUARE} | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotations": {}}, r"instances\.json has no list 'annotations'"),
        ({"categories": [{"id": 3}]}, r"category 3 has no 'name'"),
        ({"categories": [{"id": 3, "name": "car"}] * 2}, r"two category entries with the id 3"),
        ({"images": [{"id": 7, "file_name": "0.png", "height": 0, "width": 4}]}, r"image 7 has the height 0"),
        ({"images": [{"file_name": "0.png"}]}, r"image number 0 of the list has no 'id'"),
        ({"images": [{"id": "7"}]}, r"the id '7' of a image is no whole number"),
        ({"images": [{"id": 7, "file_name": "gone.png", "height": 9, "width": 9}], "annotations": []},
         r"(?s)1 of the 1 pictures.*instances\.json lists are missing.*images/gone\.png and .*/gone\.png were.*Copy them"),
        ({"annotations": [one(image_id=99)]}, r"annotation 5 belongs to image 99"),
        ({"annotations": [one(image_id=[7])]}, r"annotation 5 belongs to image \[7\]"),
        ({"annotations": [one(category_id="44")]}, r"annotation 5 is of category '44'"),
        ({"annotations": [one(category_id=1)]}, r"annotation 5 is of category 1"),
        ({"annotations": [one(segmentation=[])]}, r"none of its 1 annotations has an outline.*a box or a line is not enough"),
        ({"annotations": [one(segmentation=[[1, 2, 3, 4]]), one(id=6, segmentation=None)]}, r"none of its 2 annotations"),
        ({"annotations": [one(segmentation="text")]}, r"annotation 5 .* is damaged: it is neither a list of polygons nor"),
        ({"annotations": [one(segmentation={"counts": "11"})]}, r"annotation 5 .* is damaged: it is neither"),
        ({"annotations": ["text"]}, r"annotation number 0 of the list has no 'id'"),
    ],
)  # fmt: skip
def test_faults_are_found_when_the_folder_is_opened(changes, message, tmp_path):
    write(tmp_path, **changes)
    with pytest.raises(CourseError, match=message):
        read_coco(tmp_path)


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        ([1, 2, 3, 4, 5, 6], r"list of (finite )?numbers"),
        ([[1, 2, 3, 4, 5, 6, 7]], r"x and y in turn"),
        ([[1, 2], [1, 2, 3, 4, 5, None]], r"finite numbers"),
        ({"size": [HEIGHT, WIDTH], "counts": [3, 4]}, r"cover 7 pixels"),
        ({"size": [WIDTH, HEIGHT], "counts": "0"}, r"of the size \[40, 30\] and its picture \[30, 40\]"),
        ({"size": [HEIGHT, WIDTH], "counts": {"a": 1}}, r"damaged"),
        ({"size": [HEIGHT, WIDTH], "counts": "Q"}, r"ends within a number"),
        ({"size": 3, "counts": "Q"}, r"damaged"),
    ],
)
def test_a_damaged_mask_names_the_file_the_annotation_and_the_picture(segmentation, message, tmp_path):
    """When the folder is opened, not when the picture's turn comes."""
    write(tmp_path, annotations=[one(id=4), one(segmentation=segmentation)])
    with pytest.raises(
        CourseError, match=rf"(?s)instances\.json: the segmentation of annotation 5 \(0\.png\).*{message}"
    ):
        read_coco(tmp_path)


def test_boxes_and_lines_are_left_out_and_counted_once(tmp_path):
    line = [1, 2, 3, 4]
    lost = [one(id=2, segmentation=[]), one(id=3, segmentation=[line, [5, 6]]), one(id=4)]
    del lost[2]["segmentation"]
    write(tmp_path, annotations=[one(), *lost, one(id=6, segmentation=[line, *SQUARE])])
    data = read_coco(tmp_path)
    assert data[0].masks.sum((1, 2)).tolist() == [150, 150]  # a line beside a polygon covers no pixel
    assert data.images[0].objects == 2
    (note,) = data.notes
    assert "3 of the 5 annotations" in note
    assert "The first is annotation 2" in note


def test_categories_of_one_name_are_one_class_whatever_their_numbers(tmp_path):
    """Some tools export their project's name as category 0, and it may be a class's name too."""
    write(tmp_path, "train/_annotations.coco.json", "train",
          categories=[{"id": 0, "name": "bottle"}, {"id": 3, "name": "car"}, {"id": 44, "name": "bottle"}])  # fmt: skip
    write(tmp_path, "valid/_annotations.coco.json", "valid",
          categories=[{"id": 44, "name": "bottle"}, {"id": 3, "name": "car"}])  # fmt: skip
    train = read_coco(tmp_path)
    assert train.class_names == ("bottle", "car")
    assert train[0].labels.tolist() == [0, 1, 1]
    assert train.category_ids == (0, 3)
    assert "the categories 0 and 44 are all called 'bottle'" in train.notes[0]
    validation = read_coco(tmp_path, "val", class_names=train.class_names)
    assert validation[0].labels.tolist() == train[0].labels.tolist()
    assert validation.notes == ()


@pytest.mark.parametrize(("file", "pictures"), [("instances_train.json", "train"), ("instances.json", "JPEGImages")])
def test_a_file_name_may_begin_with_its_folder(file, pictures, tmp_path):
    images = [{"id": 7, "file_name": f"{pictures}/0.png", "height": HEIGHT, "width": WIDTH}]
    write(tmp_path, file, pictures, images=images)
    assert read_coco(tmp_path).images[0].path == tmp_path / pictures / "0.png"
    assert len(read_coco(tmp_path)[0].labels) == 3


def test_a_cut_file_a_resized_picture_and_no_picture_are_named(tmp_path):
    write(tmp_path)
    Image.new("L", (WIDTH, 2 * HEIGHT)).save(tmp_path / "images" / "0.png")
    with pytest.raises(CourseError, match=r"0\.png is 40×60 pixels, and .*instances\.json says 40×30"):
        read_coco(tmp_path)[0]
    (tmp_path / "images" / "1.png").write_bytes(b"no picture")
    with pytest.raises(CourseError, match=r"1\.png is not a picture"):
        read_coco(tmp_path)[1]
    file = tmp_path / "instances.json"
    file.write_text(file.read_text("utf-8")[:-30], "utf-8")
    with pytest.raises(CourseError, match=r"instances\.json is no valid JSON: .*line 1, column \d+"):
        read_coco(tmp_path)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CourseError, match=r"instances\.json cannot be read"):
        read_coco(tmp_path)


def test_an_area_that_is_no_number_is_the_masks_and_many_objects_are_read(tmp_path):
    dots = [
        one(id=number, area=None, segmentation=[[x, y, x + 1, y, x + 1, y + 1, x, y + 1]])
        for number, (x, y) in enumerate((number % 40, number // 40) for number in range(150))
    ]
    write(tmp_path, annotations=dots)
    sample = read_coco(tmp_path)[0]
    assert sample.areas.tolist() == [1] * 150  # one pixel each
    assert sample.masks.any(0).sum() == 150
    assert len(sample.training_target()["labels"]) == 150


def test_a_crowd_is_no_object(tmp_path):
    write(tmp_path, annotations=[one(iscrowd=1)])
    assert [image.objects for image in read_coco(tmp_path).images] == [0, 0]
    assert read_index(*find_layout(tmp_path, "train")).categories == {3: "car", 44: "bottle"}


def toy_scene(seed, size, split):
    """Two boxes that move with the seed; the third scene is empty."""
    masks = torch.zeros((0 if seed == 2 else 2, size, size), dtype=torch.bool)
    if len(masks):
        masks[0, 4 : 9 + seed, 2:20] = True
        masks[1, 30:40, 30:41] = True
    labels = torch.tensor([35, 0][: len(masks)], dtype=torch.int64)
    image = torch.rand((3, size, size), generator=torch.Generator().manual_seed(seed))
    things = tuple(Thing(int(label), "noto", "x", 1.0) for label in labels)
    return EmojiScene(image, labels, masks, things, "train/0", split, seed)


def test_what_is_exported_is_read_back_by_us_and_by_pycocotools(tmp_path, monkeypatch, capsys):
    from pycocotools.coco import COCO

    monkeypatch.setattr(coco_export, "emoji_scene", toy_scene)
    file = export_coco(tmp_path / "scenes", "val", 3, 64)
    assert file == tmp_path / "scenes" / "annotations" / "instances_val.json"
    data = read_coco(tmp_path / "scenes", "val")
    assert data.class_names == CLASS_NAMES
    assert data.category_ids == COCO_IDS
    oracle = COCO(str(file))
    for seed, sample in enumerate(data):
        scene = toy_scene(seed, 64, "val")
        assert (sample.image - scene.image).abs().max() <= 0.5 / 255 + 1e-6
        assert torch.equal(sample.labels, scene.labels)
        assert torch.equal(sample.masks, scene.masks)
        for annotation, mask in zip(oracle.loadAnns(oracle.getAnnIds(seed + 1)), scene.masks.numpy(), strict=True):
            np.testing.assert_array_equal(oracle.annToMask(annotation), mask)
            assert annotation["bbox"] == mask_box(mask)
            assert annotation["area"] == mask.sum()
    assert "CC-BY 4.0" in file.read_text("utf-8")


def test_boxes_and_annotations_of_masks():
    mask = np.zeros((9, 12), bool)
    assert mask_box(mask) == [0, 0, 0, 0]
    mask[2:5, 3:10] = True
    assert mask_box(mask) == [3, 2, 7, 3]
    (annotation,) = coco_annotations(mask[None], [18], 4, first_id=11)
    assert (annotation["id"], annotation["image_id"], annotation["category_id"], annotation["area"]) == (11, 4, 18, 21)


def test_an_export_that_cannot_be_written_leaves_no_annotation_file(tmp_path, monkeypatch):
    monkeypatch.setattr(coco_export, "emoji_scene", toy_scene)
    (tmp_path / "val").write_text("a file where the pictures should go")
    with pytest.raises(CourseError, match="Cannot write scenes to"):
        export_coco(tmp_path, "val", 1, 64)
    assert [path.name for path in tmp_path.rglob("*")] == ["val"]
    with pytest.raises(CourseError, match="0 scenes"):
        export_coco(tmp_path, "val", 0)
