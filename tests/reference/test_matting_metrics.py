"""The matting metrics against numbers of the authors' low-resolution evaluation (data/)."""

from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib.evaluation import matting_metrics

REFERENCE = np.load(Path(__file__).parent / "data" / "matting_metrics_t4_96x128.npz")
WITH_GPU = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")]
DEVICES = ["cpu", pytest.param("cuda", marks=WITH_GPU)]
NAMES = ["mad", "mse", "grad", "conn", "dtssd"]


def matte(name: str, dtype: torch.dtype) -> torch.Tensor:
    return torch.from_numpy(REFERENCE[name])[:, None].to(dtype) / 255


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_reproduces_the_authors_numbers(dtype, device):
    """Conn too, whose thresholds 8-bit values meet exactly: in 64 bits, and on a GPU that divides by 255 in its own way."""
    metrics = matting_metrics(matte("pred", dtype).to(device), matte("true", dtype).to(device))
    assert list(metrics) == NAMES
    for name in NAMES:
        assert metrics[name].shape == REFERENCE[name].shape
        difference = np.linalg.norm(metrics[name] - REFERENCE[name])
        assert difference <= 1e-5 * np.linalg.norm(REFERENCE[name]), name
