"""One object asked more than once, and running statistics outside of training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from layercheck.implementations.script import Performed
from layercheck.submissions.profiles.performing import Step
from layercheck.submissions.profiles.target import OBJECT
from oracles.oracle import Array, Question
from ref_layers import OPS

from .asked import Asked, Asks, held, other_values


def second_forward(asked: Asked) -> Asks:
    """An object that has answered is asked with other values, then with one sample more."""
    if OBJECT not in asked.layer.habits:
        return
    for question in (values(asked), larger(asked)):
        if question is None or asked.layer.takes.refuses(shapes(question), question.attributes):
            continue
        once: list[Step] = [("backward", 1, 1)] if asked.gradients else []
        steps: list[Step] = [("forward", 0, 0), ("forward", 1, 1), *once, ("again", 0, 1)]
        steps += [("backward", 0, 1)] if once else []
        steps.append(("first", 0, 0))
        performed: Performed = yield asked.script(steps, asked.question, question)
        count = len(question.inputs["x"])
        when = f"its second forward, of {count} sample{'s' if count > 1 else ''}"
        yield from asked.broken(performed, steps, when)
        if performed.failures:
            continue
        alone = performed.steps[1]
        yield from held(performed, 2 + len(once), when, {"out": alone["out"]}, "forward")
        if once:
            told = f"backward after {when}"
            yield from held(performed, len(steps) - 2, told, performed.steps[2], "backward")
        first = {"out": performed.steps[0]["out"]}
        told = f"what its first forward returned, after {when}"
        yield from held(performed, len(steps) - 1, told, first, "forward")


def values(asked: Asked) -> Question:
    """Other values of the same shapes, with the same parameters."""
    return with_parameters(asked, other_values(asked.question))


def larger(asked: Asked) -> Question | None:
    """One sample more, where the op's shapes have a place for it."""
    inputs, sizes = OPS[asked.case.op].inputs, {}
    for name, shape in asked.case.shapes.items():
        batched = inputs[name].symbols[:1] == ("N",) and shape
        sizes[name] = (shape[0] + 1, *shape[1:]) if batched else shape
    if sizes == dict(asked.case.shapes):
        return None
    try:
        return with_parameters(asked, replace(asked.case, shapes=sizes).question)
    except (ValueError, TypeError):
        return None


def with_parameters(asked: Asked, question: Question) -> Question:
    """The question with the case's own weights and statistics, which an object holds."""
    kept = {n: v for n, v in asked.question.inputs.items() if is_kept(n)}
    return replace(question, inputs={**question.inputs, **kept})


def is_kept(name: str) -> bool:
    """Whether an input is a parameter: something that an object holds."""
    return name in ("w", "b", "gamma", "beta") or name.startswith(("w_", "running"))


def shapes(question: Question) -> dict[str, tuple[int, ...]]:
    """The shapes of a question's arrays."""
    return {name: value.shape for name, value in question.inputs.items()}


# ---------------------------------------------------------------------- training and not


def modes(asked: Asked) -> Asks:
    """Outside of training, in training, and outside again: statistics stay, answers are alike."""
    outside = outside_of_training(asked)
    if outside is None:
        return
    is_object = OBJECT in asked.layer.habits
    steps: list[Step] = [("forward", 0, 0), ("state", 0, 0)]
    if is_object:
        steps += [("again", 0, 1), ("state", 0, 0), ("again", 0, 0), ("state", 0, 0)]
    else:
        steps += [("forward", 1, 1), ("state", 1, 0), ("forward", 2, 0), ("state", 2, 0)]
    performed: Performed = yield asked.script(steps, outside, asked.question)
    yield from asked.broken(performed, steps, "outside of training and in it")
    before: dict[str, Array] = running(outside)
    told = "running statistics after a forward outside of training"
    if performed.failures:
        return
    first, state, _, moved, last, _ = performed.steps
    kept = {n: v for n, v in before.items() if n in state}
    yield from held(performed, 1, told, kept, "forward")
    if asked.case.op != "dropout":
        out = {"out": asked.outputs["out"]}
        yield from held(performed, 2, "training after a forward outside of it", out, "forward")
    when = "outside of training after training"
    if is_object:
        own = {n: moved[n] for n in kept if n in moved}
        yield from held(performed, 5, told, own, "forward")
        yield from fresh(asked, replace(outside, inputs={**outside.inputs, **own}), last, when)
    else:
        yield from held(performed, 5, told, kept, "forward")
        yield from held(performed, 4, when, {"out": first["out"]}, "forward")


def fresh(asked: Asked, question: Question, made: Mapping[str, Array], when: str) -> Asks:
    """What an object gave, held against another object that is made for the same question."""
    performed: Performed = yield asked.script([("forward", 0, 0)], question)
    if not performed.failures:
        right = {"out": performed.steps[0]["out"]}
        yield from held(replace(performed, steps=[made]), 0, when, right, "forward")


def outside_of_training(asked: Asked) -> Question | None:
    """The same question outside of training, if it is one in training, and can be asked."""
    case = asked.case
    if case.all_attributes.get("training") is not True:
        return None
    try:
        other = replace(case, attributes={**case.attributes, "training": False})
        return None if asked.layer.refuses(other) else other.question
    except (ValueError, TypeError):
        return None


def running(question: Question) -> dict[str, Array]:
    """The running statistics that a question gives."""
    return {n: v for n, v in question.inputs.items() if n.startswith("running")}
