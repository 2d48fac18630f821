"""Reader of TensorFlow.js graph models: `model.json` (the graph) and its weight shards, 8-bit quantised or not.

The json lists, per tensor, name, shape and type in the order in which the values follow one another in the joined
shards. A quantised tensor is stored as unsigned integers q; its value is q · scale + min.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from course_lib.errors import CourseError

_TYPES = {"float32": np.float32, "int32": np.int32, "bool": np.bool_, "uint8": np.uint8, "uint16": np.uint16}


@dataclass(frozen=True)
class Node:
    """One operation: `inputs` are names of nodes (data only; an output number such as ":1" is kept)."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: dict


@dataclass(frozen=True)
class Graph:
    """`nodes` in the file's order; `tensors` holds the value of every constant; `steps` the size of its 8-bit step.

    Raises CourseError where nodes and tensors do not belong together: an input without a node, a constant without its
    value, a value without its constant.
    """

    nodes: dict[str, Node]
    tensors: dict[str, np.ndarray]
    steps: dict[str, float]

    def __post_init__(self) -> None:
        constants = {name for name, node in self.nodes.items() if node.op == "Const"}
        for name in sorted(constants - self.tensors.keys()):
            raise CourseError(f"The graph lacks the tensor {name}.")
        for name in sorted(self.tensors.keys() - constants):
            raise CourseError(f"The graph holds an unexpected tensor, {name}: no operation uses it.")
        for node in self.nodes.values():
            for source in node.inputs:
                if source.split(":")[0] not in self.nodes:
                    raise CourseError(f"The graph lacks {source}, which {node.name} reads.")


def read_graph_model(path: Path) -> Graph:
    """Read the graph model whose json is `path` and whose shards lie beside it.

    Raises CourseError when the file is not a graph model, a shard is missing, or sizes do not add up.
    """
    try:
        model = json.loads(path.read_text("utf-8"))
        nodes = [_node(entry) for entry in model["modelTopology"]["node"]]
        groups = [(group["paths"], group["weights"]) for group in model["weightsManifest"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path} is not a TensorFlow.js graph model ({type(error).__name__}: {error}).") from None
    tensors: dict[str, np.ndarray] = {}
    steps: dict[str, float] = {}
    for shards, entries in groups:
        data = b"".join(_shard(path.parent, shard) for shard in shards)
        position = 0
        for entry in entries:
            name, quantisation = entry["name"], entry.get("quantization")
            stored = np.dtype(_TYPES[quantisation["dtype"] if quantisation else entry["dtype"]])
            count = prod(entry["shape"])
            if position + count * stored.itemsize > len(data):
                raise CourseError(f"The weights beside {path} end before the tensor {name}: the file is cut off.")
            values = np.frombuffer(data, stored, count, position)
            position += values.nbytes
            if quantisation:
                values = (values * quantisation["scale"] + quantisation["min"]).astype(entry["dtype"])
            tensors[name] = values.reshape(entry["shape"])
            steps[name] = quantisation["scale"] if quantisation else 0.0
        if position != len(data):
            raise CourseError(f"The weights beside {path} hold {len(data) - position} bytes that no tensor claims.")
    return Graph({node.name: node for node in nodes}, tensors, steps)


def _node(entry: dict) -> Node:
    # "^name" only orders the execution; it carries no data.
    inputs = tuple(name for name in entry.get("input", ()) if not name.startswith("^"))
    return Node(entry["name"], entry["op"], inputs, entry.get("attr", {}))


def _shard(folder: Path, name: str) -> bytes:
    if Path(name).name != name:
        raise CourseError(f"The model in {folder} names a weight file outside its folder: {name}")
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise CourseError(f"Cannot read the weights {folder / name}: {error.strerror}.") from None
