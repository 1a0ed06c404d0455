"""Asking TensorFlow: layouts and gradients, shared by the tensorflow and the keras oracle."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

__all__ = ["Tensor", "ask", "nchw", "nhwc", "tf"]

from .oracle import Answer, Omitted, Question, Unsupported

with suppress(RuntimeError):  # a process that has used it has settled that
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
Tensor = Any


def ask(functions: Mapping[str, Any], question: Question, who: str) -> Answer:
    """Run the function named as the op under a GradientTape; gradients of sum(out * dout)."""
    function = functions.get(question.op)
    if function is None:
        raise Unsupported(f"the {who} oracle has no function {question.op}")
    leaves = {name: tf.constant(value) for name, value in question.inputs.items()}
    watched = {name: leaves[name] for name in question.differentiable if name in leaves}
    with tf.GradientTape() as tape:
        tape.watch(list(watched.values()))
        result = function(**leaves, **question.attributes)
        result = result if isinstance(result, dict) else {"out": result}
    gradients = {}
    if watched:
        gradients = tape.gradient(
            result["out"],
            watched,
            output_gradients=tf.constant(question.dout),
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
    named = {f"d{name}": gradients[name] for name in watched}
    return {n: v if isinstance(v, Omitted) else v.numpy() for n, v in {**result, **named}.items()}


def nhwc(x: Tensor) -> Tensor:
    return tf.transpose(x, (0, 2, 3, 1))


def nchw(x: Tensor) -> Tensor:
    return tf.transpose(x, (0, 3, 1, 2))
