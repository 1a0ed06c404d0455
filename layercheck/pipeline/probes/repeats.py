"""One small case asked again and again: what fails once in fifty calls fails here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from layercheck.implementations.protocol import LIMITS
from layercheck.implementations.script import Performed
from layercheck.reporting.records import Part
from oracles.oracle import Array

from .asked import Asked, Asks, Held, in_dtype_of

CALLS = 230
"""In all: a fault in one of 50 calls stays hidden with (1 - 1/50)^230 < 1 %."""

FEWEST = 60
"""In a row, also where there are many cases: every 50th call is among them."""

SECONDS = 0.5
"""Of processor time at most; a slow function is repeated less often, which is told."""


def repeated(asked: Asked) -> Asks:
    """As often as it takes, together with the calls that were made."""
    times = max(FEWEST, CALLS - asked.calls)
    steps = asked.once
    performed: Performed = yield asked.script(steps, times=times, seconds=SECONDS)
    within = any(failure.kind in LIMITS for failure in performed.failures.values())
    when = f"{times} calls together" if within else f"call {performed.times + 1} of {times}"
    yield from asked.broken(performed, steps, when)
    if performed.failures:
        return
    yield from unlike(performed.steps[0], asked.outputs, "forward", times)
    if asked.gradients:
        yield from unlike(performed.steps[1], asked.gradients, "backward", times)
    if performed.times < times:
        told = f"asked {performed.times} times in a row only, not {times}: it is slow; "
        asked.note("forward", told + "a fault in one of 50 calls may stay hidden")


def unlike(
    made: Mapping[str, Array], expected: Mapping[str, Array], part: Part, times: int
) -> Iterator[Held]:
    """Of each array the first call that gave other bits; all of them lie one below the other."""
    for name, value in expected.items():
        turns = in_dtype_of(made.get(name), value)
        if turns is None or turns.shape[1:] != value.shape or turns.dtype != value.dtype:
            yield Held(part, name, f"in {times} calls", None, value)
            continue
        right, bits = np.ascontiguousarray(value).tobytes(), np.ascontiguousarray(turns)
        if bits.tobytes() == right * len(bits):
            continue
        call = next(n for n, turn in enumerate(bits) if turn.tobytes() != right)
        yield Held(part, name, f"in call {call + 1} of {times}", bits[call], value)
