"""What a framework computes where it has a known defect, in extended precision.

An answer is excused only if it is this, within rounding: whatever else is off there is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from oracles import exact
from oracles.geometry import explicit, two
from oracles.oracle import Array, Question
from ref_layers.sigmoid import sigmoid
from ref_layers.special import erf, number, pi

from .bounds.bound import bounds_of
from .facts import Facts


def float32_gelu(question: Question) -> Mapping[str, Array]:
    """GELU whose constants 1/sqrt(2) and 0.044715 were float32 numbers once."""
    return gelu_with(extended(np.float32(np.sqrt(0.5))), question)


def float32_gelu_divided(question: Question) -> Mapping[str, Array]:
    """The same that divides by sqrt(2)."""
    return gelu_with(1 / extended(np.float32(np.sqrt(2.0))), question)


def float32_gelu_of_onnx(question: Question) -> Mapping[str, Array]:
    """GELU by tanh whose constants 2/pi and 0.044715 were float32 numbers once."""
    return gelu_with(None, question, np.sqrt(extended(np.float32(2 / np.pi))))


def gelu_with(root: Any, question: Question, scale: Any = None) -> Mapping[str, Array]:
    """GELU by these values of 1/sqrt(2), sqrt(2/pi), and by the float32 nearest 0.044715."""
    x, dout = question.inputs["x"], question.dout
    with np.errstate(all="ignore"):
        if question.attributes["approximate"] == "tanh":
            scale, cubic = scale or np.sqrt(2 / pi(x)), extended(np.float32(0.044715))
            t = np.tanh(scale * (x + cubic * x * x * x))
            share, slope = 0.5 * (1 + t), 0.5 * (1 - t * t) * scale * (1 + 3 * cubic * x * x)
        else:
            share = 0.5 * (1 + erf(x * root))
            slope = root / np.sqrt(pi(x)) * np.exp(-(x * root) * (x * root))
        return {"out": x * share, "dx": dout * (share + x * slope)}


def float32_slope(question: Question) -> Mapping[str, Array]:
    """Leaky ReLU whose slope was a float32 number once."""
    slope = extended(np.float32(question.attributes["negative_slope"]))
    x, dout = question.inputs["x"], question.dout
    return {"out": np.where(x > 0, x, slope * x), "dx": np.where(x > 0, dout, slope * dout)}


def exp_less_one(question: Question) -> Mapping[str, Array]:
    """ELU by exp(x) - 1, and its slope by that plus 1: right but for the digits of small x."""
    x, alpha = question.inputs["x"], question.attributes["alpha"]
    out = np.where(x > 0, x, alpha * (np.exp(np.minimum(x, number(x, 0))) - 1))
    slope = np.where(x > 0, 1, out + alpha)
    return {"out": out, "dx": question.dout * slope}


def exp_of_difference(question: Question) -> Mapping[str, Array]:
    """The slope of softplus as exp(z - softplus(z)): right but for the digits that z has before
    its point."""
    x, beta = question.inputs["x"], question.attributes["beta"]
    z = beta * x
    smooth = np.where(x > 0, z, 0) + np.log1p(np.exp(-np.abs(z)))
    return {"dx": question.dout * np.exp(z - smooth)}


def slope_from_above(question: Question) -> Mapping[str, Array]:
    """The slope of bce_with_logits as 1 less a share of sigmoid(-x): right but for the digits of
    small ones, and for that share where x is 0."""
    x, y = question.inputs["x"], question.inputs["y"]
    share = np.where(x == 0, 0, sigmoid(-x)[0])
    slope = (1 - y) - (1 - y + question.attributes["pos_weight"] * y) * share
    mean = question.attributes["reduction"] == "mean"
    return {"dx": slope * (question.dout / x.size if mean else question.dout)}


def whole_windows(question: Question) -> Mapping[str, Array]:
    """The gradient of an average pool whose windows, where larger than the image, lie on it whole:
    also those of which a part lies in the padding."""
    size = question.inputs["x"].shape[2:]
    kernel, stride = (two(question.attributes[name]) for name in ("kernel_size", "stride"))
    sides = explicit(question.attributes["padding"], size, kernel, stride)
    counts = question.dout.shape[2:]
    axes = zip(size, counts, kernel, stride, (near for near, _ in sides), strict=True)
    rows, columns = (spread(*axis) for axis in axes)
    return {"dx": rows.T @ question.dout @ columns}


def float32_places(question: Question) -> Mapping[str, Array]:
    """Nearest pixels by a scale that was rounded to float32."""
    size, middles = question.inputs["x"].shape[2:], question.attributes["mode"] == "nearest-exact"
    axes = zip(size, two(question.attributes["size"]), strict=True)
    rows, columns = (float32_nearest(old, new, middles) for old, new in axes)
    x, dout = question.inputs["x"], question.dout
    return {"out": rows @ x @ columns.T, "dx": rows.T @ dout @ columns}


def float32_nearest(size: int, count: int, middles: bool) -> Array:
    """Which pixel each new one takes: (count, size)."""
    scale = np.float32(size) / np.float32(count)
    at = (np.arange(count, dtype=np.float32) + np.float32(0.5 * middles)) * scale
    chosen = np.minimum(at.astype(int), size - 1)
    taken: Array = (chosen[:, None] == np.arange(size)).astype(np.longdouble)
    return taken


def spread(size: int, count: int, kernel: int, stride: int, near: int) -> Array:
    """Which share of each window's gradient each row of the image gets: (count, size)."""
    shares = np.zeros((count, size), np.longdouble)
    for window in range(count):
        start = window * stride - near
        first, length = max(start, 0), kernel + min(start, 0)
        if first + kernel > size:
            length = min(size - first, kernel)
        shares[window, first : first + length] = 1 / np.longdouble(length)
    return shares


def extended(value: np.float32) -> Any:
    """A number in extended precision."""
    return np.longdouble(value)


INSTEAD: Mapping[str, Callable[[Question], Mapping[str, Array]]] = {
    made.__name__: made
    for made in (
        float32_gelu,
        float32_gelu_divided,
        float32_gelu_of_onnx,
        float32_slope,
        exp_less_one,
        exp_of_difference,
        slope_from_above,
        whole_windows,
        float32_places,
    )
}
"""By the name that a defect's entry has."""

ROUNDS = (exp_less_one, exp_of_difference, slope_from_above)
"""Those whose rounding differs as well: how far it goes is derived from them, too."""


def facts_instead(known: Facts, name: str) -> Facts:
    """What a case is judged by if the framework computes this in place of the op."""
    question = known.case.question.astype(np.longdouble)
    arrays = {**known.truth.arrays, **INSTEAD[name](question)}
    unit = float(np.finfo(np.longdouble).eps) / 2
    truth = exact.Truth(arrays, unit, known.truth.arithmetic)
    own = bounds_of(INSTEAD[name], known.case.question) if INSTEAD[name] in ROUNDS else {}
    return replace(known, truth=truth, bounds={**known.bounds, **own})
