"""Chapter 12: pooling, resizing, the way down, the context encoder and the coordinates of the notebook are the library's."""

from torch import Tensor, nn

from course_lib.instances.context_encoder import InstanceContextEncoder, PyramidPooling, add_from_above, resize_like
from course_lib.instances.coordinates import add_coordinates

from ..comparing import draws, same_function, same_module


class OneByOne(nn.Module):
    """An encoder that takes its three maps as three arguments, so that the gradient of each is compared."""

    def __init__(self, make, *arguments) -> None:
        super().__init__()
        self.encoder = make(*arguments)

    def forward(self, c3: Tensor, c4: Tensor, c5: Tensor) -> Tensor:
        return self.encoder([c3, c4, c5])


def pooling(notebook_class):
    """Maps that the grains divide, maps that they do not, and maps smaller than a grain."""
    draw = draws(seed=120)
    cases = [(draw(2, 8, 6, 12),), (draw(1, 8, 7, 10),), (draw(1, 8, 2, 5),), (draw(1, 8, 1, 1),)]
    same_module(notebook_class, PyramidPooling, arguments=(8,), cases=cases)


def encoder(notebook_class):
    """Two pictures, one of odd shape, and one of a single cell of C5; other widths than in the chapter."""
    draw = draws(seed=121)

    def maps(batch: int, h: int, w: int) -> tuple[Tensor, ...]:
        return draw(batch, 5, 4 * h, 4 * w), draw(batch, 6, 2 * h, 2 * w), draw(batch, 7, h, w)

    same_module(
        lambda *arguments: OneByOne(notebook_class, *arguments),
        lambda *arguments: OneByOne(InstanceContextEncoder, *arguments),
        arguments=((5, 6, 7), 8),
        cases=[maps(2, 4, 6), maps(1, 3, 7), maps(1, 1, 1)],
    )


def way_down(notebook_function):
    draw = draws(seed=122)
    cases = [(draw(2, 3, 8, 6), draw(2, 3, 4, 3)), (draw(1, 2, 2, 2), draw(1, 2, 1, 1))]
    same_function(notebook_function, add_from_above, cases=cases)


def resizing(notebook_function):
    draw = draws(seed=124)
    cases = [(draw(2, 3, 2, 5), draw(2, 4, 7, 6)), (draw(1, 2, 4, 4), draw(1, 1, 4, 4))]
    same_function(notebook_function, resize_like, cases=cases)


def position(notebook_function):
    """Also a map of one row, of one column and of one cell, and single precision."""
    draw = draws(seed=123)
    shapes = [(2, 3, 5, 8), (1, 4, 1, 6), (1, 2, 7, 1), (1, 1, 1, 1)]
    cases = [(draw(*shape),) for shape in shapes] + [(draw(1, 2, 9, 4).float(),)]
    same_function(notebook_function, add_coordinates, cases=cases)


_MODULE = "course_lib.instances."
COMPARATORS = {
    _MODULE + "context_encoder.PyramidPooling": pooling,
    _MODULE + "context_encoder.InstanceContextEncoder": encoder,
    _MODULE + "context_encoder.add_from_above": way_down,
    _MODULE + "context_encoder.resize_like": resizing,
    _MODULE + "coordinates.add_coordinates": position,
}
