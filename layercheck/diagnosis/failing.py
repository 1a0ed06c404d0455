"""Whether a function fails at another case as it does at the one that is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.drawing import draws
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import TIMED_OUT, Answer, Implementation, Refusal, Reply
from layercheck.judging.conventions import Convention, as_followed
from layercheck.judging.drawn import facts_as_drawn
from layercheck.judging.facts import Facts, near_facts
from layercheck.judging.judge import judge
from layercheck.reporting.records import Comparison, Part, leading
from layercheck.reporting.verdict import Verdict

FATAL = (TIMED_OUT, "crashed")
"""What a smaller case may not be asked for: each would cost a process."""


class Kind(NamedTuple):
    """What a failure has in common with another one: the array, the verdict, and how its reason
    begins (`shape`, `raised`, `changed its input x`)."""

    array: str
    verdict: Verdict
    reason: str


def kind_of(comparisons: Iterable[Comparison]) -> Kind | None:
    """The kind of the failing record: the first with the worst verdict; None where all pass."""
    shown = leading(list(comparisons))
    if shown is None or not shown.verdict.fails:
        return None
    return Kind(shown.array, shown.verdict, shown.reason.partition("\n")[0].partition(":")[0])


class Failed(NamedTuple):
    """A case that was asked, and how it failed."""

    facts: Facts
    answer: Answer
    kind: Kind


Alike = Callable[[Failed], bool]
"""A further condition on the failure: its diagnosis is that of the first."""


def as_it_is(failed: Failed) -> bool:
    """No further condition."""
    return True


@dataclass
class FailsAlike:
    """Asks one function of a layer; a `Fails` for `smallest`.

    layer, parts: the function · kind: how it fails at the first case · alike: what else has to be
    as it was there · over: whether it is asked no more, as it died · followed: the conventions
    that the layer follows.
    """

    layer: Layer
    parts: Sequence[Part]
    kind: Kind
    alike: Alike = as_it_is
    over: bool = False
    followed: Sequence[Convention] = ()
    implementation: Any = field(init=False)

    def __post_init__(self) -> None:
        self.implementation = undying(self.layer.implementation)
        self.over = self.over or self.kind.reason in FATAL

    def __call__(self, case: Case) -> bool:
        if self.over or self.layer.refuses(case) or self.layer.goes_beyond(case):
            return False
        failed = self.asked(case)
        return failed is not None and failed.kind == self.kind and self.alike(failed)

    def asked(self, case: Case) -> Failed | None:
        """How the function fails at a case; None if it does not, or died of it."""
        reply = self.implementation.answer(case)
        if getattr(self.implementation, "dead", None):
            self.over = True
            return None
        return failed_at(self.implementation, self.parts, case, reply, self.followed)


def failed_at(
    implementation: Implementation,
    parts: Sequence[Part],
    case: Case,
    reply: Reply,
    followed: Sequence[Convention] = (),
) -> Failed | None:
    """How these parts of a reply fail; None if they do not, or there is no answer."""
    if isinstance(reply, Refusal) or not isinstance(reply, Answer):
        return None
    with np.errstate(all="ignore"):
        known = as_followed(facts_of(implementation, case, reply), reply, followed)
        judged = judge(known, implementation, reply, {}, {})
    kind = kind_of(c for c in judged.own if c.part in parts)
    return None if kind is None else Failed(known, reply, kind)


@runtime_checkable
class Renewed(Protocol):
    """What can forget what earlier calls left."""

    def renew(self, whole: bool = False) -> None:
        """Forget it; whole: wherever it was left, which takes longer."""
        ...


def fails_alone(
    layer: Layer, parts: Sequence[Part], case: Case, followed: Sequence[Convention] = ()
) -> bool:
    """Whether a function fails at a case that is the first that it is asked: one that passes is
    asked once more in a process of its own."""
    implementation = undying(layer.implementation)
    if not isinstance(implementation, Renewed):
        return True
    for whole in (False, True):
        implementation.renew(whole)
        reply = implementation.answer(case)
        if failed_at(implementation, parts, case, reply, followed) is not None:
            return True
    return False


def facts_of(implementation: Implementation, case: Case, reply: Reply) -> Facts:
    """What a reply is judged by: of a dropout that drew its mask, by that mask."""
    if draws(implementation, case):
        return facts_as_drawn(case, reply)
    return near_facts(case, case.question)


def undying(implementation: Implementation) -> Implementation:
    """The implementation with a memory of its own of what its functions died of."""
    if hasattr(implementation, "dead") and is_dataclass(implementation):
        made: Implementation = replace(implementation, dead={})
        return made
    return implementation
