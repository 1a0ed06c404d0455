"""Equal to something else: the same layer asked otherwise, another layer, another array."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np

from layercheck.cases.space import space_of
from layercheck.judging.bounds import Bound, bounds
from layercheck.judging.bounds.bound import bounds_of
from oracles.oracle import Array, Question
from ref_layers import OPS

from .borders import bordered
from .changes import CHANGES, changed_by
from .shown import Shown, unit_of

RANK = 15
DIGITS = 64
"""How many units of roundoff make no difference."""

ROUNDINGS = 8
"""How many roundings another formula of a few numbers may hold."""

EPS = (0.0, 1e-12, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)


def true(shown: Shown) -> Iterator[str]:
    """`out equals what eps = 0.001 gives`, `dgamma equals dbeta`."""
    yield from other_arrays(shown)
    for text, question in questions(shown.seen.question, shown.name):
        whole, begun = f"{shown.name} equals {text}", f"{shown.name} begins with {text}"
        value = answer(shown, question) if shown.wants(whole, begun) else None
        if value is None or is_right(shown, value):
            continue
        if equals(shown, value, question):
            yield whole
        elif begins(shown, value, question):
            yield begun
    yield from mirrored(shown)


def would_differ(shown: Shown, text: str) -> bool:
    """Whether an array of a case would be another one, were it as a sentence says."""
    told = (f"{shown.name} equals ", f"{shown.name} begins with ")
    for said, question in questions(shown.seen.question, shown.name):
        if text in {f"{ahead}{said}" for ahead in told}:
            value = answer(shown, question)
            return value is not None and shown.would_fail_as(value)
    return False


def mirrored(shown: Shown) -> Iterator[str]:
    """The largest for the smallest, a rounding the other way: all that turns round with x."""
    question = shown.seen.question
    text = f"{shown.name} is the negative of what the layer gives for the negative of x"
    if shown.name not in OPS[question.op].outputs or not shown.wants(text):
        return
    other = changed_by(question, CHANGES["what the layer gives for the negative of x"])
    value = None if other is None else answer(shown, other)
    if other is not None and value is not None:
        turned = np.negative(value)
        if not is_right(shown, turned) and equals(shown, turned, other):
            yield text


def other_arrays(shown: Shown) -> Iterator[str]:
    """The array is another one of the case."""
    seen = shown.seen
    for name, value in {**seen.question.inputs, "dout": seen.question.dout}.items():
        if value.dtype.kind == "f" and is_same(shown, value):
            itself = "stays as it was given" if name == shown.name else f"is {name} itself"
            yield f"{shown.name} {itself}"
    for name, value in seen.truth.items():
        if name != shown.name and value.dtype.kind == "f" and value.shape == shown.got.shape:
            bound = seen.facts.bounds[name]
            if shown.is_near(value) and shown.equals(value, bound):
                yield f"{shown.name} equals what {name} should be"


def is_same(shown: Shown, value: Array) -> bool:
    """Whether the array is an input, bit for bit, and should not be."""
    alike = shown.got.shape == value.shape and np.array_equal(shown.got, value, equal_nan=True)
    return alike and bool(value.any())


def answer(shown: Shown, question: Question) -> Array | None:
    """The array as the right layer gives it for another question; None where it does not."""
    try:
        with np.errstate(all="ignore"):
            value = run(question, shown.name)
    except Exception:  # another layer need not take this question
        return None
    return None if value is None else np.asarray(value)


def run(question: Question, name: str) -> Array | None:
    """One array of the right layer; an output needs no gradient that fits it."""
    op = OPS[question.op]
    if name not in op.outputs:
        return op.run(question.inputs, question.attributes, question.dout).get(name)
    out, _ = op.forward(**question.inputs, **question.attributes)
    return op.name_outputs(out).get(name)


def bound_of_answer(question: Question, name: str) -> Bound:
    """How far rounding may take one array of the right layer: of an output whatever dout is."""

    def asked(of: Question) -> dict[str, Array]:
        value = run(of, name)
        return {} if value is None else {name: value}

    return bounds_of(asked, question)[name]


def equals(shown: Shown, value: Array, question: Question) -> bool:
    """Whether the array is this answer."""
    if not shown.is_near(value):
        return False
    try:
        with np.errstate(all="ignore"):
            return shown.equals(value, bounds(question)[shown.name])
    except Exception:  # nor need it give bounds
        return False


def is_right(shown: Shown, value: Array) -> bool:
    """Whether another question makes no difference to the array, beyond the last digits."""
    right = shown.right.astype(value.dtype)
    if value.shape != right.shape or value.dtype.kind != "f":
        return value.shape == right.shape and np.array_equal(value, right)
    return np.allclose(value, right, DIGITS * np.finfo(value.dtype).eps, 0, equal_nan=True)


def is_by_formula(
    shown: Shown, value: Array, likely: Array | float = 0.0, worst: Array | float = 0.0
) -> bool:
    """Whether the array is what another formula gives, and not the right one. likely, worst: how
    far rounding moves it, beside the roundings of the formula itself."""
    if not shown.is_near(value) or is_right(shown, value.astype(np.float64)):
        return False
    size = np.where(np.isfinite(value), np.abs(value), 0)
    room = likely + ROUNDINGS * unit_of(shown.seen.case.dtype) * np.maximum(size, 1)
    return shown.equals(value, Bound(room, worst + room, shown.bound.unit))


def begins(shown: Shown, value: Array, question: Question) -> bool:
    """Whether the array is an answer of another size as far as both go, and 0 beyond."""
    got = shown.got
    if got.shape == value.shape or got.ndim != value.ndim or got.ndim < 3 or not got.size:
        return False
    both = tuple(slice(0, min(sizes)) for sizes in zip(got.shape, value.shape, strict=True))
    rest = got.copy()
    rest[both] = 0
    if rest.any() or got[both].size <= 2:
        return False
    try:
        with np.errstate(all="ignore"):
            limit = 2 * bound_of_answer(question, shown.name).limit[both]
    except Exception:  # another question need not give bounds
        return False
    room = limit + 2 * unit_of(shown.seen.case.dtype) * np.abs(value[both])
    return bool(np.isfinite(room).all() and (np.abs(got[both] - value[both]) <= room).all())


def questions(question: Question, name: str) -> Iterator[tuple[str, Question]]:
    """Other questions, in words, that an array may be the answer of."""
    op = OPS[question.op]
    for attribute, value in question.attributes.items():
        for text, other in values(question, attribute, value):
            changed = with_attribute(question, attribute, other)
            yield f"what {attribute} = {text} gives", changed
            if isinstance(value, bool):
                yield f"what {attribute} gives the other way round", changed
    for text, change in CHANGES.items():
        if name in op.outputs and "dout" in text:
            continue
        made = changed_by(question, change)
        if made is not None:
            yield text, made
    if name in op.outputs:
        yield from bordered(question)
    yield from parts(question, name in op.outputs)
    yield from other_layers(question)


def with_attribute(question: Question, name: str, value: Any) -> Question:
    """A question with another attribute. A word that the layer refuses beside the others (nearest
    pixels have no corners) is asked with those that are true made false."""
    changed = replace(question, attributes={**question.attributes, name: value})
    if not isinstance(value, str):
        return changed
    try:
        OPS[question.op].forward(**changed.inputs, **changed.attributes)
    except ValueError:
        less = {n: False for n, v in changed.attributes.items() if v is True}
        return replace(changed, attributes={**changed.attributes, **less})
    return changed


def is_meant(value: Any) -> bool:
    """Whether somebody may mean a level by mistake: nobody does a padding side by side."""
    by_side = isinstance(value, tuple) and isinstance(value[0], tuple)
    return not (callable(value) or isinstance(value, bool) or by_side)


def values(question: Question, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Other values of an attribute: those of the grid, and what people take it for."""
    if name == "eps":
        yield from ((str(eps), eps) for eps in EPS if eps != value)
        yield from (("eps / 2", value / 2), ("2 eps", 2 * value))
        yield from (("eps^2", value * value), ("sqrt(eps)", sqrt(value)))
        return
    if isinstance(value, bool):
        yield str(not value).lower(), not value
        return
    if isinstance(value, float):
        yield from ((str(one), one) for one in (0.0, 1.0) if one != value)
        yield f"-{name}", -value
    if isinstance(value, float) and 0 <= value <= 1:
        yield f"1 - {name}", 1 - value
    if isinstance(value, tuple) and value != value[::-1]:
        yield "the same with height and width swapped", value[::-1]
        if all(isinstance(v, int) for v in value):
            yield "its height for both", value[0]
            yield "its width for both", value[1]
    if name in ("groups", "num_groups"):
        yield "C", question.inputs["x"].shape[1]
    for other in space_of(question.op).levels.get(name, ()):
        if other != value and is_meant(other):
            yield f"{other}", other


def other_layers(question: Question) -> Iterator[tuple[str, Question]]:
    """The same arrays put to another op."""
    for other in OPS.values():
        given = {n: v for n, v in question.inputs.items() if n in other.inputs}
        needed = {n for n, tensor in other.inputs.items() if not tensor.optional}
        if other.name == question.op or not needed <= given.keys() or given.keys() < {"x"}:
            continue
        known = {n: v for n, v in question.attributes.items() if n in other.attributes}
        yield (
            f"what {other.name} gives",
            replace(question, op=other.name, inputs=given, attributes=known),
        )


def parts(question: Question, is_output: bool) -> Iterator[tuple[str, Question]]:
    """The same of which only a part counts: the rest of an array is 0."""
    words = {**question.inputs} if is_output else {"dout": question.dout, **question.inputs}
    for name, value in words.items():
        if value.dtype.kind != "f" or name.startswith("running") or name == "mask":
            continue
        for text, kept in masks(value.shape):
            cut = np.where(kept, value, np.zeros_like(value))
            told = f"what the layer gives for {text} of {name} alone"
            if name == "dout":
                yield told, replace(question, dout=cut)
            else:
                yield told, replace(question, inputs={**question.inputs, name: cut})


def masks(shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """Parts of an array, in words."""
    corner = np.ones(shape, bool)
    for axis, size in enumerate(shape):
        if size < 2:
            continue
        index = np.arange(size).reshape([-1 if a == axis else 1 for a in range(len(shape))])
        where = f"along axis {axis}"
        for text, kept in (
            (f"the last number {where}", index == size - 1),
            (f"the first number {where}", index == 0),
            (f"all but the last number {where}", index < size - 1),
            (f"all but the first number {where}", index > 0),
        ):
            yield text, np.broadcast_to(kept, shape)
        if axis >= len(shape) - 2:
            corner = corner & np.broadcast_to(index < size - 1, shape)
    if len(shape) == 4:
        yield "all but the last row and column", corner
