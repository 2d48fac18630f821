"""Chapter 14: branches, decoder, maskness and the way from logits to instances are the library's."""

import torch
from torch import Tensor, nn

from course_lib.instances import SparseInstOutput
from course_lib.instances import postprocess as library
from course_lib.instances.decoder import Decoder, InstanceBranch, MaskBranch, convolutions

from ..comparing import draws, same_function, same_module


class Parts(nn.Module):
    """A decoder that returns its output as a tuple, so that every part and its gradient is compared."""

    def __init__(self, make) -> None:
        super().__init__()
        self.decoder = make()

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        return tuple(vars(self.decoder(features)).values())


def mask_branch(notebook_class):
    draw = draws(seed=140)
    cases = [(draw(2, 6, 5, 7),), (draw(1, 6, 1, 4),), (draw(1, 6, 1, 1),)]
    for depth in (1, 3):
        same_module(notebook_class, MaskBranch, arguments=(6, 8, 3, depth), cases=cases)


def layers(notebook_function):
    draw = draws(seed=144)
    for depth in (1, 4):
        cases = [(draw(2, 5, 4, 6),), (draw(1, 5, 1, 1),)]
        same_module(notebook_function, convolutions, arguments=(5, 7, depth), cases=cases)


def instance_branch(notebook_class):
    """Classes, kernels, objectness and activation maps; one group and several."""
    draw = draws(seed=145)
    for groups in (1, 2):
        arguments = (6, 5, 4, groups, 8, 3, 2)

        def theirs(*arguments):
            return InstanceBranch("group", *arguments, objectness=True)

        same_module(notebook_class, theirs, arguments=arguments, cases=[(draw(2, 6, 4, 5),), (draw(1, 6, 1, 1),)])


def decoder(notebook_class):
    """One group and several, odd maps, a single cell, other depths; and the names of its weights."""
    draw = draws(seed=141)
    cases = [(draw(2, 8, 5, 7),), (draw(1, 8, 1, 3),), (draw(1, 8, 1, 1),)]
    for groups, depth in ((1, 2), (2, 1), (4, 3)):

        def theirs(groups=groups, depth=depth):
            return Decoder("group", 5, 6, groups, width=8, kernel_width=3, depth=depth)

        def ours(groups=groups, depth=depth):
            return notebook_class(5, 6, groups, width=8, kernel_width=3, depth=depth)

        assert list(ours().state_dict()) == list(theirs().state_dict())
        same_module(lambda ours=ours: Parts(ours), lambda theirs=theirs: Parts(theirs), cases=cases)


def mean_inside(notebook_function):
    """Also masks without a pixel, and no masks."""
    draw = draws(seed=142)
    cases = [(draw(4, 5, 6).sigmoid(),), (0.4 * draw(2, 5, 6).sigmoid(),), (draw(0, 3, 3),)]
    same_function(notebook_function, library.maskness, cases=cases)


def instances(notebook_function):
    """Two pictures, padding, originals that are larger and smaller; queries below the threshold."""
    draw = draws(seed=143)
    classes, objectness = 3 * draw(2, 9, 4).float() - 2, 6 * draw(2, 9, 1).float() - 6
    output = SparseInstOutput(classes, 4 * draw(2, 9, 8, 16).float(), objectness, draw(2, 9, 4, 8))
    entered = [(32, 64), (29, 41)]
    kept = set()
    for sizes in ([(32, 64), (29, 41)], [(50, 99), (13, 20)]):
        expected = library.postprocess(output, entered, sizes)
        for ours, theirs in zip(notebook_function(output, entered, sizes), expected, strict=True):
            kept.add(len(theirs))
            torch.testing.assert_close(ours.scores, theirs.scores)
            assert torch.equal(ours.labels, theirs.labels)
            assert torch.equal(ours.masks, theirs.masks)
    assert 0 < min(kept) < 9, "the threshold is never met"


COMPARATORS = {
    "course_lib.instances.decoder.convolutions": layers,
    "course_lib.instances.decoder.InstanceBranch": instance_branch,
    "course_lib.instances.decoder.MaskBranch": mask_branch,
    "course_lib.instances.decoder.Decoder": decoder,
    "course_lib.instances.postprocess.maskness": mean_inside,
    "course_lib.instances.postprocess.postprocess": instances,
}
