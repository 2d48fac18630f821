"""Chapter 04: the ConvGRU and the ConvLSTM of the notebook are the library's."""

import torch

from course_lib.matting import ConvGRU, ConvLSTM

from ..comparing import draws, same_module


def conv_gru(notebook_class):
    """One frame, one frame without a state, a clip; batch 1 and odd sizes among them."""
    draw = draws(seed=4)
    cases = [
        (draw(2, 6, 9, 7), draw(2, 6, 9, 7)),
        (draw(1, 6, 5, 3), None),
        (draw(2, 3, 6, 5, 4), None),
        (draw(1, 3, 6, 1, 1), draw(1, 6, 1, 1)),
    ]
    same_module(notebook_class, ConvGRU, arguments=(6,), cases=cases)


def conv_lstm(notebook_class):
    """Frame by frame, with a state and without. The notebook has its gates in PyTorch's order, i f g o, the library i f o g;
    the notebook's state is a pair, the library's one tensor.
    """
    draw = draws(seed=5)
    mine, theirs = notebook_class(6).double(), ConvLSTM(6).double()
    with torch.no_grad():
        for name, value in mine.gates.named_parameters():
            i, f, g, o = value.chunk(4)
            theirs.gates.get_parameter(name).copy_(torch.cat([i, f, o, g]))
    for x, h, c in ((draw(2, 6, 9, 7), draw(2, 6, 9, 7), draw(2, 6, 9, 7)), (draw(1, 6, 5, 3), None, None)):
        ours, (new_h, new_c) = mine(x, None if h is None else (h, c))
        output, state = theirs(x, None if h is None else torch.cat([h, c], dim=1))
        torch.testing.assert_close(ours, output)
        torch.testing.assert_close(torch.cat([new_h, new_c], dim=1), state)


COMPARATORS = {"course_lib.matting.ConvGRU": conv_gru, "course_lib.matting.ConvLSTM": conv_lstm}
