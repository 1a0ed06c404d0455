"""Asking ONNX Runtime on the processor: a model of few nodes a question, in one thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import onnx
import onnxruntime as ort
from onnx import helper

__all__ = ["Value", "ask", "node", "nodes", "onnx", "ort", "run"]

from .oracle import Answer, Array, Omitted, Question, Unsupported

OPSET, IR_VERSION = 21, 10
REFUSALS = ("NOT_IMPLEMENTED", "INVALID_GRAPH")
"""How the message begins where it has no kernel, or ONNX no such type."""


class Value(NamedTuple):
    """One output of a node. inputs: arrays, or values of other nodes; None: an optional one."""

    kind: str
    inputs: tuple[Any, ...]
    attributes: Mapping[str, Any]
    outputs: int
    place: int = 0


def node(kind: str, *inputs: Any, **attributes: Any) -> Value:
    """The output of an operator; an attribute that is None stays at ONNX's default."""
    return nodes(kind, 1, *inputs, **attributes)[0]


def nodes(kind: str, outputs: int, *inputs: Any, **attributes: Any) -> list[Value]:
    """The outputs of one that has several."""
    given = {name: value for name, value in attributes.items() if value is not None}
    while inputs[-1] is None:  # an empty name there is valid, but LayerNormalization dies of it
        inputs = inputs[:-1]
    first = Value(kind, inputs, given, outputs)
    return [first._replace(place=place) for place in range(outputs)]


def ask(functions: Mapping[str, Any], question: Question, who: str) -> Answer:
    """Run the function named as the op; in place of each gradient is the reason that it lacks."""
    function = functions.get(question.op)
    if function is None:
        raise Unsupported(f"the {who} oracle has no function {question.op}")
    result = function(**question.inputs, **question.attributes)
    result = result if isinstance(result, dict) else {"out": result}
    gradients = [f"d{name}" for name in question.differentiable if name in question.inputs]
    missing = dict.fromkeys(gradients, Omitted("ONNX Runtime has no gradients"))
    return {**result, **run({n: v for n, v in result.items() if isinstance(v, Value)}), **missing}


class _Model:
    """Nodes in the order in which they run, and what they are fed."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.feed: dict[str, Array] = {}
        self._names: dict[int, list[str]] = {}

    def name(self, value: Any) -> str:
        """Of a value, whose node is added before; of an array, which is fed; '' of None."""
        if value is None:
            return ""
        if not isinstance(value, Value):
            name = f"input{len(self.feed)}"
            self.feed[name] = value
            return name
        key = id(value.inputs)  # shared by all outputs of a node
        if key not in self._names:
            inputs = [self.name(one) for one in value.inputs]
            names = [f"{value.kind}{len(self.nodes)}_{i}" for i in range(value.outputs)]
            self.nodes.append(helper.make_node(value.kind, inputs, names, **value.attributes))
            self._names[key] = names
        return self._names[key][value.place]

    def build(self, outputs: list[str]) -> bytes:
        """The model, serialized."""
        inputs = [
            helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
            for n, v in self.feed.items()
        ]
        named = [onnx.ValueInfoProto(name=name) for name in outputs]  # shapes are inferred
        graph = helper.make_graph(self.nodes, "question", inputs, named)
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
        return bytes(model.SerializeToString())


def modelled(result: Mapping[str, Value]) -> tuple[bytes, list[str], dict[str, Array]]:
    """A model that gives these values; the names of its outputs; what it is fed."""
    model = _Model()
    names = [model.name(value) for value in result.values()]
    return model.build(names), names, model.feed


def run(result: Mapping[str, Value]) -> dict[str, Array]:
    """The arrays of values, by name, from a model of their own; raises Unsupported where there is
    no kernel."""
    (model, names, feed), options = modelled(result), ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what fails is raised
    try:
        session = ort.InferenceSession(model, options, ["CPUExecutionProvider"])
        arrays = session.run(names, feed)
    except Exception as error:
        told = str(error).partition(" : ")[2].partition(" : ")[2]  # [ONNXRuntimeError] : 9 : ...
        if told.startswith(REFUSALS):
            raise Unsupported(f"ONNX Runtime: {told.partition(' : ')[2].strip()}") from error
        raise
    return dict(zip(result, arrays, strict=True))
