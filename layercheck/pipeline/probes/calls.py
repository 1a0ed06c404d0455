"""Calls in another order than one after the other: nothing may be kept outside of the cache."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from layercheck.implementations.script import Performed
from layercheck.reporting.records import Part
from layercheck.submissions.profiles.performing import Step
from layercheck.submissions.profiles.target import CLEARS, OBJECT, SHARES, STEPS

from .asked import Asked, Asks, Held, held, other_values
from .names import MORE_DOUT, TIMES


def interleaved(asked: Asked) -> Asks:
    """Forward of this case, of other values, of another shape, and of the other values again; then
    backward of the first.

    A buffer that is kept for the last shape alone is overwritten by the first of them, and what
    goes by the last call of the same shape shows by the last.
    """
    other, unlike = asked.other(), other_values(asked.question)
    questions = [asked.question, unlike, *([] if other is None else [other.question, unlike])]
    last = len(questions)
    steps: list[Step] = [("forward", number, number) for number in range(last)]
    steps += [
        ("out", 0, 0),
        *([("backward", 0, 0)] if asked.gradients else []),
        ("forward", last, 0),
    ]
    performed: Performed = yield asked.script(steps, *questions)
    between = f"after {last - 1} other forward{'s' if last > 2 else ''}"
    yield from asked.broken(performed, steps, between)
    yield from held(performed, 0, "in the first forward", asked.outputs, "forward")
    kept = {"out": asked.outputs["out"]}
    yield from held(performed, last, f"what forward returned, {between}", kept, "forward")
    if asked.gradients:
        yield from held(performed, last + 1, f"backward {between}", asked.gradients, "backward")
    yield from held(performed, len(steps) - 1, f"forward again {between}", asked.outputs, "forward")


def one_dictionary(asked: Asked) -> Asks:
    """Two layers with one dictionary of settings: forward, forward, backward, backward."""
    if SHARES not in asked.layer.habits or not asked.gradients:
        return
    steps: list[Step] = [("shared", 0, 0), ("shared", 1, 1), ("backward", 1, 1), ("backward", 0, 0)]
    performed: Performed = yield asked.script(steps, asked.question, other_values(asked.question))
    when = "after another layer with the same dictionary"
    yield from asked.broken(performed, steps, when)
    yield from held(performed, 3, f"backward {when}", asked.gradients, "backward")


MANY = 8
"""How many further layers of the same shape wait for their backward."""


def pending(asked: Asked) -> Asks:
    """The forwards of several layers of one shape, their backwards, and one more forward: what the
    first one returned, or its object keeps, has to stay as it was."""
    other = other_values(asked.question)
    steps: list[Step] = [("forward", 0, 0), *(("forward", n, 1) for n in range(1, MANY + 1))]
    if asked.gradients:
        steps += [("backward", n, min(n, 1)) for n in range(MANY + 1)]
        steps += [("forward", MANY + 1, 1), ("gradients", MANY, 0), ("gradients", 0, 0)]
    steps += [("out", 0, 0)]
    performed: Performed = yield asked.script(steps, asked.question, other)
    when = f"with {MANY} other layers between its forward and its backward"
    yield from asked.broken(performed, steps, when)
    if asked.gradients:
        yield from held(performed, MANY + 1, f"backward {when}", asked.gradients, "backward")
        last = performed.steps[2 * MANY + 1] if not performed.failures else {}
        soon = "what backward gave, after another layer's forward"
        yield from held(performed, len(steps) - 3, soon, last, "backward")
        later = "what backward gave, after those of the other layers"
        yield from held(performed, len(steps) - 2, later, asked.gradients, "backward")
    kept = {"out": asked.outputs["out"]}
    part: Part = "backward" if asked.gradients else "forward"  # interleaved saw what forwards do
    yield from held(performed, len(steps) - 1, "what forward returned, in the end", kept, part)


def twice(asked: Asked) -> Asks:
    """One forward, three backwards with its cache, the last with a far larger cotangent: no norm or
    number that is cut off comes near it otherwise."""
    if not asked.gradients or STEPS in asked.layer.habits:
        return
    question = asked.question
    larger = replace(question, dout=question.dout * question.dout.dtype.type(TIMES))
    steps: list[Step] = [("forward", 0, 0), *(("backward", 0, n) for n in (0, 0, 1))]
    performed: Performed = yield asked.script(steps, question, larger)
    for broke in asked.broken(performed, steps, "the second backward"):
        if 2 in performed.failures and broke.failure.kind == "raised":  # as torch: it says so
            said = broke.failure.message.splitlines()[0]
            asked.note("backward", f"a second backward with one cache raises {said}")
        else:
            yield broke
    yield from asked.overwrote(performed, steps, "asked twice")
    yield from held(performed, 1, "the first backward", asked.gradients, "backward")
    adding = False
    for second in held(performed, 2, "the second backward", asked.gradients, "backward"):
        adding = adding or added_up(second)
        if not added_up(second):
            yield second
        elif CLEARS in asked.layer.habits:
            asked.note("backward", "a second backward adds to the gradients of the first")
        else:
            yield Held(**{**vars(second), "when": f"{second.when}, which adds to the first"})
    if not adding:
        larger_ones = {n: value * value.dtype.type(TIMES) for n, value in asked.gradients.items()}
        than = f"{TIMES} times that of the first, bit for bit"
        for third in held(performed, 3, MORE_DOUT, larger_ones, "backward"):
            is_old = np.array_equal(third.got, asked.gradients[third.array])
            when = "a backward with another dout gives the first one's gradient"
            told = when if is_old else MORE_DOUT
            if is_old or not asked.wrong_gradient:  # its own cases tell what is wrong with it
                yield replace(third, got=rounded_as(third), than=than, when=told)


def rounded_as(third: Held) -> Any:
    """What was got; numbers so small that they have lost digits, as they were expected."""
    got, expected = third.got, third.expected
    if not isinstance(got, np.ndarray) or got.shape != expected.shape or got.dtype.kind != "f":
        return got
    small = np.finfo(got.dtype).tiny * 4 * TIMES
    tiny = (np.abs(expected) > 0) & (np.abs(expected) < small) & (np.abs(got) < 2 * small)
    return np.where(tiny, expected, got).astype(got.dtype)


def added_up(second: Held) -> bool:
    """Whether a gradient is twice the right one, and not the right one."""
    if not isinstance(second.got, np.ndarray) or second.got.shape != second.expected.shape:
        return False
    doubled = second.expected + second.expected
    return bool(np.array_equal(second.got, doubled) and np.any(doubled != second.expected))


def overwritten(asked: Asked) -> Asks:
    """A call with the very arrays of an earlier one, which hold other numbers now, as weights do
    after `w -= rate * dw`."""
    if OBJECT in asked.layer.habits:
        return
    question, other = asked.question, other_values(asked.question)
    steps: list[Step] = [("forward", 0, 0)]
    for ask, number in (("overwritten", 0), ("forward", 1)):
        steps += [(ask, number, 1), *([("backward", number, 1)] if asked.gradients else [])]
    performed: Performed = yield asked.script(steps, question, other)
    when = "with other numbers in the same arrays"
    yield from asked.broken(performed, steps, when)
    if performed.failures:
        return
    alone = performed.steps[len(steps) // 2 + 1 :]
    yield from held(performed, 1, when, alone[0], "forward")
    if asked.gradients:
        yield from held(performed, 2, f"backward {when}", alone[1], "backward")
