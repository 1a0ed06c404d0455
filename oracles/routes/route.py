"""What a route is asked, and what every family of routes offers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Lacking(Exception):
    """A framework has nothing to ask for this op by this route; the message says so."""


@dataclass(frozen=True)
class Asked:
    """One question, as a person would write the call.

    op: name · inputs: arrays by name · said: the attributes that are named in the call; the others
    are left to the framework's defaults · dout: the cotangent of `out`; without elements where no
    gradients are asked for · wanted: the inputs whose gradient is asked for.
    """

    op: str
    inputs: Mapping[str, Array]
    said: Mapping[str, Any]
    dout: Array
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class Bits:
    """Every number of a 16-bit format put to an elementwise op, and 1 as its cotangent.

    op, said: as of Asked · kind: `float16` or `bfloat16` · bits: the numbers as they lie in memory,
    int16.
    """

    op: str
    said: Mapping[str, Any]
    kind: str
    bits: Array

    @property
    def asked(self) -> Asked:
        """The same as a question without arrays."""
        return Asked(self.op, {}, self.said, np.zeros(0), ("x",))


class Family(Protocol):
    """A module `<name>_routes.py`, beside one function an op. One that is asked 16-bit numbers has
    `table(Bits)`, too: `out`, and `dx` where it has gradients, as they lie in memory, int16."""

    VARIANTS: Mapping[str, Callable[[Asked], Mapping[str, Array]]]
    SCOPE: Mapping[str, Any]
    """What a recipe's code may name, and `tensor`, which makes a tensor of an array."""

    def versions(self) -> dict[str, str]: ...

    def answer(self, asked: Asked) -> Mapping[str, Array]: ...


def function_for(functions: Mapping[str, Any], asked: Asked, who: str) -> Callable[..., Any]:
    """The function of an op; raises Lacking where there is none, TypeError where it has no such
    argument."""
    function = functions.get(asked.op)
    if function is None:
        raise Lacking(f"{who} has no {asked.op}")
    known = inspect.signature(function).parameters
    unknown = [name for name in (*asked.inputs, *asked.said) if name not in known]
    if unknown and not any(one.kind is one.VAR_KEYWORD for one in known.values()):
        raise TypeError(f"{who} has no argument {', '.join(unknown)} here")
    return function  # type: ignore[no-any-return]


def named(result: Any) -> dict[str, Any]:
    """What a route's function gave, by name."""
    return dict(result) if isinstance(result, Mapping) else {"out": result}


def of_numpy(values: Mapping[str, Any]) -> dict[str, Array]:
    """Arrays by name."""
    return {name: np.asarray(value) for name, value in values.items()}
