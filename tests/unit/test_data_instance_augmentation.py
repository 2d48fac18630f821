"""Mirror image, size and crop: picture and masks move together, sizes are the recipe's, draws come from the generator alone."""

import pytest
import torch
from torch.overrides import TorchFunctionMode

from course_lib.data.instance_augmentation import AUTHORS, AUTHORS_WITH_CROPS, InstanceAugmentation, shorter_side

SHORTER = (416, 448, 480, 512, 544, 576, 608, 640)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def sample(height=60, width=80):
    """A picture whose red is 1 on the first object and whose green is 1 on the second; a third object is one pixel."""
    masks = torch.zeros((3, height, width), dtype=torch.bool)
    masks[0, 10:30, 8:30] = True
    masks[1, 35:55, 40:75] = True
    masks[2, 0, 0] = True
    image = torch.zeros((3, height, width))
    image[0][masks[0]] = 1
    image[1][masks[1]] = 1
    return image, torch.tensor([4, 9, 2]), masks


def test_without_anything_drawn_nothing_changes():
    image, labels, masks = sample()
    same = InstanceAugmentation(shorter=(60,), longest=80, flip=0)(image, labels, masks, seeded())
    for ours, given in zip(same, (image, labels, masks), strict=True):
        assert torch.equal(ours, given)


def test_the_mirror_image_is_exact():
    image, labels, masks = sample()
    mirrored = InstanceAugmentation(shorter=(60,), longest=80, flip=1)(image, labels, masks, seeded())
    torch.testing.assert_close(mirrored[0], image.flip(-1), atol=1e-5, rtol=0)
    assert torch.equal(mirrored[2], masks.flip(-1))
    assert torch.equal(mirrored[1], labels)


@pytest.mark.parametrize("augment", [AUTHORS, AUTHORS_WITH_CROPS])
def test_masks_stay_on_what_they_are_masks_of(augment):
    augment = augment.for_side(96)
    image, labels, masks = sample()
    for seed in range(20):
        new_image, new_labels, new_masks = augment(image, labels, masks, seeded(seed))
        assert new_masks.shape[1:] == new_image.shape[1:]
        assert len(new_masks) == len(new_labels) == len(set(new_labels.tolist()))
        for channel, label in ((0, 4), (1, 9)):
            shown = new_image[channel] >= 0.5
            found = new_masks[new_labels == label]
            assert len(found) == int(shown.any())  # an object is dropped if and only if nothing is left of it
            if len(found):
                assert torch.equal(found[0], shown)


def test_sizes_are_the_recipes():
    drawn = set()
    for seed in range(60):
        image, _, _ = AUTHORS(
            torch.zeros(3, 480, 640), torch.zeros(0).long(), torch.zeros(0, 480, 640).bool(), seeded(seed)
        )
        drawn.add(tuple(image.shape[1:]))
    assert drawn == {(side, round(side * 4 / 3)) for side in SHORTER}
    assert shorter_side(480, 640, 640, 853) == (640, 853)
    assert shorter_side(100, 400, 640, 853) == (213, 853)  # the longer side decides
    assert shorter_side(400, 100, 200) == (800, 200)


def test_crops_are_between_the_recipes_sides_and_anywhere():
    """The box alone, in pixels of a picture whose shorter side is 500: then one step is the whole of the recipe."""
    augment = InstanceAugmentation(crop=1, shorter_before_crop=(500,))
    boxes = torch.tensor([augment._crop(500, 700, seeded(seed)) for seed in range(300)])
    top, left, height, width = boxes.T
    assert height.min() >= 384
    assert height.max() <= 500
    assert width.min() >= 384
    assert width.max() <= 600
    assert (top + height).max() <= 500
    assert (left + width).max() <= 700
    for values, low, high in ((height, 384, 500), (width, 384, 600)):
        assert values.min() < low + 8
        assert values.max() > high - 8
    assert left.max() > 150
    assert top.max() > 50
    assert abs(torch.corrcoef(torch.stack([height, width]))[0, 1]) < 0.2  # independent


def test_half_of_the_pictures_are_cropped_and_half_mirrored():
    """A picture that is white but for its left edge: the edge tells both."""
    image = torch.ones(3, 96, 96)
    image[:, :, :4] = 0
    augment = InstanceAugmentation((96,), 96, crop=0.5, shorter_before_crop=(120,), crop_sides=(48, 60))
    edges = {"left": 0, "right": 0, "none": 0}
    for seed in range(400):
        shown, _, _ = augment(image, torch.zeros(0).long(), torch.zeros(0, 96, 96).bool(), seeded(seed))
        dark = [shown[0, :, 0].mean() < 0.5, shown[0, :, -1].mean() < 0.5]
        edges["left" if dark[0] else "right" if dark[1] else "none"] += 1
    assert 75 < edges["left"] < 135
    assert 75 < edges["right"] < 135


def test_the_generator_is_all_that_matters():
    image, labels, masks = sample()
    augment = AUTHORS_WITH_CROPS.for_side(64)
    torch.manual_seed(1)
    first = augment(image, labels, masks, seeded(3))
    torch.manual_seed(2)
    again = augment(image, labels, masks, seeded(3))
    for one, two in zip(first, again, strict=True):
        assert torch.equal(one, two)


def test_sizes_for_a_laptop_are_in_proportion():
    small = AUTHORS_WITH_CROPS.for_side(256)
    assert small.shorter == (166, 179, 192, 205, 218, 230, 243, 256)
    assert small.longest == 341
    assert small.crop_sides == (154, 240)
    assert small.shorter_before_crop == (160, 200, 240)
    assert small.crop == 0.5


def test_pictures_without_objects_and_of_one_pixel():
    none = torch.zeros(0).long()
    image, labels, masks = AUTHORS.for_side(64)(torch.rand(3, 50, 40), none, torch.zeros(0, 50, 40).bool(), seeded())
    assert masks.shape == (0, *image.shape[1:])
    assert labels.dtype == torch.int64
    image, labels, masks = AUTHORS_WITH_CROPS(
        torch.rand(3, 1, 1), torch.tensor([1]), torch.ones(1, 1, 1).bool(), seeded()
    )
    assert image.shape[1] == image.shape[2]
    assert masks.all()


class Largest(TorchFunctionMode):
    """Remembers the most numbers that any step of torch made while it was entered."""

    numbers = 0

    def __torch_function__(self, function, types, arguments=(), options=None):
        made = function(*arguments, **(options or {}))
        if isinstance(made, torch.Tensor) and made.is_floating_point():
            self.numbers = max(self.numbers, made.numel())
        return made


@pytest.mark.parametrize("group", [1, 2**14, 2**24])
def test_many_masks_of_a_large_picture_are_moved_a_few_at_a_time_and_come_out_the_same(group, monkeypatch):
    draws = seeded()
    image, masks = torch.rand(3, 120, 160, generator=draws), torch.rand(40, 120, 160, generator=draws) < 0.5
    augment = AUTHORS_WITH_CROPS.for_side(64)
    wanted = [augment(image, torch.arange(40), masks, seeded(seed)) for seed in range(4)]
    monkeypatch.setattr("course_lib.data.instance_augmentation.GROUP", group)
    with Largest() as largest:
        for seed, whole in enumerate(wanted):
            for one, two in zip(augment(image, torch.arange(40), masks, seeded(seed)), whole, strict=True):
                assert torch.equal(one, two)
    assert largest.numbers <= max(group, image.numel())


def test_masks_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"2 masks of 8×9 are wanted, not \(2, 9, 8\)"):
        AUTHORS(torch.zeros(3, 8, 9), torch.tensor([1, 2]), torch.zeros(2, 9, 8).bool(), seeded())
