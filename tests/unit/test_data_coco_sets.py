"""What training takes of a folder: two sets, or every tenth picture of one; pictures with objects alone are learned from."""

import json

import pytest
from PIL import Image

from course_lib.data.coco_sets import hold_out, training_sets
from course_lib.errors import CourseError

SIDE = 20
SQUARE = [[5, 5, 15, 5, 15, 15, 5, 15]]


def write(folder, file, pictures, objects):
    """A set whose pictures 0, 1 … have so many objects each."""
    (folder / pictures).mkdir(parents=True, exist_ok=True)
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    for number in range(len(objects)):
        Image.new("RGB", (SIDE, SIDE)).save(folder / pictures / f"{number}.png")
    owners = [number for number, count in enumerate(objects) for _ in range(count)]
    content = {
        "images": [
            {"id": number, "file_name": f"{number}.png", "height": SIDE, "width": SIDE}
            for number in range(len(objects))
        ],
        "categories": [{"id": 1, "name": "thing"}],
        "annotations": [
            {"id": id_, "image_id": owner, "category_id": 1, "segmentation": SQUARE} for id_, owner in enumerate(owners)
        ],
    }
    (folder / file).write_text(json.dumps(content), "utf-8")


def ids(folder):
    return [image.id for image in folder.images]


def test_two_sets_are_taken_as_they_are_but_for_empty_pictures_in_training(tmp_path):
    write(tmp_path, "train/_annotations.coco.json", "train", [1, 0, 2])
    write(tmp_path, "valid/_annotations.coco.json", "valid", [0, 1])
    write(tmp_path, "test/_annotations.coco.json", "test", [1])
    train, validation = training_sets(tmp_path)
    assert ids(train) == [0, 2]
    assert ids(validation) == [0, 1]
    assert validation.file == tmp_path / "valid" / "_annotations.coco.json"
    (note,) = train.notes
    assert note.startswith("Note: 1 pictures of ")
    assert "show no object" in note


@pytest.mark.parametrize(
    ("file", "pictures"),
    [("instances.json", "images"), ("annotations.json", "images"), ("_annotations.coco.json", ".")],
)
def test_of_one_set_every_tenth_picture_is_held_out(file, pictures, tmp_path):
    objects = [1] * 25
    objects[0] = objects[7] = 0
    write(tmp_path, file, pictures, objects)
    train, validation = training_sets(tmp_path)
    assert ids(validation) == [1, 12, 22]  # of those with objects; the empty ones come last
    assert ids(train) == [number for number in range(25) if number not in (0, 7, 1, 12, 22)]
    assert training_sets(tmp_path) == (train, validation)
    held, empty = train.notes
    assert "is one set, so every tenth of its pictures, 3 of 25, is held out" in held
    assert "2 pictures" in empty
    assert validation.notes == ()


def test_empty_pictures_are_held_out_too(tmp_path):
    write(tmp_path, "instances.json", "images", [1] * 10 + [0] * 10)
    train, validation = training_sets(tmp_path)
    assert ids(validation) == [0, 10]
    assert ids(train) == list(range(1, 10))


def test_a_set_beside_the_one_is_what_is_validated_on(tmp_path):
    write(tmp_path, "instances.json", "images", [1] * 12)
    write(tmp_path, "instances_val.json", "val", [1])
    train, validation = training_sets(tmp_path)
    assert (len(train), len(validation)) == (12, 1)
    assert train.notes == ()


@pytest.mark.parametrize(
    ("train", "val", "message"),
    [
        ([0, 0], [1], r"instances_train\.json leaves no picture with an object to learn from"),
        ([1, 0], [0], r"instances_val\.json leaves no picture with an object to validate on"),
        ([1], None, r"Training needs a set of pictures to validate on.*no annotations of 'val'"),
    ],
)
def test_sets_without_objects_are_refused(train, val, message, tmp_path):
    write(tmp_path, "instances_train.json", "train", train)
    if val is not None:
        write(tmp_path, "instances_val.json", "val", val)
    with pytest.raises(CourseError, match=message):
        training_sets(tmp_path)


@pytest.mark.parametrize("objects", [[1], [0, 0], [0, 3]])
def test_one_set_needs_two_pictures_with_objects(objects, tmp_path):
    write(tmp_path, "instances.json", "images", objects)
    with pytest.raises(CourseError, match="fewer than two pictures with an object"):
        training_sets(tmp_path)


def test_the_smallest_set_is_divided(tmp_path):
    write(tmp_path, "instances.json", "images", [0, 1, 1])
    train, validation = training_sets(tmp_path)
    assert (ids(train), ids(validation)) == ([2], [1])
    with pytest.raises(CourseError, match="fewer than two"):
        hold_out(train)
