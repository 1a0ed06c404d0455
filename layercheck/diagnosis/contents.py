"""What the arrays of a case hold, in words: `every number of gamma is 1`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

from layercheck.cases.case import Case
from oracles.oracle import Array

from .together import told_together

OF_X: dict[str, Callable[[Array], bool]] = {
    "some numbers of x are 0": lambda x: bool((x == 0).any()),
    "some numbers of x are equal": lambda x: len(np.unique(x)) < x.size,
    "every number of x is negative": lambda x: bool((x < 0).all()),
    "the mean of x is far beyond its spread": lambda x: bool(np.abs(x.mean()) > 8 * x.std() > 0),
    "the variance of x is small": lambda x: bool(x.std() < 0.05),
    "some numbers of x are infinite or not a number": lambda x: not np.isfinite(x).all(),
    "a channel of x holds one number only": lambda x: holds_one(x, 1),
    "a sample of x holds one number only": lambda x: holds_one(x, 0),
    "a channel of x holds one number only, or is one": lambda x: holds_one(x, 1, 1),
    "a sample of x holds one number only, or is one": lambda x: holds_one(x, 0, 1),
}
"""Of the array that is worked on."""

OF_WEIGHTS: dict[str, Callable[[Array], bool]] = {
    "every number of {} is 1": lambda v: bool((v == 1).all()),
    "some numbers of {} are not 1": lambda v: bool((v != 1).any()),
    "the numbers of {} are not all alike": lambda v: bool((v != v[0]).any()),
    "some numbers of {} are 0": lambda v: bool((v == 0).any()),
    "some numbers of {} are negative": lambda v: bool((v < 0).any()),
    "some numbers of {} are positive": lambda v: bool((v > 0).any()),
    "every number of {} is negative": lambda v: bool((v < 0).all()),
}
"""Of each array of weights alone, and of all of them."""

OF_STATE: dict[str, Callable[[Array], bool]] = {
    "the running statistics are 0": lambda v: not v.any(),
    "the running statistics are not 0": lambda v: bool(v.any()),
}

OF_LABELS: dict[str, Callable[[Array], bool]] = {
    "every label is the same": lambda y: len(np.unique(y)) == 1,
    "some samples have the same label": lambda y: len(np.unique(y)) < y.size,
}


def holds_one(x: Array, axis: int, fewest: int = 2) -> bool:
    """Whether some slice of several numbers, or of so many, has no two that differ."""
    if x.ndim <= 1 or x.ndim <= axis or x.size < max(1, fewest * x.shape[axis]):
        return False
    rows = np.moveaxis(x, axis, 0).reshape(x.shape[axis], -1)
    return bool((rows == rows[:, :1]).all(axis=1).any())


def kinds(given: list[Array]) -> list[Array]:
    """The weights of which something can be told: beside several numbers not a single one."""
    most = max(value.size for value in given)
    return [value for value in given if value.size > 1 or (most == 1 and value.size)]


def weights(case: Case) -> list[str]:
    """The names of the op's weights, those too that the case lacks."""
    return [name for name, tensor in case.spec.inputs.items() if tensor.draw == "weight"]


def weights_of(case: Case) -> str:
    """What they are called together: `each of w, b`."""
    names = weights(case)
    return f"each of {', '.join(names)}" if len(names) > 1 else "".join(names)


@lru_cache(maxsize=4096)
def contents(case: Case) -> frozenset[str]:
    """The sentences that hold of a case's arrays."""
    with np.errstate(all="ignore"):
        return frozenset(held(case))


def of_one(case: Case) -> Iterator[str]:
    """What holds of one array of weights beside others."""
    names = weights(case)
    for name in names if len(names) > 1 else ():
        value = case.inputs.get(name)
        if value is not None and value.size:
            wide = value.astype(np.float64).ravel()
            yield from (text.format(name) for text, test in OF_WEIGHTS.items() if test(wide))


def of_classes(labels: Array, shape: tuple[int, ...]) -> Iterator[str]:
    """Whether some samples are of the first class of several, or of the last."""
    if len(shape) > 1 and shape[1] > 1:
        ends = {"label 0": 0, "the last label": shape[1] - 1}
        yield from (f"some samples have {text}" for text, n in ends.items() if (labels == n).any())


def held(case: Case) -> Iterator[str]:
    """The same, one by one."""
    yield from told_together(case)
    tests: dict[str, dict[str, Callable[[Array], bool]]] = {
        "data": OF_X,
        "weight": OF_WEIGHTS,
        "state": OF_STATE,
        "labels": OF_LABELS,
    }
    arrays: dict[str, list[Array]] = {}
    for name, value in case.inputs.items():
        role = case.spec.inputs[name].draw.partition(":")[0]
        wide = value.astype(np.float64).ravel()
        kept = value if role in ("data", "labels") else wide
        arrays.setdefault("state" if role == "positive" else role, []).append(kept)
    for role, given in arrays.items():
        value = given[0] if role in ("data", "labels") else np.concatenate(given)
        if role == "weight":
            yield from of_one(case)
        if value.size:
            named, each = weights_of(case), kinds(given) if role == "weight" else [value]
            told = (t for t, test in tests.get(role, {}).items() if all(map(test, each)))
            yield from (text.format(named) for text in told)
        if role == "labels":
            yield from of_classes(value, case.shapes["x"])
        if role == "labels" and (value == case.all_attributes.get("ignore_index")).any():
            yield "some labels are ignore_index"
