"""The same numbers in other orders of memory: views are arguments like any other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from layercheck.implementations.functions import same
from layercheck.implementations.protocol import Answer
from layercheck.implementations.script import Performed
from layercheck.judging.facts import EXACT, Facts
from layercheck.judging.judge import judge
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict
from layercheck.submissions.profiles.memory import READ_ONLY
from layercheck.submissions.profiles.target import FRAMEWORK
from oracles.oracle import Array

from .asked import Asked, Asks, Found, in_dtype_of

REFUSED = ("BufferError", "buffer source array is read-only", "not writable")
"""What is raised where an array is handed to code that cannot say that it only reads."""


def views(asked: Asked, form: str) -> Asks:
    """A forward and a backward with views; judged by the bounds, since sums may be ordered
    otherwise. No framework's tensors lie backwards, or are read-only."""
    if form in ("reversed", READ_ONLY) and FRAMEWORK in asked.layer.habits:
        return
    steps = asked.once
    performed: Performed = yield asked.script(steps, memory=form)
    told = " ".join(failure.message for failure in performed.failures.values())
    if form == READ_ONLY and any(words in told for words in REFUSED):
        asked.note("forward", f"cannot be given them, though it need not write: {told[:200]}")
        return
    yield from asked.broken(performed, steps, "asked with them")
    yield from asked.overwrote(performed, steps, "asked with them")
    yield from alike(asked, performed, asked.gradients)


def alike(asked: Asked, performed: Performed, gradients: Mapping[str, Array]) -> Iterator[Found]:
    """The same outputs and these gradients as of the call alone, bit for bit or within the
    bounds."""
    if performed.failures:
        return
    wanted = {**asked.outputs, **gradients}
    made: dict[str, Any] = {name: v for step in performed.steps for name, v in step.items()}
    arrays = in_dtypes(made, wanted)
    if not all(same(arrays.get(name), value) for name, value in wanted.items()):
        known = among(asked.outcome.gathered.facts, wanted)
        yield from beyond_bounds(asked, arrays, known, same_values=True)


def in_dtypes(made: Mapping[str, Any], wanted: Mapping[str, Array]) -> dict[str, Any]:
    """Those of the wanted arrays that were made, float64 of narrower ones cast back."""
    return {n: in_dtype_of(made[n], value) for n, value in wanted.items() if n in made}


def expected(known: Facts) -> dict[str, Array]:
    """The exact arrays in the case's dtype."""
    return {n: right.astype(known.case.dtype) for n, right in known.truth.arrays.items()}


def among(known: Facts, names: Collection[str]) -> Facts:
    """What is known of some arrays alone: of others nothing was asked."""
    arrays = {name: value for name, value in known.truth.arrays.items() if name in names}
    return replace(known, truth=replace(known.truth, arrays=arrays))


def parted(known: Facts, parts: Sequence[str]) -> Facts:
    """What is known of some parts alone."""
    return among(known, [name for name in known.truth.arrays if known.part_of(name) in parts])


def judged_anew(asked: Asked, made: Mapping[str, Any], known: Facts) -> Iterator[Comparison]:
    """What `beyond_bounds` tells of the arrays that a step gave, in the case's dtype."""
    yield from beyond_bounds(asked, in_dtypes(made, expected(known)), known)


def beyond_bounds(
    asked: Asked, arrays: Mapping[str, Any], known: Facts, same_values: bool = False
) -> Iterator[Comparison]:
    """The arrays that are wrong now and were right before; of a layer that is wrong by itself
    nobody could tell what is the probe's doing, and another convention may show at other values."""
    if not (asked.unfailing if same_values else asked.sound) or known.surely_has(arrays):
        return
    subject = asked.layer.implementation
    right = {
        c.array
        for c in asked.outcome.judged.own
        if c.against == EXACT and c.verdict in (Verdict.EXACT, Verdict.ROUNDING)
    }
    own = judge(known, subject, Answer(arrays), {}, {}).own
    found = [c for c in own if c.verdict.fails and c.array in right]
    wrong_forward = any(c.part == "forward" for c in found)
    for comparison in found:  # a backward goes by what its forward kept
        if comparison.part == "forward" or not wrong_forward:
            yield comparison
