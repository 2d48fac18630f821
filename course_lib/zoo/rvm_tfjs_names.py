"""How the browser graph of RVM calls things: its layers under the names of `RobustVideoMatting`, and its constants.

The graph was exported from a TensorFlow twin of the authors' model, so a tensor's path tells which module it belongs to:
`…/mobile_net_v3_encoder/inverted_residual_3/sequential_3/conv_bn_activation_9/conv2d_6/Conv2D_weights` is the first layer
of the fourth inverted residual, `backbone.features.4.block.0.0`.
"""

import re
from collections.abc import Iterable

import numpy as np

ROOT = "StatefulPartitionedCall/matting_network_wrapper/StatefulPartitionedCall/"

# Module path in the graph -> layers of ours that lie in it, in the graph's order of execution.
MODULES = {
    "mobile_net_v3_encoder/conv_bn_activation": ("backbone.features.0.0",),
    "mobile_net_v3_encoder/conv_bn_activation_45": ("backbone.features.16.0",),
    "lraspp/sequential_15": ("aspp.aspp1.0",),
    "lraspp": ("aspp.aspp2.1",),
    "recurrent_decoder/bottleneck_block/conv_gru": ("decoder.decode4.gru.ih.0", "decoder.decode4.gru.hh.0"),
    "recurrent_decoder/upsampling_block/sequential_16": ("decoder.decode3.conv.0",),
    "recurrent_decoder/upsampling_block/conv_gru_1": ("decoder.decode3.gru.ih.0", "decoder.decode3.gru.hh.0"),
    "recurrent_decoder/upsampling_block_1/sequential_17": ("decoder.decode2.conv.0",),
    "recurrent_decoder/upsampling_block_1/conv_gru_2": ("decoder.decode2.gru.ih.0", "decoder.decode2.gru.hh.0"),
    "recurrent_decoder/upsampling_block_2/sequential_18": ("decoder.decode1.conv.0",),
    "recurrent_decoder/upsampling_block_2/conv_gru_3": ("decoder.decode1.gru.ih.0", "decoder.decode1.gru.hh.0"),
    "recurrent_decoder/output_block/sequential_19": ("decoder.decode0.conv.0", "decoder.decode0.conv.3"),
    "": ("project_mat.conv",),
}

_KERNEL = re.compile(r"(?:^|/)(?:depthwise_)?conv2d(?:_\d+)?/(?:Conv2D|depthwise)(?:_weights|/ReadVariableOp)$")
_BLOCK = re.compile(r"mobile_net_v3_encoder/inverted_residual(?:_(\d+))?/sequential(?:_\d+)?/(\w+)$")


def layer_names(kernels: Iterable[str]) -> dict[str, str]:
    """Name of our convolution for each kernel tensor, given in the graph's order. Unknown kernels are left out."""
    names: dict[str, str] = {}
    seen: dict[str, int] = {}  # kernels met so far, per module
    parts: dict[int, list[str]] = {}  # parts met so far, per inverted residual
    for kernel in kernels:
        match = _KERNEL.search(kernel.removeprefix(ROOT))
        if not kernel.startswith(ROOT) or match is None:
            continue
        module = kernel.removeprefix(ROOT)[: match.start()]
        order = seen[module] = seen.get(module, -1) + 1
        block = _BLOCK.match(module)
        if block:
            index, part = int(block[1] or 0), block[2]
            parts.setdefault(index, [])
            if part not in parts[index]:
                parts[index].append(part)
            layer = f"fc{order + 1}" if part.startswith("squeeze_excitation") else "0"
            names[kernel] = f"backbone.features.{index + 1}.block.{parts[index].index(part)}.{layer}"
        elif order < len(MODULES.get(module, ())):
            names[kernel] = MODULES[module][order]
    return names


# Tensors that are no weights: pattern of the name -> the value that our code has in its place.
FLOAT_CONSTANTS: dict[str, list | float] = {
    r"ConstantFolding/.*/(hardswish|squeeze_excitation)(_\d+)?/truediv_recip": 1 / 6,
    r".*/(hardswish|squeeze_excitation)(_\d+)?/add/y": 3.0,  # x · relu6(x + 3) / 6
    r".*/conv_gru(_\d+)?/sub/x": 1.0,  # (1 − z) · h + z · candidate
    r".*/mobile_net_v3_encoder/Const": [0.485, 0.456, 0.406],
    r"ConstantFolding/.*/mobile_net_v3_encoder/truediv_recip": [1 / 0.229, 1 / 0.224, 1 / 0.225],
    r".*/clip_by_value(_1)?/Minimum/y": 1.0,
    r".*/clip_by_value(_1)?/y": 0.0,
    r".*/x(_1)?": 1.0,  # the ratio that leaves the guided filter out
    r".*/fast_guided_filter/add/y": 1e-5,
    r"Func/.*/input/_644": np.full((3, 1, 4, 1), 1 / 3).tolist(),  # the box filter, down …
    r"Func/.*/input/_645": np.full((1, 3, 4, 1), 1 / 3).tolist(),  # … and across
}

# Axes, crops, slices: pattern of the name -> the values allowed. Which convolution has which stride, padding and dilation
# is checked beside its kernel.
INTEGER_CONSTANTS: dict[str, tuple] = {
    r".*/(concat(_\d+)?/axis|split(_\d+)?/split_dim)": (-1,),
    r".*/Mean(_1)?/reduction_indices": ([1, 2], -1),
    r".*/Const": ([3, 1],),  # foreground residual, alpha
    r".*/up_sampling2d(_\d+)?/Const": ([2, 2],),
    r".*/Pad/paddings": tuple([[0, 0], [n, n], [n, n], [0, 0]] for n in (1, 2, 4)),
    r".*/crop_to_bounding_box(_\d+)?/stack": ([0, 0, 0, 0],),
    r".*/crop_to_bounding_box(_\d+)?/stack_1/[03]": (-1,),
    r".*/(dilation_rate|(SpaceToBatchND|BatchToSpaceND)/block_shape)": ([2, 2],),
    r".*/required_space_to_batch_paddings/(strided_slice_\d+|.*/0)": (0,),
    r".*/depthwise/stack(_\d+)?/\d": (0,),
    r".*/strided_slice(_\d+)?/stack(_\d+)?": ([0], [1], [2], [3]),
    r".*/cond(_1)?/pivot_[ft]/_\d+": (False, True),
}
