"""An answer held against what it should be: the cheap way first, bounds where that does not do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from layercheck.implementations.protocol import Answer, Refusal
from layercheck.judging.facts import Facts
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict
from ref_layers.op import Array

from .asking import LACKING, Asker, perturb
from .definition import CLOSE, Definition
from .generators.lanes import AXES
from .suspicion import Suspicion

PERTURBATIONS = (85, 42)
"""Bytes that memory is filled with: the routes' own, and another one."""

SLIGHT = 0.01
"""An error below this share of the largest expected number is inaccuracy."""


@dataclass(frozen=True)
class Put:
    """One question put to one route. name: the route's · variant: what its family calls it."""

    asker: Asker
    name: str
    variant: str
    definition: Definition
    check: str

    @property
    def said(self) -> tuple[str, ...]:
        """The attributes that the call names."""
        return self.asker.said(self.variant, self.definition.case)

    def answer(self, byte: int = 0) -> Answer | Refusal:
        """What the route says; byte: which memory is filled with for this call alone."""
        if byte:
            perturb(byte)
        try:
            return self.asker.put(self.variant, self.definition.question, self.said)
        finally:
            if byte:
                perturb(PERTURBATIONS[0])

    def suspicions(self) -> tuple[str, list[Suspicion]]:
        """How it was answered (`answered`, `refused`, `lacking`), and what may be wrong with it."""
        reply = self.answer()
        if isinstance(reply, Refusal):
            return ("lacking" if reply is LACKING else "refused"), []
        if self.definition.reference is None:
            return "answered", list(self.of_undefined(reply))
        if self.check == "lanes":
            return "answered", list(self.of_lanes(reply))
        return "answered", list(self.of_defined(reply))

    def suspicion(self, kind: str, array: str, told: str) -> Suspicion:
        """The record."""
        case = str(self.definition.case)
        return Suspicion(self.name, case, self.said, self.check, kind, array, told)

    # ------------------------------------------------------------------ against the definition

    def of_defined(self, reply: Answer) -> Iterator[Suspicion]:
        """Arrays that are off by more than rounding, and by no convention."""
        known = self.definition
        assert known.reference is not None
        given = {n: v for n, v in arrays_of(reply).items() if n in known.reference}
        if all(known.is_close(name, value) for name, value in given.items()):
            return
        off = off_of(known.facts, given)
        if not off or known.is_convention(Answer(given)):
            return
        case = known.case
        for other in known.unsaid(self.said):  # what was left to the framework may differ
            less = off_of(other, given)
            if len(less) < len(off):
                off, case = less, other.case
        varied = self.varying(reply, [c.array for c in off])
        for one in off:
            kind = "unwritten" if one.array in varied else kind_of(one, known)
            found = self.suspicion(kind, one.array, words_of(one))
            yield replace(found, case=str(case))

    def varying(self, reply: Answer, names: list[str]) -> list[str]:
        """The arrays that change with what lies in memory."""
        other = self.answer(PERTURBATIONS[1])
        if isinstance(other, Refusal):
            return []
        return [n for n in names if not same_bits(arrays_of(reply)[n], arrays_of(other).get(n))]

    def of_undefined(self, reply: Answer) -> Iterator[Suspicion]:
        """The definition has no answer: any will do that is not what happened to lie in memory."""
        for name in self.varying(reply, list(arrays_of(reply))):
            shape = np.shape(arrays_of(reply)[name])
            yield self.suspicion("unwritten", name, f"an array {shape} whose content varies")

    # ------------------------------------------------------------------ against itself

    def of_lanes(self, reply: Answer) -> Iterator[Suspicion]:
        """The same numbers in the opposite order have to give the same."""
        axis = AXES[self.definition.case.op]
        question = self.definition.question
        turned = {name: flipped(value, axis) for name, value in question.inputs.items()}
        other = self.asker.put(
            self.variant, question, self.said, turned, flipped(question.dout, axis)
        )
        if isinstance(other, Refusal):
            return
        for name, value in arrays_of(reply).items():
            back = np.asarray(arrays_of(other).get(name))
            if value.shape == back.shape and value.ndim and value.dtype.kind == "f":
                places = np.argwhere(unlike(value, flipped(back, axis)))
                if len(places):
                    yield self.suspicion("by place", name, two_places(value, back, axis, places))


def arrays_of(reply: Answer) -> dict[str, Array]:
    """Its arrays: a route leaves none out with a reason."""
    return {name: np.asarray(value) for name, value in reply.arrays.items()}


def flipped(value: Array, axis: int) -> Array:
    """In the opposite order along an axis, in a block of its own."""
    return np.ascontiguousarray(np.flip(value, axis))


def unlike(one: Array, other: Array) -> Array:
    """Where two arrays do not mean the same number: rounding aside, beside sums near 1 too."""
    with np.errstate(all="ignore"):
        largest = np.maximum(np.abs(one), np.abs(other))
        near = np.abs(one - other) <= CLOSE * np.finfo(one.dtype).eps * np.maximum(largest, 1)
    return np.asarray(~(near | (np.isnan(one) & np.isnan(other)) | (one == other)))


def two_places(value: Array, back: Array, axis: int, places: Array) -> str:
    """The first place that differs, with both numbers."""
    place = tuple(int(n) for n in places[0])
    other = flipped(back, axis)[place]
    return f"[{', '.join(map(str, place))}]: {value[place]}, and {other} where the order is turned"


def same_bits(one: Array, other: Array | None) -> bool:
    """Whether two arrays are alike to the last bit."""
    return other is not None and one.shape == other.shape and one.tobytes() == other.tobytes()


def off_of(known: Facts, given: dict[str, Array]) -> list[Comparison]:
    """The arrays that are off by more than rounding."""
    compared = known.compare_all("route", Answer(given))
    return [one for one in compared if one.array in given and is_off(one)]


def is_off(one: Comparison) -> bool:
    """Whether an array is beyond what any order of summation can come to."""
    if not one.verdict.fails or one.reason.startswith("dtype"):
        return False
    if overflows(one):
        return False
    counted = isinstance(one.of_worst, float) and not one.reason
    return not counted or one.of_worst > 1  # type: ignore[operator]


def overflows(one: Comparison) -> bool:
    """Whether the expected number is near or beyond the largest that the dtype has."""
    return one.expected is not None and abs(one.expected) > np.finfo(one.dtype).max / 4


def kind_of(one: Comparison, known: Definition) -> str:
    """What sort of wrong it is."""
    if one.reason.startswith("shape"):
        return "shape"
    if one.verdict is Verdict.ERROR or "finite" in one.reason:
        return "not finite"
    assert known.reference is not None
    largest = float(np.abs(known.reference[one.array]).max(initial=0))
    off = one.max_abs if isinstance(one.max_abs, float) else np.inf
    return "inaccurate" if off < SLIGHT * largest else "wrong"


def words_of(one: Comparison) -> str:
    """Where it is worst, with both numbers."""
    if one.worst_index is None:
        return one.reason or "off"
    place = ", ".join(map(str, one.worst_index))
    told = f"[{place}]: {one.got:.9g}, expected {one.expected:.9g}"
    return f"{told}; {one.of_worst:.3g} times the worst case of rounding" if one.of_worst else told
