"""Which conventions a layer follows, and what its answers come to under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer
from layercheck.judging.conventions import (
    Convention,
    conventions,
    is_right_under,
    outputs_changed,
    suits,
)
from layercheck.judging.facts import EXACT, Facts, drawn_facts
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict
from layercheck.submissions.expressible import expressible

from .outcome import Outcome, smallest

HELD = 8
"""How many right answers have to bear a convention out."""

FURTHER, LARGEST = 200, 1000
"""How many further cases are looked at where few were asked, and of how many elements at most."""

UNLIKE_FORWARD = "its forward answers"
"""How the reason begins of a gradient that is right, but not by its forward's convention."""


def take_conventions(layer: Layer, outcomes: Sequence[Outcome]) -> None:
    """A convention holds where nobody could choose it, and in all cases alike: of an attribute, one
    value at most. At a kink each choice is right by itself, so that a layer with a fast path of its
    own may make another one there.
    """
    chosen: set[str] = set()
    for convention in conventions(layer.op):
        if convention.attribute in (*layer.accepted, *chosen):
            continue
        failing = [o for o in outcomes if o.answer and o.is_wrong]
        is_kink = not convention.attribute
        if shows(convention, failing) and (is_kink or is_followed(convention, layer, outcomes)):
            chosen |= {convention.attribute} - {""}
            for outcome in failing:
                judge_under(convention, outcome)


def is_followed(convention: Convention, layer: Layer, outcomes: Sequence[Outcome]) -> bool:
    """Whether a convention explains all that it makes a difference to: in one case it may give by
    chance what a mistake does. Where few cases were asked, further ones are."""
    wrong = [o for o in outcomes if o.answer and any(True for _ in o.wrong("forward"))]
    telling = [o for o in wrong if tells(convention, o)]
    if not all(is_right_by(convention, o, outputs_alone=True) for o in telling):
        return False
    if contradicts(convention, outcomes):
        return False
    missing = max(0, HELD - len(telling))
    return all(
        suits(convention, *one) for one in islice(further_answers(convention, layer), missing)
    )


def further_answers(convention: Convention, layer: Layer) -> Iterator[tuple[Facts, Facts, Answer]]:
    """Further cases whose outputs are others by a convention: what they are judged by without it
    and with it, and what the layer answers."""
    for case in expressible(layer.op, layer.takes, FURTHER, any_size=True):
        if case.elements > LARGEST or layer.refuses(case) or layer.goes_beyond(case):
            continue
        reply = layer.implementation.answer(case)
        if not isinstance(reply, Answer) or "forward" in reply.lost:
            continue
        known = drawn_facts(case)
        other = convention.facts(known)
        if other is not None and outputs_changed(known, other):
            yield known, other, reply


def taken(layer: Layer, outcomes: Sequence[Outcome]) -> list[Convention]:
    """The conventions that the layer was found to follow."""
    texts = {c.reason for o in outcomes for c in o.judged.own if c.verdict is Verdict.CONVENTION}
    return [one for one in conventions(layer.op) if one.text in texts] if texts else []


def shows(convention: Convention, failing: Sequence[Outcome]) -> bool:
    """Whether a convention explains one of the wrong answers, or its outputs."""
    if any(is_right_by(convention, o) for o in smallest(failing, HELD)):
        return True
    outputs = [o for o in failing if any(True for _ in o.wrong("forward"))]
    return bool(convention.attribute) and any(
        is_right_by(convention, o, outputs_alone=True) for o in smallest(outputs, HELD)
    )


def contradicts(convention: Convention, outcomes: Sequence[Outcome]) -> bool:
    """Whether an answer is right where the convention would have it otherwise; of one with a wrong
    gradient, its outputs, where the convention would have those otherwise."""
    right = [o for o in outcomes if o.answer and not any(True for _ in o.wrong("forward"))]
    right = [o for o in right if o.judged.verdict.passes or o.is_wrong]
    telling = (o for o in smallest(right, len(right)) if tells(convention, o))
    return not all(
        is_right_by(convention, o, outputs_alone=o.is_wrong) for o in islice(telling, HELD)
    )


def tells(convention: Convention, outcome: Outcome) -> bool:
    """Whether an answer says for or against a convention."""
    other = facts_by(convention, outcome)
    if other is None:
        return False
    return not outcome.is_wrong or bool(outputs_changed(outcome.gathered.facts, other))


def facts_by(convention: Convention, outcome: Outcome) -> Facts | None:
    """What a case is judged by under a convention; None where it makes no difference."""
    return convention.facts(outcome.gathered.facts)


def is_right_by(convention: Convention, outcome: Outcome, outputs_alone: bool = False) -> bool:
    """Whether an answer is right under a convention that makes a difference."""
    other, answer = facts_by(convention, outcome), outcome.answer
    if other is None or answer is None:
        return False
    known = outcome.gathered.facts
    if outputs_alone:
        return suits(convention, known, other, answer)
    return is_right_under(other, answer)


def judge_under(convention: Convention, outcome: Outcome) -> None:
    """Call by the convention's name what is right under it, and hold the rest against what it
    should be then; nothing changes of an answer that does not follow it."""
    other, answer = facts_by(convention, outcome), outcome.answer
    if other is None or answer is None:
        return
    if is_right_under(other, answer):
        outcome.rename(Verdict.CONVENTION, convention.text)
    elif convention.attribute and suits(convention, outcome.gathered.facts, other, answer):
        made = [c for c in other.compare_all("", answer) if c.part not in answer.lost]
        under = {c.array: c for c in made}
        outcome.judged.own = [
            judged_again(one, under.get(one.array), convention) for one in outcome.judged.own
        ]


def judged_again(one: Comparison, under: Comparison | None, convention: Convention) -> Comparison:
    """A comparison under a convention: what was wrong may be right, and the other way round."""
    is_wrong = one.verdict is Verdict.WRONG
    if under is None or one.probe or not (is_wrong or one.verdict.passes):
        return one
    if under.verdict.passes:
        return replace(one, verdict=Verdict.CONVENTION, reason=convention.text) if is_wrong else one
    if one.against != EXACT:
        return one
    told = f"{UNLIKE_FORWARD} {convention.text}, this gradient does not"
    return replace(
        under,
        case=one.case,
        subject=one.subject,
        function=one.function,
        called=one.called,
        reason=told if one.verdict.passes else under.reason,
    )
