"""One object asked more than once, and running statistics outside of training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from layercheck.cases.case import Case
from layercheck.implementations.protocol import is_parameter
from layercheck.implementations.script import NOT_ASKED, Performed
from layercheck.judging.facts import near_facts
from layercheck.submissions.profiles.performing import Step
from layercheck.submissions.profiles.target import (
    CLEARS,
    KEEPS,
    MADE,
    OBJECT,
    SINGLE,
    SIZED,
    TOLD_ONCE,
)
from oracles.oracle import Array, Question
from ref_layers import OPS

from .asked import Asked, Asks, held, other_values, turned_within
from .memory import judged_anew, parted

LARGER = "of a larger image"


def second_forward(asked: Asked) -> Asks:
    """An object that has answered is asked with other values, with such as look alike, with other
    parameters after a step, with one sample more, and with larger images."""
    if OBJECT not in asked.layer.habits:
        return
    for question, ask, told in second_questions(asked):
        if not asked.layer.takes.refuses(shapes(question), question.attributes):
            yield from second(asked, question, ask, told)


def second_questions(asked: Asked) -> Iterator[tuple[Question, str, str]]:
    """Each with how it is put, and what it is in words."""
    count = len(asked.question.inputs["x"])
    yield values(asked), "again", f"of {samples(count)}"
    yield with_parameters(asked, turned_within(asked.question)), "again", "of numbers alike"
    if any(map(is_parameter, asked.question.inputs)):
        yield other_values(asked.question), "renewed", "with other parameters"
    more = larger(asked, ("N",))
    if more is not None:
        yield more, "again", f"of {samples(count + 1)}"
    image = None if SIZED in asked.layer.habits else larger(asked, ("H", "W"))
    if image is not None:
        yield image, "again", LARGER


def samples(count: int) -> str:
    """`2 samples`."""
    return f"{count} sample{'s' if count > 1 else ''}"


def second(asked: Asked, question: Question, ask: str, told: str) -> Asks:
    """One object that is asked a second time, beside one that is asked that alone."""
    once: list[Step] = [("backward", 1, 1)] if asked.gradients else []
    steps: list[Step] = [("forward", 0, 0), ("forward", 1, 1), *once]
    adds_up = CLEARS in asked.layer.habits  # gradients that are somebody else's to clear
    steps += [("backward", 0, 0)] if once and ask == "renewed" and not adds_up else []
    steps += [(ask, 0, 1), *([("backward", 0, 1)] if once else []), ("first", 0, 0)]
    performed: Performed = yield asked.script(steps, asked.question, question)
    when = f"its second forward, {told}"
    at = steps.index((ask, 0, 1))
    if min(performed.failures, default=len(steps)) > at:
        alone = {"out": performed.steps[1]["out"]}
        yield from held(replace(performed, failures={}), at, when, alone, "forward")
    if performed.failures:
        unasked = all(one.kind == NOT_ASKED for one in performed.failures.values())
        made_for_them = ask == "renewed" and MADE in asked.layer.habits and unasked
        if told != LARGER and not made_for_them:  # an object may be made for images of one size
            more = len(question.inputs["x"]) > len(asked.question.inputs["x"])
            may_refuse = more and SINGLE in asked.layer.habits
            yield from asked.broken(performed, steps, when, may_refuse=may_refuse)
        return
    if once:
        after, right = f"backward after {when}", performed.steps[2]
        right = {n: v for n, v in right.items() if n == "dx"} if ask == "renewed" else right
        yield from held(performed, len(steps) - 2, after, right, "backward")  # `twice` has the rest
    first = {"out": performed.steps[0]["out"]}
    returned = f"what its first forward returned, after {when}"
    yield from held(performed, len(steps) - 1, returned, first, "forward")


def two_steps(asked: Asked) -> Asks:
    """The running statistics after a second forward in training, held against their bounds."""
    before = running(asked.question)
    if not before or asked.case.all_attributes.get("training") is not True:
        return
    question = values(asked)
    steps: list[Step] = [("forward", 0, 0), ("again", 0, 1)]
    performed: Performed = yield asked.script(steps, asked.question, question)
    yield from asked.broken(performed, steps, "two forwards in training")
    once = {n: v for n, v in (performed.steps or [{}])[0].items() if n in before}
    if performed.failures or once.keys() != before.keys():
        return
    asked_then = replace(question, inputs={**question.inputs, **once})
    known = parted(near_facts(asked.case, asked_then), ("forward",))
    yield from judged_anew(asked, performed.steps[1], known)


def values(asked: Asked) -> Question:
    """Other values of the same shapes, with the same parameters."""
    return with_parameters(asked, other_values(asked.question))


def larger(asked: Asked, symbols: Sequence[str]) -> Question | None:
    """One more along these axes, where the op's shapes have a place for it and its parameters go
    with it."""
    inputs, sizes = OPS[asked.case.op].inputs, {}
    if any(is_parameter(name) and {*symbols} & {*one.symbols} for name, one in inputs.items()):
        return None
    for name, shape in asked.case.shapes.items():
        pairs = zip(inputs[name].symbols, shape, strict=False)
        grown = [size + (axis in symbols) for axis, size in pairs]
        sizes[name] = (*grown, *shape[len(grown) :])
    if sizes == dict(asked.case.shapes):
        return None
    try:
        return with_parameters(asked, replace(asked.case, shapes=sizes).question)
    except (ValueError, TypeError):
        return None


def with_parameters(asked: Asked, question: Question) -> Question:
    """The question with the case's own weights and statistics, which an object holds."""
    kept = {n: v for n, v in asked.question.inputs.items() if is_parameter(n)}
    return replace(question, inputs={**question.inputs, **kept})


def shapes(question: Question) -> dict[str, tuple[int, ...]]:
    """The shapes of a question's arrays."""
    return {name: value.shape for name, value in question.inputs.items()}


# ---------------------------------------------------------------------- training and not


def modes(asked: Asked) -> Asks:
    """Outside of training, in training, and outside again: statistics stay, answers are alike."""
    if asked.case.op == "dropout":
        yield from training_between(asked)
        return
    if {OBJECT, KEEPS} & {*asked.layer.habits}:
        yield from two_steps(asked)
    other = with_training(asked, False)
    if other is not None:
        yield from outside_and_in(asked, other)


def outside_and_in(asked: Asked, other: Case) -> Asks:
    """The same of a case outside of training."""
    outside, is_object = other.question, OBJECT in asked.layer.habits
    steps: list[Step] = [("forward", 0, 0), ("state", 0, 0)]
    if is_object:
        steps += [("again", 0, 1), ("state", 0, 0), ("again", 0, 0), ("state", 0, 0)]
    else:
        steps += [("forward", 1, 1), ("state", 1, 0), ("forward", 2, 0), ("state", 2, 0)]
    has_gradient = bool(asked.gradients) and "backward" in asked.layer.parts(other)
    steps += [("backward", 0 if is_object else 2, 0)] if has_gradient else []
    performed: Performed = yield asked.script(steps, outside, asked.question)
    when = "outside of training and in it"
    yield from asked.broken(performed, steps, when, may_refuse=TOLD_ONCE in asked.layer.habits)
    before: dict[str, Array] = running(outside)
    told = "running statistics after a forward outside of training"
    if performed.failures:
        return
    first, state, _, moved, last = performed.steps[:5]
    kept = {n: v for n, v in before.items() if n in state}
    own = {n: moved[n] for n in kept if n in moved}
    later = replace(outside, inputs={**outside.inputs, **own}) if is_object else outside
    if has_gradient:
        known = parted(near_facts(asked.case, later), ("backward",))
        yield from judged_anew(asked, performed.steps[6], known)
    yield from held(performed, 1, told, kept, "forward")
    out = {"out": asked.outputs["out"]}
    yield from held(performed, 2, "training after a forward outside of it", out, "forward")
    when = "outside of training after training"
    if is_object:
        yield from held(performed, 5, told, own, "forward")
        yield from fresh(asked, later, last, when)
    else:
        yield from held(performed, 5, told, kept, "forward")
        yield from held(performed, 4, when, {"out": first["out"]}, "forward")


def training_between(asked: Asked) -> Asks:
    """Of a layer that draws in training: outside of it, in it, and outside again with the backward
    of that; judged bit for bit by the same calls alone."""
    inside = with_training(asked, True)
    if inside is None:
        return
    is_object = OBJECT in asked.layer.habits
    ask, last = ("again", 0) if is_object else ("forward", 2)
    steps: list[Step] = [("forward", 0, 0), (ask, last and 1, 1), (ask, last, 0)]
    steps += [("backward", last, 0)] if asked.gradients else []
    performed: Performed = yield asked.script(steps, asked.question, inside.question)
    when = "outside of training after training"
    yield from asked.broken(performed, steps, when, may_refuse=TOLD_ONCE in asked.layer.habits)
    yield from held(performed, 2, when, asked.outputs, "forward")
    yield from held(performed, 3, f"backward {when}", asked.gradients, "backward")


def fresh(asked: Asked, question: Question, made: Mapping[str, Array], when: str) -> Asks:
    """What an object gave, held against another object that is made for the same question."""
    performed: Performed = yield asked.script([("forward", 0, 0)], question)
    if not performed.failures:
        right = {"out": performed.steps[0]["out"]}
        yield from held(replace(performed, steps=[made]), 0, when, right, "forward")


def with_training(asked: Asked, training: bool) -> Case | None:
    """The same case in training or outside of it, if it is the other, and can be asked."""
    case = asked.case
    if case.all_attributes.get("training") is not (not training):
        return None
    try:
        other = replace(case, attributes={**case.attributes, "training": training})
        return None if asked.layer.refuses(other) else other
    except (ValueError, TypeError):
        return None


def running(question: Question) -> dict[str, Array]:
    """The running statistics that a question gives."""
    return {n: v for n, v in question.inputs.items() if n.startswith("running")}
