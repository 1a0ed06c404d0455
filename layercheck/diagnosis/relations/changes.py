"""What people do to the inputs of a layer, or to the gradient that it gets, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from oracles.oracle import Array, Question

Change = Callable[[Mapping[str, Array], Array], tuple[Mapping[str, Array], Array]]


def on(name: str, how: Callable[[Array], Array]) -> Change:
    """An input changed."""

    def change(inputs: Mapping[str, Array], dout: Array) -> tuple[Mapping[str, Array], Array]:
        return {**inputs, name: how(inputs[name])}, dout

    return change


def on_dout(how: Callable[[Array], Array]) -> Change:
    """The gradient of the output changed."""
    return lambda inputs, dout: (inputs, how(dout))


def on_labels(step: int) -> Change:
    """Labels moved to the next class, round about."""
    return lambda inputs, dout: (
        {**inputs, "y": (inputs["y"] + step) % inputs["x"].shape[1]},
        dout,
    )


def channels_last(values: Array) -> Array:
    """The same numbers in the same order, as if the channels came last. Raises ValueError of what
    has no channels and pixels."""
    if values.ndim < 3:
        raise ValueError(f"no channels and pixels in {values.ndim} axes")
    shape = values.shape
    return np.moveaxis(values.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


def turned_by_reshape(values: Array) -> Array:
    """What an array is taken for where it is reshaped to its own shape reversed, and that is taken
    for its transpose. Raises ValueError of what has one axis."""
    if values.ndim < 2:
        raise ValueError(f"no transpose of {values.ndim} axes")
    return np.transpose(values.reshape(values.shape[::-1]))


def rows_turned_by_reshape(values: Array) -> Array:
    """The same of a matrix that has a row for each place along the first axis. Raises ValueError of
    what has one axis."""
    if values.ndim < 2:
        raise ValueError(f"no rows in {values.ndim} axes")
    rows = values.reshape(len(values), int(np.prod(values.shape[1:])))
    return turned_by_reshape(rows).reshape(values.shape)


def of_class(chosen: int, other: int) -> Change:
    """Labels of one class taken for another, each counted from the first or the last. Raises
    ValueError where there is none, or no other class."""

    def change(inputs: Mapping[str, Array], dout: Array) -> tuple[Mapping[str, Array], Array]:
        y, classes = inputs["y"], inputs["x"].shape[1]
        if y.dtype.kind not in "iu" or classes < 2 or not (y == chosen % classes).any():
            raise ValueError(f"no label {chosen} of {classes} classes")
        there = y == chosen % classes
        return {**inputs, "y": np.where(there, other % classes, y).astype(y.dtype)}, dout

    return change


def on_kernel(how: Callable[[Array], Array]) -> Change:
    """The kernels of a convolution changed. Raises ValueError of weights that have none."""

    def changed(w: Array) -> Array:
        if w.ndim < 4:
            raise ValueError(f"no kernels in weights of {w.ndim} axes")
        return how(w)

    return on("w", changed)


CHANGES: dict[str, Change] = {
    "what the layer gives for dout = 1": on_dout(np.ones_like),
    "what the layer gives for the negative of dout": on_dout(np.negative),
    "what the layer gives for |dout|": on_dout(np.abs),
    "what the layer gives for dout divided by N": on_dout(lambda d: d / d.shape[0]),
    "what the layer gives for a dout that is averaged over the samples": on_dout(
        lambda d: np.broadcast_to(d.mean(axis=0, keepdims=True), d.shape).copy()
    ),
    "what the layer gives for dout reshaped as if its channels came last": on_dout(channels_last),
    "what the layer gives for x reshaped as if its channels came last": on("x", channels_last),
    "what the layer gives for x flipped in height and width": on("x", lambda v: v[..., ::-1, ::-1]),
    "what the layer gives for x flipped along its last axis": on("x", lambda v: v[..., ::-1]),
    "what the layer gives for twice x": on("x", lambda v: 2 * v),
    "what the layer gives for half of x": on("x", lambda v: v / 2),
    "what the layer gives for x / 255": on("x", lambda v: v / 255),
    "what the layer gives for |x|": on("x", np.abs),
    "what the layer gives for the negative of x": on("x", np.negative),
    "what the layer gives for x cut to whole numbers": on("x", np.trunc),
    "what the layer gives for x with its numbers cut off below 0": on(
        "x", lambda v: np.maximum(v, 0)
    ),
    "what the layer gives for x in float16": on(
        "x", lambda v: v.astype(np.float16).astype(v.dtype)
    ),
    "what the layer gives for x divided by its largest number": on(
        "x", lambda v: v / np.max(np.abs(v))
    ),
    "what the layer gives for x less its mean": on("x", lambda v: v - v.mean()),
    "what the layer gives for w with its kernel flipped": on_kernel(lambda v: v[..., ::-1, ::-1]),
    "what the layer gives for w flipped in height": on_kernel(lambda v: v[..., ::-1, :]),
    "what the layer gives for w flipped in width": on_kernel(lambda v: v[..., ::-1]),
    "what the layer gives for w with its kernel transposed": on_kernel(
        lambda v: v.swapaxes(-1, -2)
    ),
    "what the layer gives for w with its first two axes swapped": on(
        "w", lambda v: v.swapaxes(0, 1)
    ),
    "what the layer gives for w reversed along its first axis": on("w", lambda v: v[::-1]),
    "what the layer gives for w reversed along its second axis": on("w", lambda v: v[:, ::-1]),
    "what the layer gives for |w|": on("w", np.abs),
    "what the layer gives without a bias": on("b", np.zeros_like),
    "what the layer gives for twice the bias": on("b", lambda v: 2 * v),
    "what the layer gives for the negative of the bias": on("b", np.negative),
    "what the layer gives for a bias of its first number alone": on(
        "b", lambda v: np.full_like(v, v[0])
    ),
    "what the layer gives for gamma = 1": on("gamma", np.ones_like),
    "what the layer gives for gamma squared": on("gamma", np.square),
    "what the layer gives for 1 + gamma": on("gamma", lambda v: v + 1),
    "what the layer gives for gamma reversed": on("gamma", lambda v: v[::-1]),
    "what the layer gives for |gamma|": on("gamma", np.abs),
    "what the layer gives for beta = 0": on("beta", np.zeros_like),
    "what the layer gives for the negative of beta": on("beta", np.negative),
    "what the layer gives for beta reversed": on("beta", lambda v: v[::-1]),
    "what the layer gives for twice beta": on("beta", lambda v: 2 * v),
    "what the layer gives for a running variance that is squared": on("running_var", np.square),
    "what the layer gives for a running mean of 0": on("running_mean", np.zeros_like),
    "what the layer gives for a running variance of 1": on("running_var", np.ones_like),
    "what the layer gives for the mask inverted": on("mask", lambda v: 1 - v),
    "what the layer gives for labels that are one larger": on_labels(1),
    "what the layer gives for labels that are one smaller": on_labels(-1),
    "what the layer gives for the labels of the next samples": on("y", lambda v: np.roll(v, -1)),
    "what the layer gives for the labels of the samples before": on("y", lambda v: np.roll(v, 1)),
    "what the layer gives for the labels in reverse": on("y", lambda v: v[::-1]),
    "what the layer gives for label 0 taken for label 1": of_class(0, 1),
    "what the layer gives for label 0 taken for the last": of_class(0, -1),
    "what the layer gives for the last label taken for the one before": of_class(-1, -2),
    "what the layer gives for the last label taken for label 0": of_class(-1, 0),
    "what the layer gives for label 0 everywhere": on("y", np.zeros_like),
}


TURNED: dict[str, Callable[[Array], Array]] = {
    "reshaped to its reversed shape for a transpose": turned_by_reshape,
    "made a matrix and that reshaped to its reversed shape for a transpose": rows_turned_by_reshape,
}
for words, how in TURNED.items():
    CHANGES |= {
        f"what the layer gives for x {words}": on("x", how),
        f"what the layer gives for w {words}": on("w", how),
        f"what the layer gives for dout {words}": on_dout(how),
    }


def is_square(question: Question, text: str) -> bool:
    """Whether the array that a sentence says is reshaped for a transpose has a shape that is its
    own reverse: there the one cannot be told from the other."""
    arrays = {**question.inputs, "dout": question.dout}
    for name, words in ((name, words) for name in arrays for words in TURNED):
        if text.endswith(f" {name} {words}"):
            value = np.asarray(arrays[name])
            rows = (
                value.shape if words.startswith("reshaped") else value.reshape(len(value), -1).shape
            )
            return rows == rows[::-1]
    return False


def changed_by(question: Question, change: Change) -> Question | None:
    """A question with an input changed; None where it has no such input."""
    try:
        inputs, dout = change(question.inputs, question.dout)
    except (KeyError, IndexError, ValueError):
        return None
    return replace(question, inputs=inputs, dout=np.asarray(dout))
