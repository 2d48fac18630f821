"""The reader of TensorFlow.js graph models, on files made here."""

import json

import numpy as np
import pytest

from course_lib.errors import CourseError
from course_lib.zoo.tfjs import read_graph_model

FLOATS = np.array([[1.5, -2.0, 3.25]], np.float32)
BYTES = np.array([0, 1, 255, 128], np.uint8)
WORDS = np.array([7, 65535], np.uint16)
INTEGERS = np.array([-1, 2], np.int32)


def entry(name, shape, dtype, quantisation=None):
    return {"name": name, "shape": shape, "dtype": dtype, **({"quantization": quantisation} if quantisation else {})}


def model() -> dict:
    names = ["floats", "bytes", "words", "integers"]
    nodes = [{"name": name, "op": "Const"} for name in names]
    nodes.append({"name": "sum", "op": "Add", "input": ["floats", "bytes:1", "^words"], "attr": {"x": {"i": "2"}}})
    weights = [
        entry("floats", [1, 3], "float32"),
        entry("bytes", [2, 2], "float32", {"dtype": "uint8", "scale": 0.5, "min": -3.0}),
        entry("words", [2], "float32", {"dtype": "uint16", "scale": 0.25, "min": 1.0}),
        entry("integers", [2], "int32"),
    ]
    return {
        "modelTopology": {"node": nodes},
        "weightsManifest": [{"paths": ["one.bin", "two.bin"], "weights": weights}],
    }


def write(folder, content):
    data = b"".join(array.tobytes() for array in (FLOATS, BYTES, WORDS, INTEGERS))
    (folder / "one.bin").write_bytes(data[:14])  # the cut lies inside a tensor, as TensorFlow.js makes it
    (folder / "two.bin").write_bytes(data[14:])
    (folder / "model.json").write_text(json.dumps(content))
    return folder / "model.json"


def test_tensors_are_read_and_dequantised(tmp_path):
    graph = read_graph_model(write(tmp_path, model()))
    np.testing.assert_array_equal(graph.tensors["floats"], FLOATS)
    np.testing.assert_array_equal(graph.tensors["bytes"], [[-3.0, -2.5], [124.5, 61.0]])
    np.testing.assert_array_equal(graph.tensors["words"], [2.75, 16384.75])
    np.testing.assert_array_equal(graph.tensors["integers"], [-1, 2])
    assert {name: str(values.dtype) for name, values in graph.tensors.items()} == {
        "floats": "float32",
        "bytes": "float32",
        "words": "float32",
        "integers": "int32",
    }
    assert graph.steps == {"floats": 0.0, "bytes": 0.5, "words": 0.25, "integers": 0.0}


def test_nodes_keep_data_inputs_and_attributes(tmp_path):
    node = read_graph_model(write(tmp_path, model())).nodes["sum"]
    assert (node.op, node.inputs) == ("Add", ("floats", "bytes:1"))
    assert node.attributes == {"x": {"i": "2"}}


def without_node(content):
    del content["modelTopology"]["node"][1]


def without_tensor(content):
    del content["weightsManifest"][0]["weights"][3]


def with_unknown_input(content):
    content["modelTopology"]["node"][4]["input"].append("nobody:0")


def outside(content):
    content["weightsManifest"][0]["paths"][1] = "../two.bin"


def missing_shard(content):
    content["weightsManifest"][0]["paths"][1] = "three.bin"


def no_topology(content):
    del content["modelTopology"]


CHANGES = {
    without_node: "unexpected tensor, bytes",
    without_tensor: "8 bytes that no tensor claims",
    with_unknown_input: "lacks nobody:0, which sum reads",
    outside: "outside its folder: ../two.bin",
    missing_shard: "three.bin",
    no_topology: "not a TensorFlow.js graph model.*modelTopology",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_wrong_models_are_named(tmp_path, change):
    content = model()
    change(content)
    with pytest.raises(CourseError, match=CHANGES[change]):
        read_graph_model(write(tmp_path, content))


def test_a_constant_without_value_is_named(tmp_path):
    content = model()
    content["modelTopology"]["node"].append({"name": "extra", "op": "Const"})
    with pytest.raises(CourseError, match="lacks the tensor extra"):
        read_graph_model(write(tmp_path, content))


def test_cut_off_weights_name_the_tensor(tmp_path):
    path = write(tmp_path, model())
    (tmp_path / "two.bin").write_bytes((tmp_path / "two.bin").read_bytes()[:-1])
    with pytest.raises(CourseError, match="end before the tensor integers"):
        read_graph_model(path)


@pytest.mark.parametrize("text", ["", "{", "[]", '"text"'])
def test_a_file_that_is_no_model_is_named(tmp_path, text):
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(CourseError, match=r"model.json is not a TensorFlow.js graph model"):
        read_graph_model(tmp_path / "model.json")
