"""The losses against numbers of the authors' code, on noise drawn from a seed (data/, made once with their code)."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib.matting.losses import matting_loss, segmentation_loss

REFERENCE = np.load(Path(__file__).parent / "data" / "rvm_losses_t3_96x128.npz")
WITH_GPU = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")]
DEVICES = ["cpu", pytest.param("cuda", marks=WITH_GPU)]
TERMS = ["pha_l1", "pha_laplacian", "pha_coherence", "fgr_l1", "fgr_coherence", "total"]


def noise(offset: int, channels: int) -> torch.Tensor:
    meta = ast.literal_eval(str(REFERENCE["meta"]))
    batch, length, height, width = meta["shape"]
    values = np.random.default_rng(meta["seed"] + offset).random((batch, length, channels, height, width))
    return torch.from_numpy(values.astype(np.float32))


def true_alpha() -> torch.Tensor:
    alpha = noise(300, 1)
    return alpha.masked_fill(alpha <= 0.3, 0)


@pytest.mark.parametrize("device", DEVICES)
def test_matting_loss_reproduces_the_authors_numbers(device):
    clips = (clip.to(device) for clip in (noise(0, 3), noise(200, 1), noise(100, 3), true_alpha()))
    losses = matting_loss(*clips)
    assert list(losses) == TERMS
    for name in TERMS:
        assert losses[name].item() == pytest.approx(float(REFERENCE[name]), rel=1e-5), name


def test_segmentation_loss_reproduces_the_authors_number():
    loss = segmentation_loss(8 * noise(0, 3)[:, :, :1] - 4, true_alpha() > 0.5)
    assert loss.item() == pytest.approx(float(REFERENCE["segmentation"]), rel=1e-5)
