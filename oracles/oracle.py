"""What every oracle is asked and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

    def without(self, attributes: Iterable[str]) -> Question:
        """The same, asked of somebody who has no such attributes."""
        dropped = set(attributes)
        kept = {name: value for name, value in self.attributes.items() if name not in dropped}
        return replace(self, attributes=kept)


def cast(value: Array, dtype: npt.DTypeLike) -> Array:
    return value.astype(dtype) if value.dtype.kind == "f" else value


class Oracle(Protocol):
    """What a module `oracles/<name>_oracle.py` offers, beside one function an op."""

    def versions(self) -> dict[str, str]: ...
    def answer(self, question: Question) -> Answer: ...
