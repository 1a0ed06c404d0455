"""Asking the routes of a family in its own process."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.cases.text import value_text
from layercheck.implementations.protocol import Answer, Refusal
from layercheck.implementations.route_child import telling_line
from oracles.oracle import Question
from oracles.routes import Asked, Family, Lacking
from ref_layers.op import Array

from .definition import REFUSALS

M_PERTURB = -6
"""glibc's name for the byte that memory is filled with when it is given and taken."""

LACKING = Refusal("lacking")
"""The reply of a framework that has nothing like the op."""


REFUSED_OFTEN = 12
"""After so many refusals, and no answer, a value is no longer asked."""


def perturb(byte: int) -> None:
    """From now on memory that is given holds the complement of this byte; 0: what was there."""
    if sys.platform == "linux":
        ctypes.CDLL(None).mallopt(M_PERTURB, byte)


@dataclass
class Asker:
    """family: the module of the routes · accepted: by op and variant, the attributes that may be
    named, as they were found out · came: by op, variant, name and value, how many questions were
    refused, and answered · unanswered: by variant, why there was no answer the last time."""

    family: Family
    accepted: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    came: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)

    def remember(self, variant: str, case: Case, answered: bool) -> None:
        """Count how questions with these values came out."""
        for key in values_of(variant, case):
            self.came.setdefault(key, [0, 0])[answered] += 1

    def is_hopeless(self, variant: str, case: Case) -> bool:
        """Whether some value of the case was refused each time, often enough."""
        told = (self.came.get(key, (0, 0)) for key in values_of(variant, case))
        return any(refused >= REFUSED_OFTEN and not answered for refused, answered in told)

    def put(
        self,
        variant: str,
        question: Question,
        said: tuple[str, ...],
        inputs: Mapping[str, Array] | None = None,
        dout: Array | None = None,
    ) -> Answer | Refusal:
        """What a variant answers to a question, with other arrays where they are given."""
        way = {"": self.family.answer, **self.family.VARIANTS}[variant]
        if variant in getattr(self.family, "FINITE", ()) and not is_finite(question.inputs):
            return LACKING
        named = {name: question.attributes[name] for name in said}
        given = question.inputs if inputs is None else inputs
        cotangent = question.dout if dout is None else dout
        asked = Asked(question.op, given, named, cotangent, tuple(question.differentiable))
        try:
            with np.errstate(all="ignore"):
                found = way(asked)
        except Lacking as error:
            self.unanswered[variant] = str(error)
            return LACKING
        except Exception as error:  # a framework may raise anything: that is its answer
            self.unanswered[variant] = telling_line(error)
            return Refusal(self.unanswered[variant])
        return Answer({name: np.asarray(value) for name, value in found.items()})

    def said(self, variant: str, case: Case) -> tuple[str, ...]:
        """What a call of this case names: what is not at its default, and all else that may be."""
        key = (case.op, variant)
        if key not in self.accepted:
            self.accepted[key] = tuple(self.found_out(variant, case.op))
        kept = dict.fromkeys([*case.attributes, *self.accepted[key]])
        return tuple(name for name in case.spec.attributes if name in kept)

    def found_out(self, variant: str, op: str) -> list[str]:
        """The attributes that may be named, asked one by one where not all may."""
        plain = next((one for one in quick(op) if one.dtype == "float32"), None)
        if plain is None or not self.takes(variant, plain, list(plain.attributes)):
            return []
        names = list(plain.all_attributes)
        if self.takes(variant, plain, names):
            return names
        own = list(plain.attributes)
        return [n for n in names if n in own or self.takes(variant, plain, [*own, n])]

    def takes(self, variant: str, case: Case, names: list[str]) -> bool:
        """Whether a case is answered where the call names these."""
        try:
            return isinstance(self.put(variant, case.question, tuple(names)), Answer)
        except REFUSALS:
            return False


def is_finite(arrays: Mapping[str, Array]) -> bool:
    """Whether all numbers of some arrays are finite."""
    return all(np.isfinite(value).all() for value in arrays.values())


def values_of(variant: str, case: Case) -> list[tuple[str, ...]]:
    """What a refusal may be about: each attribute's value, the dtype, how many axes x has."""
    told = [(name, value_text(value)) for name, value in case.attributes.items()]
    told += [("dtype", case.dtype), ("axes", str(len(case.shapes.get("x", ()))))]
    told += [("given", name) for name in case.spec.optional if name in case.shapes]
    return [(case.op, variant, *one) for one in told]


def known(told: dict[str, Any]) -> dict[tuple[str, str], tuple[str, ...]]:
    """What was found out before, as a message has it."""
    return {tuple(k.split(" ", 1)): tuple(v) for k, v in told.items()}  # type: ignore[misc]
