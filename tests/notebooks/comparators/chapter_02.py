"""Chapter 02: the encoder that the notebook builds out of its table is the library's (torchvision's layers)."""

from torch import Tensor, nn
from torchvision.ops import SqueezeExcitation

from course_lib.matting.encoders import MobileNetV3LargeEncoder, normalise

from ..comparing import draws, same_function, same_module


class ExactHardsigmoid(nn.Module):
    """PyTorch's own has the same values, but its backward keeps 1/6 in single precision: off by 5e-9 in float64."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.relu6(x + 3) / 6


def library_encoder() -> MobileNetV3LargeEncoder:
    library = MobileNetV3LargeEncoder()
    for part in library.modules():
        if isinstance(part, SqueezeExcitation):
            part.scale_activation = ExactHardsigmoid()
    return library


def encoder(notebook_class):
    """Two frames, and one of odd sizes. Not smaller: batch norm over a few cells would magnify rounding."""
    draw = draws(seed=2)
    cases = [(draw(2, 3, 17, 40),), (draw(1, 3, 33, 51),)]
    same_module(notebook_class, library_encoder, cases=cases)


def normalised(notebook_function):
    draw = draws(seed=4)
    same_function(notebook_function, normalise, cases=[(draw(2, 3, 4, 5),), (draw(1, 3, 1, 1).float(),)])


COMPARATORS = {
    "course_lib.matting.encoders.MobileNetV3LargeEncoder": encoder,
    "course_lib.matting.encoders.normalise": normalised,
}
