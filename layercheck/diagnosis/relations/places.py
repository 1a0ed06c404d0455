"""Wrong in some places only: a border, the last row, one sample, where x is 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import comb

import numpy as np

from oracles.oracle import Array
from ref_layers.windows import windows

from .along import axes_of
from .scale import named_factors
from .shown import ROUGH, Shown

RANK = 40


def true(shown: Shown) -> Iterator[str]:
    """`dx is wrong in the last row only; it is 0 there`."""
    if not shown.fits or shown.got.dtype.kind not in "fi":
        return
    wrong = shown.wrong
    if not wrong.any():
        return
    where = [text for text, there, axis in on_axes(shown) if is_throughout(wrong, there, axis)]
    where += [text for text, there in places(shown) if is_place(wrong, there)]
    look = list(looks(shown, wrong))
    yield from (f"{one}; it is wrong only {two}" for one in look for two in where)
    yield from (f"{shown.name} is wrong only {one}" for one in where)
    yield from look


def is_place(wrong: Array, there: Array) -> bool:
    """Whether everything that is wrong lies there, and there is something else."""
    return bool((wrong <= there).all() and not there.all())


def is_throughout(wrong: Array, there: Array, axis: int) -> bool:
    """Whether everything that is wrong lies there, and something in each place of the axis that
    counts: where the third and fourth column are right, it is not wrong after the first."""
    others = tuple(a for a in range(wrong.ndim) if a != axis)
    return bool((wrong <= there).all() and (wrong.any(others) >= there.any(others)).all())


def by_chance(text: str, shown: Shown) -> float:
    """How likely it is that all that is wrong lies at the place of which a sentence speaks, were it
    to lie anywhere: of n elements w are wrong, and m lie there, C(m, w) / C(n, w). What is alike
    along an axis counts once there. 0 for a sentence that speaks of no place.
    """
    _, only, place = text.rpartition("wrong only ")
    every = [*((told, there) for told, there, _ in on_axes(shown)), *places(shown)] if only else []
    there = next((mask for told, mask in every if told == place), None)
    if there is None:
        return 0.0
    wrong: Array = shown.wrong
    for axis in range(wrong.ndim):
        if (there == np.take(there, [0], axis)).all():
            wrong, there = np.any(wrong, axis, keepdims=True), np.take(there, [0], axis)
    held, count = int(there.sum()), int((wrong & there).sum())
    return float(comb(held, count) / comb(there.size, count))


def on_axes(shown: Shown) -> Iterator[tuple[str, Array, int]]:
    """Places along one axis, and which; of an axis of one place that is all there is, which other
    cases tell apart."""
    shape = shown.right.shape
    for axis, word in enumerate(axes_of(shown)):
        size = shape[axis]
        index = np.arange(size).reshape([-1 if a == axis else 1 for a in range(len(shape))])
        for text, there in along_one(word, index, size):
            yield text, np.broadcast_to(there, shape), axis


def places(shown: Shown) -> Iterator[tuple[str, Array]]:
    """Other places with a name, the smallest first."""
    shape = shown.right.shape
    if len(shape) == 4:
        rows, columns = np.arange(shape[2])[:, None], np.arange(shape[3])
        last = (rows == shape[2] - 1) | (columns == shape[3] - 1)
        edge = last | (rows == 0) | (columns == 0)
        yield "in the last row and column", np.broadcast_to(last, shape)
        yield "at the border", np.broadcast_to(edge, shape)
    counted = overlap(shown)
    if counted is not None:
        yield "where windows overlap", np.broadcast_to(counted > 1, shape)
        yield "where no window lies", np.broadcast_to(counted == 0, shape)
    x = shown.seen.question.inputs.get("x")
    if x is not None and x.shape == shape:
        yield from by_value(x)
        yield from by_label(shown, x.shape)
    yield "where it should be 0", shown.right == 0
    yield "where it should not be 0", shown.right != 0


def along_one(word: str, index: Array, size: int) -> Iterator[tuple[str, Array]]:
    """Places along one axis. In a short one several are the same place: SIZES says how long one
    has to be for each."""
    yield f"in the last {word}", index == size - 1
    yield f"in the first {word}", index == 0
    yield f"in the second {word}", index == 1
    yield f"after the first {word}", index > 0
    yield f"before the last {word}", index < size - 1
    yield f"in every other {word}", index % 2 == 1


SIZES = {"second ": 3, "after the first ": 3, "before the last ": 3, "every other ": 4}
"""How long an axis has to be for a place on it to be one of its own."""


TESTS: dict[str, Callable[[Array], Array]] = {
    "where x is 0": lambda x: x == 0,
    "where x is not finite": lambda x: ~np.isfinite(x),
    "where x is negative": lambda x: x < 0,
    "where x is positive": lambda x: x > 0,
    "where x is not positive": lambda x: x <= 0,
    "where x is not negative": lambda x: x >= 0,
    "where |x| is above 1": lambda x: np.abs(x) > 1,
    "where |x| is below 1": lambda x: np.abs(x) < 1,
}


def by_value(x: Array) -> Iterator[tuple[str, Array]]:
    """Places that the value of x makes."""
    with np.errstate(invalid="ignore"):
        for text, test in TESTS.items():
            yield text, test(x)


def by_label(shown: Shown, shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """Places that the labels of a loss make."""
    y = shown.seen.question.inputs.get("y")
    if y is None or len(shape) != 2 or y.shape != shape[:1]:
        return
    ignored = shown.seen.question.attributes.get("ignore_index")
    if ignored is not None:
        left_out = np.broadcast_to((y == ignored)[:, None], shape)
        yield "in samples that are ignored", left_out
        yield "in samples that are not ignored", ~left_out
    hot = y[:, None] == np.arange(shape[1])
    yield "in the column of the label", hot
    yield "outside the column of the label", ~hot
    for text, there in (("label 0", y == 0), ("the last label", y == shape[1] - 1)):
        yield f"in samples of {text}", np.broadcast_to(there[:, None], shape)
        yield f"in samples of other labels than {text}", np.broadcast_to(~there[:, None], shape)


def looks(shown: Shown, wrong: Array) -> Iterator[str]:
    """How the wrong elements look; where all are wrong, also as it is told where some are."""
    if shown.got.dtype.kind != "f":
        return
    name, got = shown.name, shown.got[wrong]
    if wrong.all() and got.size > 1 and (got == got[0]).all() and np.isfinite(got[0]):
        yield f"{name} is one number everywhere"
    for kind in ("everywhere", "where it is wrong") if wrong.all() else ("where it is wrong",):
        yield from looking(shown, wrong, kind)
    yield from multiples(shown, wrong)


def looking(shown: Shown, wrong: Array, kind: str) -> Iterator[str]:
    """The same, told of all or of some."""
    name, got = shown.name, shown.got[wrong]
    if np.isnan(got).all():
        yield f"{name} is not a number {kind}"
    elif not np.isfinite(got).any():
        yield f"{name} is infinite {kind}"
    elif not got.any():
        yield f"{name} is 0 where it is wrong"
    elif (
        np.isfinite(got).all()
        and not Shown(shown.seen, name, -shown.got, shown.right).wrong[wrong].any()
    ):
        yield f"{name} has the wrong sign {kind}"
    elif not shown.right[wrong].any():
        yield f"{name} is not 0 {kind}, where it should be"


def multiples(shown: Shown, wrong: Array) -> Iterator[str]:
    """What all wrong elements are times what they should be."""
    place = int(np.argmax(np.where(wrong & np.isfinite(shown.right), np.abs(shown.right), 0)))
    if not shown.right.flat[place]:
        return
    seen = float(shown.got.flat[place] / shown.right.flat[place])
    for text, ratio in named_factors(shown).items():
        for told, factor in ((f"{text} times", ratio), (f"1/{text} of", 1 / ratio)):
            if abs(factor - seen) <= ROUGH * abs(seen):
                whole = np.where(wrong, factor * shown.right, shown.right)
                if shown.equals(whole, scale=factor):
                    yield f"{shown.name} is {told} what it should be where it is wrong"


def overlap(shown: Shown) -> Array | None:
    """How many windows lie on each pixel of the array; None where there are none."""
    question = shown.seen.question
    x = question.inputs.get("x")
    sizes = question.inputs["w"].shape[2:] if "w" in question.inputs else None
    kernel = question.attributes.get("kernel_size", sizes)
    if (
        shown.name != "dx"
        or x is None
        or x.ndim != 4
        or kernel is None
        or len(kernel_of(kernel)) < 2
    ):
        return None
    named = {n: question.attributes[n] for n in ("padding", "dilation") if n in question.attributes}
    stride = question.attributes.get("stride")
    try:
        win = windows(
            question.op,
            x.shape[2:],
            kernel,
            kernel if stride is None else stride,
            named.get("padding", 0),
            named.get("dilation", 1),
            bool(question.attributes.get("ceil_mode", False)),
        )
    except ValueError:
        return None
    counted = np.zeros(win.padded, int)
    for i, j in win.taps:
        win.tap(counted, i, j)[...] += 1
    return np.asarray(win.crop(counted))


def kernel_of(kernel: object) -> tuple[int, ...]:
    """A kernel's sides."""
    return tuple(kernel) if isinstance(kernel, (tuple, list)) else (0, 0)
