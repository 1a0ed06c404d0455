"""Every number of the 16-bit formats put to the activations: how far each framework is off.

The exact result is the definition's in ball arithmetic, of the number that a format holds; an error
is told in units of the format's last place there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layercheck.cases.elementwise import activations
from layercheck.cases.space import space_of
from layercheck.implementations.protocol import Answer, Refusal
from layercheck.implementations.route import Routed, Routes
from oracles import exact, routes
from oracles.oracle import Array, Question
from oracles.routes import Bits
from ref_layers import OPS

PIECE = 5000
"""Numbers that are computed together, of like size: balls are as sharp as the largest needs."""

ORDER = np.arange(1 << 16, dtype=np.uint16).view(np.int16)


@dataclass(frozen=True)
class Format:
    """digits: significant bits, the leading one included · least: the exponent of the smallest
    normal number · dropped: low bits of a float32 that it lacks, 0 for one of its own."""

    kind: str
    digits: int
    least: int
    dropped: int = 0

    def values(self, bits: Array) -> Array:
        """The numbers, float32, which holds all of them."""
        if self.dropped:
            return (bits.view(np.uint16).astype(np.uint32) << self.dropped).view(np.float32)
        return bits.view(np.float16).astype(np.float32)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float(2.0 ** (2 - self.least) * (1 - 2.0**-self.digits))

    def last_place(self, values: Array) -> Array:
        """The unit in the last place of numbers."""
        with np.errstate(divide="ignore"):
            exponent = np.floor(np.log2(np.abs(values).astype(np.longdouble)))
        exponent = np.maximum(np.where(np.isfinite(exponent), exponent, self.least), self.least)
        return np.asarray(np.exp2(exponent - (self.digits - 1)))


FORMATS = (Format("float16", 11, -14), Format("bfloat16", 8, -126, 16))


@dataclass(frozen=True)
class Line:
    """One array of one family.

    said: attributes, as text · error: the largest, in units of the last place; inf where a number
    should be finite and is not · at: where · beyond: how many numbers are off by more than one unit
    · refused: why there is no answer.
    """

    op: str
    said: str
    kind: str
    family: str
    array: str = ""
    error: float = 0.0
    at: float = 0.0
    beyond: int = 0
    refused: str = ""


def settings(name: str) -> list[dict[str, Any]]:
    """What is said of an op: everything at the definition's default, and each word that it has."""
    usual = dict(OPS[name].attributes)
    words = [n for n, value in usual.items() if isinstance(value, str)]
    said = [{**usual, n: level} for n in words for level in space_of(name).factors.get(n, ())]
    return said or [usual]


def lines(families: Sequence[str] = (), ops: Sequence[str] = ()) -> Iterator[Line]:
    """All tables, of the families that are here."""
    asked = [name for name in families or routes.families() if routes.is_here(name)]
    with Routes() as ways:
        for name in ops or activations():
            for said in settings(name):
                for form in FORMATS:
                    yield from table(ways, asked, form, Bits(name, said, form.kind, ORDER))


def table(ways: Routes, families: Sequence[str], form: Format, asked: Bits) -> Iterator[Line]:
    """The lines of one op in one format."""
    x = form.values(asked.bits)
    right = definition(asked, x)
    said = ", ".join(f"{name}={value}" for name, value in asked.said.items())
    for family in families:
        reply = ways.table(family, asked)
        if isinstance(reply, Answer):
            for name, value in reply.arrays.items():
                found = measured(form, x, form.values(np.asarray(value)), right[name])
                yield Line(asked.op, said, form.kind, family, name, *found)
        elif not isinstance(reply, str):
            yield Line(asked.op, said, form.kind, family, refused=why(reply))


def why(reply: Routed) -> str:
    """Why there is no answer, in a line."""
    return reply.reason if isinstance(reply, Refusal) else str(reply)


def definition(asked: Bits, x: Array) -> Mapping[str, Array]:
    """`out` and `dx` of all finite numbers, in longdouble; nan elsewhere, and for the gradient at
    0, where it is a convention if there is a kink."""
    made = {name: np.full(x.shape, np.nan, np.longdouble) for name in ("out", "dx")}
    places = np.argsort(x, kind="stable")
    places = places[np.isfinite(x[places])]
    for start in range(0, len(places), PIECE):
        own = places[start : start + PIECE]
        piece = x[own].astype(np.float64)
        attributes = {**OPS[asked.op].attributes, **asked.said}
        question = Question(asked.op, {"x": piece}, attributes, np.ones_like(piece), ("x",))
        for name, value in exact.truth(question).arrays.items():
            made[name][own] = value
    made["dx"][x == 0] = np.nan
    return made


def measured(form: Format, x: Array, got: Array, right: Array) -> tuple[float, float, int]:
    """The largest error in units of the last place, where it is, and how many are beyond one."""
    known = np.isfinite(right)
    got, right, x = got[known].astype(np.longdouble), right[known], x[known]
    over = np.abs(right) >= form.largest * (1 + 2.0 ** -(form.digits + 1))
    with np.errstate(invalid="ignore"):
        error = np.abs(got - right) / form.last_place(right)
    error = np.where(over & np.isinf(got) & (np.sign(got) == np.sign(right)), 0, error)
    error = np.where(np.isfinite(error), error, np.inf)
    worst = int(np.argmax(error))
    return float(error[worst]), float(x[worst]), int((error > 1).sum())
