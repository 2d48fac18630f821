"""Chapter 08: motion, rates, the training step and measured statistics of the notebook are the library's."""

import copy

import torch
from torch import nn

from course_lib.data.augmentation import affine
from course_lib.matting import RobustVideoMatting
from course_lib.training import batch_norm, modules, step
from course_lib.training.passes import MattingLosses, Pass
from course_lib.training.recipes import MATTING_TERMS, LearningRates

from ..comparing import draws, same_function


class SmallNetwork(nn.Module):
    """Called as RVM is: frames → foreground, alpha. Batch norm with the backbone's momentum."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(3, momentum=0.01)
        self.last = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, frames, downsample_ratio=1.0):
        out = self.last(self.norm(frames.flatten(0, 1))).unflatten(0, frames.shape[:2])
        return out[:, :, :3] + frames, out[:, :, 3:]


def small_network():
    torch.manual_seed(8)
    return SmallNetwork().double()


def clip(draw, frames=3):
    return {
        "frames": draw(2, frames, 3, 8, 6).sigmoid(),
        "foreground": draw(2, frames, 3, 8, 6).sigmoid(),
        "alpha": draw(2, frames, 1, 8, 6).clamp(0, 1),
    }


def affine_matrices(notebook_function):
    """Five frames and one, of a wide and a narrow picture."""
    draw = draws(seed=80)
    cases = [(draw(5, 6), 90, 160), (draw(1, 6), 7, 3)]
    same_function(notebook_function, affine.affine_matrices, cases=cases)


def parameter_groups(notebook_function):
    """Names, rates, and the very parameters in their order; with the refiner frozen, and with the backbone frozen."""
    model = RobustVideoMatting("mobilenetv3", "deep_guided_filter")
    for rates in (LearningRates(1e-4, 2e-4, 3e-4, 0), LearningRates(0, 2e-4, 3e-4, 4e-4)):
        mine, theirs = notebook_function(model, rates), modules.parameter_groups(model, rates)
        assert [(g["name"], g["lr"]) for g in mine] == [(g["name"], g["lr"]) for g in theirs]
        for one, other in zip(mine, theirs, strict=True):
            assert [id(weight) for weight in one["params"]] == [id(weight) for weight in other["params"]], one["name"]


def training_step(notebook_function):
    """Four steps on changing batches: losses, weights, statistics; no gradient is left over."""
    draw, low = draws(seed=81), Pass("low", None, MattingLosses(MATTING_TERMS))
    batches = [clip(draw) for _ in range(4)]
    mine, theirs = small_network(), small_network()
    my_adam, their_adam = (torch.optim.Adam(model.parameters(), lr=1e-2) for model in (mine, theirs))
    accelerator = step.make_accelerator("no", "cpu")
    for number, batch in enumerate(batches):
        expected = step.optimise(low, batch, theirs, their_adam, accelerator, number)
        actual = notebook_function(mine, batch, my_adam)
        assert {f"low_{name}": value for name, value in actual.items()} == expected
        assert all(weight.grad is None for weight in mine.parameters())
        for name, tensor in theirs.state_dict().items():
            torch.testing.assert_close(mine.state_dict()[name], tensor, rtol=0, atol=0)


def measure_statistics(notebook_function):
    """In place, where the library's is a context; frozen layers are left alone and momenta come back."""
    draw = draws(seed=82)
    for frozen in (False, True):
        model = small_network().train()
        model.norm.train(not frozen)
        clips = [draw(2, 3, 3, 8, 6) + mean for mean in (1, 2, 4)]
        mine = copy.deepcopy(model)
        notebook_function(mine, clips)
        assert mine.norm.momentum == model.norm.momentum
        with batch_norm.recalibrated(model, model, clips):
            for name, value in model.named_buffers():
                torch.testing.assert_close(mine.get_buffer(name), value, msg=lambda text, n=name: f"{n}: {text}")


COMPARATORS = {
    "course_lib.data.augmentation.affine.affine_matrices": affine_matrices,
    "course_lib.training.modules.parameter_groups": parameter_groups,
    "course_lib.training.step.optimise": training_step,
    "course_lib.training.batch_norm.recalibrated": measure_statistics,
}
