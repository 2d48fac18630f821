"""Chapter 05: the decoder of the notebook, which takes single frames, is the library's with `clip_length=None`."""

from torch import nn

from course_lib.matting import ConvGRU, RobustVideoMatting, decoder

from ..comparing import draws, same_function, same_module

FEATURES, DECODER = (4, 5, 6, 8), (8, 6, 4, 3)


class SingleFrames(nn.Module):
    """A block of the library, with `clip_length=None` added to every call."""

    def __init__(self, block: nn.Module):
        super().__init__()
        self.block = block

    def forward(self, *inputs):
        return self.block(*inputs, None)


class Flat(nn.Module):
    """A decoder that takes the frame, four features and four states one after the other."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner

    def forward(self, s0, *rest):
        return self.inner(s0, rest[:4], rest[4:])


def image_pyramid(notebook_class):
    draw = draws(seed=50)
    cases = [(draw(2, 3, 9, 14),), (draw(1, 3, 1, 1),), (draw(1, 3, 5, 7),)]
    same_module(notebook_class, decoder.ImagePyramid, cases=cases)


def upsample_to(notebook_function):
    draw = draws(seed=51)
    cases = [(draw(2, 4, 3, 4), draw(2, 3, 5, 8)), (draw(1, 2, 1, 1), draw(1, 3, 1, 2))]
    same_function(notebook_function, decoder.upsample_to, cases=cases)


def remember_half(notebook_function):
    draw, gru = draws(seed=52), ConvGRU(3).double()
    same_function(
        lambda x, r: notebook_function(gru, x, r),
        lambda x, r: decoder.remember_half(gru, x, r, None),
        cases=[(draw(2, 6, 5, 4), draw(2, 3, 5, 4)), (draw(1, 6, 1, 3), None)],
    )


def bottleneck_block(notebook_class):
    draw = draws(seed=53)
    same_module(
        notebook_class,
        lambda channels: SingleFrames(decoder.BottleneckBlock(channels)),
        arguments=(6,),
        cases=[(draw(2, 6, 5, 4), draw(2, 3, 5, 4)), (draw(1, 6, 3, 3), None)],
    )


def upsampling_block(notebook_class):
    draw = draws(seed=54)
    same_module(
        notebook_class,
        lambda *channels: SingleFrames(decoder.UpsamplingBlock(*channels)),
        arguments=(4, 5, 6),
        cases=[
            (draw(2, 4, 3, 4), draw(2, 5, 5, 8), draw(2, 3, 5, 8), draw(2, 3, 5, 8)),
            (draw(1, 4, 2, 2), draw(1, 5, 4, 3), draw(1, 3, 4, 3), None),
        ],
    )


def output_block(notebook_class):
    draw = draws(seed=55)
    cases = [(draw(2, 4, 3, 4), draw(2, 3, 5, 8)), (draw(1, 4, 2, 2), draw(1, 3, 4, 4))]
    same_module(notebook_class, decoder.OutputBlock, arguments=(4, 5), cases=cases)


def projection(notebook_class):
    draw = draws(seed=56)
    same_module(notebook_class, decoder.Projection, arguments=(6, 4), cases=[(draw(2, 6, 5, 3),)])


def recurrent_decoder(notebook_class):
    draw = draws(seed=57)
    sizes = [(11, 18), (6, 9), (3, 5), (2, 3)]
    features = [draw(2, channels, *size) for channels, size in zip(FEATURES, sizes, strict=True)]
    remembered = (DECODER[2] // 2, DECODER[1] // 2, DECODER[0] // 2, FEATURES[3] // 2)
    states = [draw(2, channels, *size) for channels, size in zip(remembered, sizes, strict=True)]
    same_module(
        lambda: Flat(notebook_class(FEATURES, DECODER)),
        lambda: Flat(SingleFrames(decoder.RecurrentDecoder(FEATURES, DECODER))),
        cases=[(draw(2, 3, 21, 35), *features, *states), (draw(2, 3, 21, 35), *features, *[None] * 4)],
    )


def network(notebook_class):
    """At ratio 1, where the refiner does not run; without the head that the notebook leaves out."""

    def library():
        model = RobustVideoMatting("mobilenetv3", "fast_guided_filter")
        model.project_seg = nn.Identity()
        return model

    draw = draws(seed=58)
    states = [draw(2, c, *size) for c, size in zip((16, 20, 40, 64), [(18, 25), (9, 13), (5, 7), (3, 4)], strict=True)]
    frames = draw(2, 3, 35, 49)
    same_module(notebook_class, library, cases=[(frames,), (frames, *states)])


_MODULE = "course_lib.matting.decoder."
COMPARATORS = {
    _MODULE + "ImagePyramid": image_pyramid,
    _MODULE + "upsample_to": upsample_to,
    _MODULE + "remember_half": remember_half,
    _MODULE + "BottleneckBlock": bottleneck_block,
    _MODULE + "UpsamplingBlock": upsampling_block,
    _MODULE + "OutputBlock": output_block,
    _MODULE + "Projection": projection,
    _MODULE + "RecurrentDecoder": recurrent_decoder,
    "course_lib.matting.network.RobustVideoMatting": network,
}
