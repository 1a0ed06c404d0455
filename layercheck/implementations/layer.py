"""One op as a subject implements it: what is asked, checked and blamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from layercheck.cases.case import Case
from layercheck.cases.where import condition
from layercheck.reporting.records import Part
from layercheck.submissions.coverage.place import Code
from layercheck.submissions.profiles.target import Takes
from ref_layers import OPS

from .protocol import PARTS, Implementation


@dataclass(frozen=True)
class Layer:
    """A forward and a backward function, and who answers for both.

    op · forward, backward: what the report calls the two; an empty backward: there is none; both
    alike: one function gives outputs and gradients · takes: the cases that the signatures can
    express · beyond: conditions under which a case goes beyond the assignment's contract · unknown:
    optional arguments that nothing is known of · defaults: sentences about defaults of its own ·
    code: what is followed while they run · habits: what its state is, see target.py · own_way:
    sentences about functions that are called otherwise than their assignment does · narrowed: how
    its file narrows what may be asked · notes: what else is told of it.
    """

    op: str
    forward: str
    backward: str
    implementation: Implementation
    takes: Takes = field(default_factory=Takes)
    beyond: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    code: Code = field(default_factory=Code)
    habits: tuple[str, ...] = ()
    own_way: Mapping[str, str] = field(default_factory=dict)
    narrowed: str = ""
    notes: tuple[str, ...] = ()

    def called(self, name: str) -> Layer:
        """The layer as one thing, of another name, that gives outputs and gradients."""
        uses = {**self.code.uses, name: [self.forward, self.backward]}
        return replace(self, forward=name, backward=name, code=replace(self.code, uses=uses))

    def functions(self) -> Iterator[tuple[str, tuple[Part, ...]]]:
        """Each function with the parts that it gives."""
        if self.backward in ("", self.forward):
            yield self.forward, ("forward", "backward") if self.backward else ("forward",)
        else:
            yield self.forward, ("forward",)
            yield self.backward, ("backward",)

    def function_of(self, part: Part) -> str:
        """The function that gives a part; the forward's where there is no backward."""
        return self.backward if part == "backward" and self.backward else self.forward

    def parts(self, case: Case) -> tuple[Part, ...]:
        """What is asked at a case: the forward, and the backward where there is a gradient."""
        has_gradient = bool(self.backward) and self.takes.has_gradient(case.all_attributes)
        return PARTS if has_gradient else PARTS[:1]

    def refuses(self, case: Case) -> str:
        """Why a case cannot be put to these functions; empty if it can."""
        return self.takes.refuses(case.shapes, case.all_attributes, case.needs)

    def goes_beyond(self, case: Case) -> str:
        """Under which condition a case goes beyond the assignment's contract; empty if it does
        not."""
        return next((text for text, holds in self._beyond.items() if holds(case)), "")

    @cached_property
    def _beyond(self) -> dict[str, Callable[[Case], bool]]:
        return {text: condition(text) for text in self.beyond}

    @property
    def told(self) -> list[str]:
        """Its notes, and what is not asked since it refused it."""
        return [*self.notes, *(self.takes.tried.told() if self.takes.tried else ())]

    @property
    def accepted(self) -> list[str]:
        """The attributes that the signature has a place for."""
        return [name for name in OPS[self.op].attributes if name not in self.takes.fixed]
