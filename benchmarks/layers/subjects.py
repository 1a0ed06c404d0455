"""Who is measured: a function a subject, which makes a case ready and gives what is timed.

Each takes a case and a direction, `forward` or `backward`, and gives a function without arguments,
or None where there is nothing to time. Frameworks get their arrays beforehand.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from oracles.oracle import Array
from ref_layers import OPS

Timed = Callable[[], Any]
THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))


def ours(case: Case, direction: str) -> Timed:
    """The reference layer."""
    op, question = OPS[case.op], case.question
    if direction == "forward":
        return lambda: op.forward(**question.inputs, **question.attributes)
    _, cache = op.forward(**question.inputs, **question.attributes)
    return lambda: op.backward(question.dout, cache)


def torch(case: Case, direction: str, channels_last: bool = False) -> Timed | None:
    """torch.nn.functional on NCHW memory, its default."""
    import torch as library

    from oracles import torch_oracle

    library.set_num_threads(THREADS)
    question, function = case.question, getattr(torch_oracle, case.op, None)
    if function is None:
        return None

    def tensor(value: Array) -> Any:
        made = library.tensor(value)
        last = channels_last and made.ndim == 4
        return made.to(memory_format=library.channels_last) if last else made

    leaves = {name: tensor(value) for name, value in question.inputs.items()}
    if direction == "forward":
        return lambda: function(**leaves, **question.attributes)
    wanted = [leaves[n].requires_grad_() for n in question.differentiable if n in leaves]
    result = function(**leaves, **question.attributes)
    out = result["out"] if isinstance(result, dict) else result
    dout = tensor(question.dout)
    return lambda: library.autograd.grad(out, wanted, dout, retain_graph=True)


def torch_channels_last(case: Case, direction: str) -> Timed | None:
    """The same on NHWC memory, often its best."""
    images = any(len(shape) == 4 for shape in case.shapes.values())
    return torch(case, direction, channels_last=True) if images else None


def tensorflow(case: Case, direction: str) -> Timed | None:
    """tf.nn, eager, on NHWC: images have their axes moved at both ends, which is part of it."""
    from oracles import tensorflow_oracle
    from oracles.tf_driver import tf

    question, function = case.question, getattr(tensorflow_oracle, case.op, None)
    if function is None:
        return None
    leaves = {name: tf.constant(value) for name, value in question.inputs.items()}
    if direction == "forward":
        return lambda: function(**leaves, **question.attributes)
    wanted = [leaves[name] for name in question.differentiable if name in leaves]
    dout = tf.constant(question.dout)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(wanted)
        result = function(**leaves, **question.attributes)
        out = result["out"] if isinstance(result, dict) else result
    return lambda: tape.gradient(out, wanted, output_gradients=dout)


def onnx_reference(case: Case, direction: str) -> Timed | None:
    """onnx.reference, which is NumPy too; it has no gradients."""
    from onnx.reference import ReferenceEvaluator

    from oracles import onnxruntime_oracle
    from oracles.onnx_driver import Value, modelled

    function = getattr(onnxruntime_oracle, case.op, None)
    if direction == "backward" or function is None:
        return None
    result = function(**case.question.inputs, **case.question.attributes)
    result = result if isinstance(result, dict) else {"out": result}
    made = {name: value for name, value in result.items() if isinstance(value, Value)}
    model, names, feed = modelled(made)
    evaluator = ReferenceEvaluator(model)
    return lambda: evaluator.run(names, feed)


def limit(case: Case, direction: str) -> Timed | None:
    """What nobody in NumPy passes: of a convolution the products alone, as one matrix product a
    group (of a backward two); of other layers their bytes copied once."""
    question, times = case.question, 1 if direction == "forward" else 2
    if case.op in ("conv2d", "conv2d_transpose"):
        w, groups = question.inputs["w"], question.attributes["groups"]
        images = question.inputs["x"] if case.op == "conv2d_transpose" else question.dout
        filters = w.reshape(groups, w.shape[0] // groups, prod(w.shape[1:]))
        if case.op == "conv2d_transpose":
            filters = np.ascontiguousarray(filters.swapaxes(1, 2))
        positions = images.shape[0] * prod(images.shape[2:])
        columns = np.ones((groups, filters.shape[2], positions), w.dtype)
        return lambda: [filters @ columns for _ in range(times)]
    moved = sum(value.nbytes for value in question.inputs.values()) + question.dout.nbytes
    given, taken = (np.ones(moved // 2, np.uint8) for _ in range(2))
    return lambda: [np.positive(given, out=taken) for _ in range(times)]


SUBJECTS: dict[str, Callable[[Case, str], Timed | None]] = {
    "ours": ours,
    "torch": torch,
    "torch, NHWC": torch_channels_last,
    "TensorFlow": tensorflow,
    "onnx.reference": onnx_reference,
    "limit": limit,
}
