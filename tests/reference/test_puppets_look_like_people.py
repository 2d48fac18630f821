"""A network that learnt from films of real people takes the puppets for people."""

import numpy as np
import pytest
import torch

from course_lib.data import sample_image
from course_lib.data.puppets import compose, puppet_clip
from course_lib.zoo import load_model

pytestmark = pytest.mark.weights

BACKGROUNDS = ("coffee", "rocket", "motorcycle", "china")


@pytest.mark.parametrize(("framing", "least"), [("bust", 0.9), ("full", 0.8)])
def test_the_published_network_finds_the_puppets(framing, least):
    network, overlaps = load_model("rvm-mobilenetv3-published"), []
    for seed in range(8):
        clip = puppet_clip(seed, frames=3, height=256, width=256, framing=framing, people=1, split="val")
        scene = compose(clip, sample_image(BACKGROUNDS[seed % 4]), seed, degrade=False)
        with torch.no_grad():
            _, alpha, *_ = network(scene.clean[None], downsample_ratio=1.0)
        found, true = alpha[0] > 0.5, scene.alpha > 0.5
        overlaps.append(float((found & true).sum() / (found | true).sum()))
    assert np.median(overlaps) >= least
