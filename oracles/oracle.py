"""What every oracle is asked and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Unsupported(Exception):
    """An implementation cannot express a question; the message is the reason."""


@dataclass(frozen=True)
class Omitted:
    """One array that an implementation leaves out of an otherwise complete answer."""

    reason: str


Answer = dict[str, Array | Omitted]


@dataclass(frozen=True)
class Question:
    """One case with its values.

    op: name · inputs: arrays by name, in the op's order · attributes: every attribute by name ·
    dout: the cotangent of `out` · differentiable: the inputs whose gradient is asked for.
    """

    op: str
    inputs: Mapping[str, Array]
    attributes: Mapping[str, Any]
    dout: Array
    differentiable: tuple[str, ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.dout.dtype

    def astype(self, dtype: npt.DTypeLike) -> Question:
        """The same values in another floating dtype (integer inputs stay as they are)."""
        inputs = {name: cast(value, dtype) for name, value in self.inputs.items()}
        return replace(self, inputs=inputs, dout=cast(self.dout, dtype))


def cast(value: Array, dtype: npt.DTypeLike) -> Array:
    return value.astype(dtype) if value.dtype.kind == "f" else value


class Oracle(Protocol):
    """What a module `oracles/<name>_oracle.py` offers, beside one function an op."""

    def versions(self) -> dict[str, str]: ...
    def answer(self, question: Question) -> Answer: ...


def same_padding(
    size: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], lower: bool = False
) -> tuple[tuple[int, int], ...]:
    """TensorFlow's SAME as explicit (before, after) for each axis; lower: ONNX's SAME_LOWER.

    kernel: the extent of the dilated kernel. Source: tf.nn, 'Notes on padding'.
    """
    sides = []
    for n, k, s in zip(size, kernel, stride, strict=True):
        total = max((-(-n // s) - 1) * s + k - n, 0)
        near, far = total // 2, total - total // 2
        sides.append((far, near) if lower else (near, far))
    return tuple(sides)


def two(value: Any) -> tuple[int, int]:
    """An int or a pair as a pair."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def dilated(kernel: Any, dilation: Any) -> tuple[int, int]:
    """How many pixels a kernel spans."""
    (kh, kw), (dh, dw) = two(kernel), two(dilation)
    return (kh - 1) * dh + 1, (kw - 1) * dw + 1


def explicit(
    padding: Any, size: tuple[int, ...], kernel: tuple[int, int], stride: tuple[int, int]
) -> tuple[tuple[int, int], ...]:
    """Any form of padding as ((top, bottom), (left, right))."""
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding in ("same", "same_lower"):
        return same_padding(size, kernel, stride, lower=padding == "same_lower")
    if isinstance(padding, int) or isinstance(padding[0], int):
        h, w = two(padding)
        return (h, h), (w, w)
    return tuple(tuple(side) for side in padding)
