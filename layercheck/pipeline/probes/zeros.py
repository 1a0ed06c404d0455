"""Weights of zero, a gradient of zero, and numbers so small that no threshold is below them.

Nothing has to be computed for it: what comes out is zero, a bias, or what came out before, bit for
bit or scaled by a power of two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from layercheck.implementations.script import Performed
from layercheck.reporting.records import Part
from layercheck.submissions.profiles.performing import Step
from layercheck.submissions.profiles.target import STEPS
from oracles.oracle import Array, Question
from ref_layers import OPS

from .asked import Asked, Asks, Held, held, in_dtype_of
from .moved import answers

SMALL = 2.0**-45
"""Far below every threshold that people write, far above what underflows in float32."""

SIZE = f"2**{int(np.log2(SMALL))}"
BIASES = ("b",)
"""What is added to a linear layer's output."""

HOMOGENEOUS = ("relu", "leaky_relu", "max_pool")
"""Whose answer grows as x does, though they are not linear."""


def zeros(asked: Asked) -> Asks:
    """Forward and backward with weights of zero, with a dout of zero, and with a tiny x."""
    if not asked.sound:
        return
    question = asked.question
    weightless = {n: 0 * v if is_weight(n) else v for n, v in question.inputs.items()}
    if any(map(is_weight, question.inputs)):
        yield from put(asked, replace(question, inputs=weightless), "with weights of zero")
    if asked.gradients:
        still = replace(question, dout=np.zeros_like(question.dout))
        yield from put(asked, still, "with a dout of zero")
        if is_wide(asked) and STEPS not in asked.layer.habits and question.dout.size > 1:
            yield from tiny_gradient(asked)
    if is_homogeneous(asked):
        yield from tiny(asked)


def is_weight(name: str) -> bool:
    """Whether an input is multiplied with what comes in."""
    return name in ("w", "gamma") or name.startswith("w_")


def put(asked: Asked, question: Question, when: str) -> Asks:
    """A question of which the reference gives what is zero, or as given, without rounding."""
    steps = asked.once
    performed: Performed = yield asked.script(steps, question)
    yield from asked.broken(performed, steps, when)
    if performed.failures:
        return
    right = answers(question)
    made = {name: value for step in performed.steps for name, value in step.items()}
    for name, value in plain(question, right):
        own = {**asked.outputs, **asked.gradients}.get(name)
        if own is not None and own.shape == value.shape:
            got = in_dtype_of(made.get(name), own)
            if got is None and STEPS in asked.layer.habits:  # a gradient that a step tells
                continue
            wanted = value.astype(own.dtype)
            if not (isinstance(got, np.ndarray) and np.array_equal(got, wanted)):
                part = asked.outcome.gathered.facts.part_of(name)
                yield Held(part, name, when, got, wanted, "what it has to be, without rounding")


def plain(question: Question, right: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """The arrays of the reference's answer in which nothing was rounded: all zero, or of a linear
    layer without weights its bias."""
    for name, value in right.items():
        whole = value.dtype.kind == "f" and np.isfinite(value).all()
        if whole and (not value.any() or (name == "out" and is_bias(question, value))):
            yield name, value


def is_bias(question: Question, out: Array) -> bool:
    """Whether an output holds numbers of a bias and nothing else."""
    bias = question.inputs.get("b", question.inputs.get("beta"))
    return bias is not None and bool(np.isin(out, bias).all())


def is_homogeneous(asked: Asked) -> bool:
    """Whether a power of two before x is one before the answer, bit for bit, but for a bias."""
    op = OPS[asked.case.op]
    homogeneous = op.linear or asked.case.op in HOMOGENEOUS
    return homogeneous and "y" not in asked.question.inputs and is_wide(asked)


def is_wide(asked: Asked) -> bool:
    """Whether numbers so small are numbers in its dtype."""
    return bool(asked.question.dtype != np.float16)


def tiny(asked: Asked) -> Asks:
    """x at a tiny scale, without a bias: the output at that scale, and the same gradient."""
    inputs = asked.question.inputs
    bias = {name: 0 * inputs[name] for name in BIASES if name in inputs}
    whole = replace(asked.question, inputs={**inputs, **bias})
    small = replace(whole, inputs={**whole.inputs, "x": inputs["x"] * SMALL})
    when = f"with an x of {SIZE} times the size" + (" and a bias of zero" if bias else "")
    yield from scaled(asked, whole, small, when, {"out": SMALL, "dx": 1.0})


def tiny_gradient(asked: Asked) -> Asks:
    """dout at a tiny scale: every gradient at that scale, since each is linear in it."""
    small = replace(asked.question, dout=asked.question.dout * SMALL)
    when = f"with a dout of {SIZE} times the size"
    yield from scaled(asked, asked.question, small, when, dict.fromkeys(asked.gradients, SMALL))


def scaled(
    asked: Asked, whole: Question, small: Question, when: str, by: Mapping[str, float]
) -> Asks:
    """Two questions, of whose answers these arrays are so many times each other."""
    once, count = asked.once, len(asked.once)
    steps: list[Step] = [(ask, number, number) for number in (0, 1) for ask, _, _ in once]
    performed: Performed = yield asked.script(steps, whole, small)
    yield from asked.broken(performed, steps, when)
    if performed.failures:
        return
    for place, (ask, _, _) in enumerate(once):
        first = performed.steps[place]
        own = {n: v * v.dtype.type(by[n]) for n, v in first.items() if n in by}
        is_forward = ask == "forward"
        told = when if is_forward else f"backward {when}"
        part: Part = "forward" if is_forward else "backward"
        yield from held(performed, count + place, told, own, part)
