"""Where in a trace the wrong array stands, in which order of axes, and which calls it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import permutations

import numpy as np

from layercheck.errors import UsageError
from layercheck.implementations.trace import CallMade, Trace, Way
from oracles.oracle import Array

Axes = tuple[int, ...]


class Where(Enum):
    """What holds an array after a call."""

    RESULT = "result"
    OBJECT = "object"
    ARGUMENT = "argument"


@dataclass(frozen=True)
class Found:
    """call, where, argument: after which call the array stands in its result, in its object, or in
    which argument · way: where in it · axes, shape: how the op's array is turned to be the
    function's · scaled: whether it is yet to be multiplied by dout."""

    call: int
    where: Where
    argument: str | int
    way: Way
    axes: Axes
    shape: tuple[int, ...]
    scaled: bool = False

    def as_theirs(self, value: Array) -> Array:
        """An array of the op as the function has it."""
        if value.ndim != len(self.axes) or value.size != np.prod(self.shape):
            return value
        return np.asarray(value.transpose(self.axes).reshape(self.shape))


def find(trace: Trace, array: str, dout: Array | None) -> Found:
    """Where an array of the answer stands; raises UsageError where it is nowhere."""
    got = trace.answer.get(array)
    for call in reversed(range(len(trace.calls))) if got is not None else ():
        for where, argument, leaves in held_after(trace.calls[call]):
            for way, leaf in leaves:
                if leaf.ndim or np.asarray(got).ndim == 0:  # one number is no array of one
                    for turned in fitting(np.asarray(got), leaf, dout):
                        return Found(call, where, argument, way, *turned)
    raise UsageError(
        f"no script: what the functions return holds no array that is {array} as it is judged; "
        "--save keeps the arrays"
    )


def held_after(
    made: CallMade,
) -> Iterator[tuple[Where, str | int, Sequence[tuple[Way, Array]]]]:
    """The arrays that there are after a call."""
    yield Where.RESULT, "", made.gave
    yield Where.OBJECT, "", made.left
    given = dict(made.given)
    for argument, leaves in made.after.items():
        if isinstance(given.get(argument), (np.ndarray, dict)):  # what has a name in a script
            yield Where.ARGUMENT, argument, leaves


def fitting(
    got: Array, leaf: Array, dout: Array | None
) -> Iterator[tuple[Axes, tuple[int, ...], bool]]:
    """In which order of axes an array is another one, as it is or times dout."""
    if leaf.size != got.size or not got.size:
        return
    whole = leaf.astype(got.dtype)
    scale = dout if dout is not None and dout.size == 1 else None
    for axes in permutations(range(got.ndim)):
        turned = got.transpose(axes).reshape(leaf.shape)
        if np.array_equal(turned, whole, equal_nan=got.dtype.kind == "f"):
            yield axes, leaf.shape, False
        elif scale is not None and np.array_equal(turned, whole * scale.reshape(())):
            yield axes, leaf.shape, True


def needed(calls: Sequence[CallMade], last: int) -> list[int]:
    """The calls that one needs, itself included, in their order: those whose results it uses, and
    what was done before with its object."""
    wanted, open_ones = set[int](), [last]
    while open_ones:
        number = open_ones.pop()
        if number in wanted:
            continue
        wanted.add(number)
        open_ones += calls[number].needs
        owner = calls[number].owner
        if owner is not None:
            open_ones += [n for n in range(number) if calls[n].owner == owner]
    return sorted(wanted)
