"""The network with a clean plate: shapes, what looks at what, clips in parts."""

import pytest
import torch

from course_lib.matting.background_matting import BackgroundMatting, motion
from course_lib.matting.baselines import Extras, clean_plate_network, interface


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    model = BackgroundMatting().eval()
    torch.nn.init.normal_(model.project_mat.weight, std=1)
    torch.nn.init.constant_(model.project_mat.bias, 0.5)
    return model


@pytest.fixture(scope="module")
def clip():
    return torch.rand(2, 6, 3, 37, 50, generator=torch.Generator().manual_seed(1))


def test_it_is_small():
    assert sum(parameter.numel() for parameter in BackgroundMatting().parameters()) <= 500_000


def test_motion_is_two_frames_on_each_side(clip):
    grey = clip.mean(2)
    found = motion(clip)
    for t in range(6):
        for channel, offset in enumerate((-2, -1, 1, 2)):
            assert torch.equal(found[:, t, channel], grey[:, min(max(t + offset, 0), 5)])


@torch.no_grad()
def test_any_size_and_each_clip_for_itself(network, clip):
    foreground, alpha = network(clip, clip.flip(1))
    assert foreground.shape == clip.shape
    assert alpha.shape == (2, 6, 1, 37, 50)
    for number in range(2):
        alone = network(clip[number : number + 1], clip.flip(1)[number : number + 1])
        torch.testing.assert_close(alone[1][0], alpha[number], atol=1e-5, rtol=0)
    assert network(clip[..., :8, :8], clip[..., :8, :8])[1].shape == (2, 6, 1, 8, 8)


@torch.no_grad()
def test_a_frame_sees_its_neighbours_its_plate_and_nothing_further(network, clip):
    plate = clip.flip(0)
    before = network(clip, plate)[1]
    other = clip.clone()
    other[:, 5] = 1 - other[:, 5]
    changed = (network(other, plate)[1] - before).abs().amax((0, 2, 3, 4))
    assert changed[:3].max() < 1e-5
    assert changed[3:].min() > 1e-4
    other_plate = plate.clone()
    other_plate[:, 2] = 1 - other_plate[:, 2]
    changed = (network(clip, other_plate)[1] - before).abs().amax((0, 2, 3, 4))
    assert changed[2] > 1e-3
    assert changed[[0, 1, 3, 4, 5]].max() < 1e-5


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_long_clip_goes_through_in_parts_without_a_seam(network, clip, length, monkeypatch):
    frames, plate = clip[0], clip[1, 0]
    whole = clean_plate_network(network)(frames, Extras(clean_plate=plate))
    assert whole.shape == (6, 1, 37, 50)
    monkeypatch.setattr(interface, "PIXELS_AT_ONCE", length * 37 * 50)
    parts = clean_plate_network(network)(frames, Extras(clean_plate=plate.expand(6, -1, -1, -1)))
    torch.testing.assert_close(parts, whole, atol=1e-5, rtol=0)


def test_wrong_input_is_named(network, clip):
    with pytest.raises(ValueError, match=r"as clips \(B, T, 3, H, W\)"):
        network(clip, clip[:, :1])
    with pytest.raises(ValueError, match="needs a clean_plate"):
        clean_plate_network(network)(clip[0], Extras())
