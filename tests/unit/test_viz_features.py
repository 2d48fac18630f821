"""Feature maps as pictures: the colours follow the components, the chosen channels do not repeat one another."""

import numpy as np
import pytest
import torch

from course_lib.viz.features import as_features, most_telling, principal_colours


def halves(channels: int = 5) -> np.ndarray:
    """Features whose left and right half differ strongly, top and bottom weakly."""
    features = np.zeros((channels, 6, 8))
    features[0, :, :4] = 10
    features[1, :3] = 1
    return features


def test_places_with_equal_features_get_equal_colours():
    colours = principal_colours(halves()).transpose(1, 2, 0)
    assert colours.shape == (6, 8, 3)
    for block in (colours[:3, :4], colours[3:, :4], colours[:3, 4:], colours[3:, 4:]):
        np.testing.assert_allclose(block, np.broadcast_to(block[0, 0], block.shape), atol=1e-6)


def test_red_is_the_strongest_component_with_a_positive_largest_loading():
    red, green, _ = principal_colours(halves())
    assert red[:, :4].min() > 0.99
    assert red[:, 4:].max() < 0.01
    assert green[:3].min() > 0.99
    assert green[3:].max() < 0.01


def test_colours_do_not_depend_on_the_order_of_channels():
    features = np.random.default_rng(0).normal(size=(7, 5, 6))
    np.testing.assert_allclose(principal_colours(features), principal_colours(features[::-1]), atol=1e-6)


def test_missing_components_stay_grey():
    colours = principal_colours(np.random.default_rng(0).normal(size=(2, 4, 4)))
    assert (colours[2] == 0.5).all()


def test_most_telling_skips_a_copy_of_the_loudest_channel():
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 6, 6))
    features = np.stack([0.1 * rng.normal(size=(6, 6)), 5 * first, 4 * first + 1, second])
    assert most_telling(features, 2).tolist() == [1, 3]


def test_most_telling_ignores_constant_offsets():
    rng = np.random.default_rng(2)
    features = np.stack([100 + 0.1 * rng.normal(size=(4, 4)), rng.normal(size=(4, 4))])
    assert most_telling(features, 1).tolist() == [1]


def test_features_of_one_frame_are_taken_with_or_without_a_batch():
    tensor = torch.rand(1, 3, 2, 2)
    np.testing.assert_array_equal(as_features(tensor), as_features(tensor[0]))
    with pytest.raises(ValueError, match=r"\(2, 3, 2, 2\)"):
        as_features(torch.rand(2, 3, 2, 2))
