"""The alpha that chapters compare with is the recorded one, and small enough to carry."""

from pathlib import Path

import numpy as np
import torch

from course_lib.data.reference_alpha import FILE, TOLERANCE, reference_alpha

RECORDED = Path(__file__).parents[1] / "reference" / "data" / "rvm_published_carphone_f0-2.npz"


def test_it_is_the_recorded_alpha_in_16_bits():
    alpha = reference_alpha()
    assert alpha.shape == (3, 1, 144, 176)
    assert alpha.dtype == torch.float32
    with np.load(RECORDED) as recorded:
        difference = np.abs(alpha[:, 0].numpy() - recorded["pha"]).max()
    assert difference <= 0.51 / 65535
    assert difference < TOLERANCE / 100


def test_it_is_small():
    assert FILE.stat().st_size < 20_000
