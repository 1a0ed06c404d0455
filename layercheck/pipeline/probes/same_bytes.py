"""Two calls of one memory or one size that are not the same: the bytes of an x in another shape,
and the same sizes in the other dtype."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from layercheck.cases.case import Case
from layercheck.implementations.script import Performed
from layercheck.judging.facts import near_facts
from layercheck.submissions.profiles.performing import Step
from oracles.oracle import Question

from .asked import Asked, Asks
from .memory import judged_anew, parted

Put = tuple[Case, Question]
"""A case, and what is asked of it."""

DTYPES = ("float32", "float64")


def same_bytes(asked: Asked) -> Asks:
    """A forward of one, then forward and backward of the other, which are judged."""
    for (_, first), (case, own), what in pairs(asked) if asked.sound else ():
        parts = asked.layer.parts(case)
        steps: list[Step] = [("forward", 0, 0), *((part, 1, 1) for part in parts)]
        performed: Performed = yield asked.script(steps, first, own)
        yield from asked.broken(performed, steps, f"after {what}")
        if performed.failures:
            return
        made = {name: value for step in performed.steps[1:] for name, value in step.items()}
        wrong = list(judged_anew(asked, made, parted(near_facts(case, own), parts)))
        for one in wrong:
            yield replace(one, reason=f"after {what}: {one.reason or f'{one.array} is wrong'}")
        if wrong:
            return


def pairs(asked: Asked) -> Iterator[tuple[Put, Put, str]]:
    """Two questions that a layer answers, in both orders, and what the first is. Of the two dtypes
    each order has sizes of its own, which nobody asked before."""
    case = asked.case
    for more, dtype in enumerate(DTYPES if asked.dtypes >= {*DTYPES} else (), 1):
        one = larger(case, more)
        one = one if fits(asked, one) else case
        first, second = (replace(one, dtype=d) for d in (dtype, *(d for d in DTYPES if d != dtype)))
        if fits(asked, first) and fits(asked, second):
            told = "a call of the same sizes in the other dtype"
            yield (first, first.question), (second, second.question), told
    other = other_shape(asked)
    if other is not None:
        told, own = "a call with the same bytes in another shape", (case, asked.question)
        yield own, other, told
        yield other, own, told


def larger(case: Case, more: int) -> Case:
    """The case with so many more rows and columns, where x is its only array."""
    shape = case.shapes["x"]
    is_alone = set(case.shapes) == {"x"} and len(shape) > 1
    grown = (*shape[:-2], *(size + 8 + more for size in shape[-2:])) if is_alone else shape
    return replace(case, shapes={**case.shapes, "x": grown})


def other_shape(asked: Asked) -> Put | None:
    """The same bytes in another shape that a layer answers, where x is its only array."""
    case, shape = asked.case, asked.case.shapes["x"]
    for other in (shape[::-1], (*shape[:-2], *shape[:-3:-1])):
        turned = replace(case, shapes={**case.shapes, "x": other})
        if set(case.shapes) == {"x"} and other != shape and fits(asked, turned):
            x = asked.question.inputs["x"].reshape(other)
            return turned, replace(turned.question, inputs={"x": x})
    return None


def fits(asked: Asked, case: Case) -> bool:
    """Whether a layer answers a case, and it is one."""
    try:
        return bool(case.out_shape) and not asked.layer.refuses(case) and asked.keeps_to(case)
    except ValueError:
        return False
