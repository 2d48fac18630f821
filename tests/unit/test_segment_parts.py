"""What `segment_video` is made of: cut masks, tracks, drawing, tags, classes."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2xyz

from course_lib.data.emoji_scenes import CLASS_NAMES, COCO_IDS
from course_lib.data.instance_augmentation import shorter_side
from course_lib.instances import Detections
from course_lib.instances.mask_iou import mask_iou as iou_of_whole_masks
from course_lib.video.segmenting.classes import category_ids, chosen_labels
from course_lib.video.segmenting.coco_file import image_ids
from course_lib.video.segmenting.instance import Instance, instances_of, mask_iou
from course_lib.video.segmenting.looking import look_at
from course_lib.video.segmenting.overlay import colour_of, draw_instances
from course_lib.video.segmenting.tag import tag
from course_lib.video.segmenting.tracking import PATIENCE, Tracker
from course_lib.viz.emoji_scenes import instance_colour
from course_lib.zoo.sparseinst import COCO_NAMES, trained_side


@pytest.mark.parametrize(("height", "width", "seen"), [(90, 70, (51, 40)), (30, 100, (16, 53)), (40, 50, (40, 50))])
def test_what_the_network_looks_at_is_what_pil_makes_in_bytes_and_in_numbers(height, width, seen):
    """And bytes stay bytes: videos are made smaller before they are numbers."""
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    expected = np.asarray(Image.fromarray(pixels).resize(seen[::-1], Image.Resampling.BILINEAR)).astype(float)
    network = SimpleNamespace(trained_side=40)
    frames = torch.from_numpy(pixels).permute(2, 0, 1)[None]
    small = look_at(network, frames)
    assert (small.dtype, tuple(small.shape)) == (torch.uint8, (1, 3, *seen))
    assert np.abs(small[0].permute(1, 2, 0).numpy() - expected).max() <= 1
    numbers = look_at(network, frames / 255)
    assert np.abs(numbers[0].permute(1, 2, 0).numpy() * 255 - expected).max() <= 1
    assert look_at(network, frames, side=20).shape[-2:] == shorter_side(height, width, 20, 27)


def random_masks(count, seed=0, height=20, width=30):
    """Each a random part of a random box."""
    random = np.random.default_rng(seed)
    masks = np.zeros((count, height, width), bool)
    for mask in masks:
        top, left = random.integers(0, height - 8), random.integers(0, width - 8)
        mask[top : top + 8, left : left + 8] = random.random((8, 8)) < 0.6
    return masks


def box(top, left, height=6, width=6, label=0, score=0.9):
    return Instance(score, label, top, left, np.ones((height, width), bool))


def test_masks_are_cut_to_their_boxes_and_put_back():
    masks = random_masks(6)
    masks[2] = False
    found = Detections(
        torch.tensor([0.5, 0.9, 0.8, 0.5, 0.7, 0.6]), torch.tensor([0, 1, 1, 2, 3, 0]), torch.from_numpy(masks)
    )
    instances = instances_of(found, {0, 1, 2})
    assert [instance.score for instance in instances] == pytest.approx([0.9, 0.6, 0.5, 0.5])
    for instance, index in zip(instances, [1, 5, 0, 3], strict=True):  # without pixels, and of another class, left out
        assert np.array_equal(instance.whole_mask((20, 30)), masks[index])
        for edge in (instance.mask[0], instance.mask[-1], instance.mask[:, 0], instance.mask[:, -1]):
            assert edge.any()


def test_overlap_of_cut_masks_is_that_of_whole_ones():
    masks = torch.from_numpy(random_masks(12, seed=1))
    instances = instances_of(Detections(torch.ones(12), torch.zeros(12, dtype=torch.long), masks), {0})
    ours = [[mask_iou(one, other) for other in instances] for one in instances]
    assert ours == pytest.approx(iou_of_whole_masks(masks, masks).numpy(), abs=1e-12)
    assert 0 < np.count_nonzero(ours) < 144


def test_an_object_keeps_its_number():
    track = Tracker()
    assert track([box(0, 0), box(0, 20), box(0, 0, label=1)]) == [0, 1, 2]
    assert track([box(0, 21), box(1, 1), box(0, 40)]) == [1, 0, 3]  # in another order; one is new
    assert track([]) == []
    assert track([box(0, 1, label=1), box(2, 2)]) == [2, 0]  # classes are not mixed; one was away for two frames


def test_the_larger_overlap_wins_whatever_the_order():
    track = Tracker()
    track([box(0, 0, width=10)])
    assert track([box(0, 4, width=10), box(0, 1, width=10)]) == [1, 0]


def test_the_largest_sum_of_overlaps_wins():
    track = Tracker()
    track([box(0, 5, width=10), box(0, 11, width=10)])
    # the first overlaps most with object 0; but then the second, which overlaps with no other, would be a new one
    assert track([box(0, 7, width=10), box(0, 2, width=10)]) == [1, 0]


def test_who_was_seen_a_frame_ago_chooses_before_who_was_away():
    track = Tracker()
    assert track([box(0, 20, width=6), box(0, 26, width=10)]) == [0, 1]
    assert track([box(0, 23, width=10)]) == [1]  # before the other
    assert track([box(0, 20, width=10)]) == [1]  # though it covers more of where 0 was than of where 1 is


def test_the_last_place_is_kept_for_as_long_as_the_number():
    track = Tracker()
    track([box(3, 4)])
    for _ in range(PATIENCE):
        track([])
        assert (track.last(0).top, track.last(0).left) == (3, 4)
    track([])
    assert track.last(0) is None


def test_an_object_that_is_away_for_long_comes_back_as_another():
    for away, expected in ((PATIENCE, 0), (PATIENCE + 1, 1)):
        track = Tracker()
        track([box(0, 0)])
        for _ in range(away):
            track([])
        assert track([box(0, 0)]) == [expected]


def test_the_surest_is_drawn_on_top():
    picture = np.full((120, 160, 3), 128, np.uint8)
    sure, unsure = box(40, 40, 60, 60), box(40, 70, 60, 60, label=1, score=0.5)
    drawn = draw_instances(picture, [sure, unsure], [0, 1], ("a", "b"))
    edge = drawn[70, 96:103].astype(int)  # the right edge of the sure one, inside the other
    assert np.abs(edge - np.array(colour_of(0))).sum(axis=1).min() < 60
    assert np.array_equal(picture, np.full_like(picture, 128))  # a new picture
    assert np.array_equal(drawn[110:], picture[110:])


def test_colours_are_those_of_the_book():
    for number in (0, 5, 17, 18, 1000):
        assert colour_of(number) == pytest.approx(255 * instance_colour(number), abs=0.5)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (31, 45)])
def test_pictures_that_are_smaller_than_a_tag(size):
    picture = np.zeros((*size, 3), np.uint8)
    everything = Instance(0.5, 0, 0, 0, np.ones(size, bool))
    assert draw_instances(picture, [everything] * 3, [0, 1, 2], ["a long name"]).shape == (*size, 3)


def test_tags_do_not_cover_each_other():
    picture = np.zeros((300, 400, 3), np.uint8)
    instances = [box(2, 150, 40, 40) for _ in range(4)]
    drawn = draw_instances(picture, instances, range(4), ["thing"])
    for number in range(4):
        plate = tag("thing 0.90", colour_of(number), 13)
        height, width = plate.shape[:2]
        places = [
            top
            for top in range(300 - height)
            if np.array_equal(drawn[top : top + height, 169 - width // 2 :][:, :width], plate)
        ]
        assert len(places) == 1, number


@pytest.mark.parametrize("number", range(18))
def test_a_tag_can_be_read_in_every_colour(number):
    colour = colour_of(number)
    plate = tag("Straßenbahn 0.87", colour, 26)
    ink = plate.reshape(-1, 3)[np.abs(plate.reshape(-1, 3).astype(int) - colour).sum(1).argmax()]
    dark, light = sorted(rgb2xyz(np.array([ink, colour]) / 255)[:, 1])
    assert (light + 0.05) / (dark + 0.05) > 4.5  # WCAG 2.1, level AA
    assert plate.shape[0] == 26


def test_letters_beyond_ascii_are_drawn():
    assert not np.array_equal(tag("ö", (0, 0, 0), 20), tag("o", (0, 0, 0), 20))
    assert not np.array_equal(tag("кот", (0, 0, 0), 20), tag("пёс", (0, 0, 0), 20))


def test_categories_have_cocos_numbers_where_all_are_cocos():
    from torchvision.models.detection import MaskRCNN_ResNet50_FPN_Weights

    listed = MaskRCNN_ResNet50_FPN_Weights.COCO_V1.meta["categories"]  # by COCO's number
    assert [listed[number] for number in category_ids(COCO_NAMES)] == list(COCO_NAMES)
    assert category_ids(CLASS_NAMES) == COCO_IDS
    assert category_ids(("cat", "screw")) == (1, 2)


@pytest.mark.parametrize(
    ("files", "numbers"),
    [
        (["000000000139.jpg", "000000581781.jpg"], [139, 581781]),
        (["7.png", "000000000000.jpg"], [7, 0]),
        (["139.jpg", "beach.jpg"], []),  # all or none
        (["139.jpg", "000139.png"], []),  # two of one number
        (["1234567890123456.jpg"], []),  # more than a float64 holds
        (["²³.jpg"], []),
        (["-1.jpg"], []),
        ([], []),
    ],
)
def test_pictures_that_are_named_by_numbers_keep_them(files, numbers):
    assert list(image_ids(files).values()) == numbers
    assert list(image_ids(files)) == files[: len(numbers)]


def test_classes_by_name():
    names = ("cat", "traffic light", "class 2")
    assert chosen_labels(None, names) == {0, 1, 2}
    assert chosen_labels("Traffic Light", names) == {1}
    assert chosen_labels("class 2,cat,", names) == {0, 2}


def test_how_large_a_recorded_run_wants_its_pictures(tmp_path):
    assert trained_side(tmp_path, 640) == 640
    stages = {"1": {"recipe": {"sides": [192]}}, "2": {"recipe": {"sides": [192, 256]}}}
    (tmp_path / "config.json").write_text(json.dumps({"stages": stages}))
    assert trained_side(tmp_path, 640) == 256


def test_the_tag_is_a_picture():
    Image.fromarray(tag("person 0.91", (200, 40, 40), 30)).verify()
