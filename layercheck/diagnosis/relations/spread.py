"""Weights laid over x in another order: a repeat for a tile, a reshape by groups the wrong way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np

from oracles.oracle import Array, Question
from ref_layers import OPS

from .averaged import groups_of
from .instead import answer, bound_of_answer, equals, is_by_formula, is_right
from .shown import Shown

RANK = 14
WEIGHTS = (("gamma",), ("beta",), ("gamma", "beta"), ("w",), ("b",), ("w", "b"))
"""Which are laid so, alone or together."""

PLAIN = {"gamma": np.ones_like, "beta": np.zeros_like}
"""The weights of a normalization that change nothing."""

Laid = Callable[[Array], Array]
"""From a weight to one of its own shape, or to one in the shape of x."""


def true(shown: Shown) -> Iterator[str]:
    """`out is what comes of gamma tiled over x, all of it again and again`."""
    question = shown.seen.question
    gradients = {f"d{name}" for name in question.inputs}
    if not shown.fits or (
        shown.name not in OPS[question.op].outputs and shown.name not in gradients
    ):
        return
    for names in WEIGHTS:
        given = [name for name in names if name in question.inputs]
        for text, laid in ways(shown, given).items() if given else ():
            sentence = f"{shown.name} is what comes of {' and '.join(names)} {text}"
            if shown.wants(sentence) and is_it(shown, dict.fromkeys(given, laid)):
                yield sentence


def ways(shown: Shown, names: Sequence[str]) -> dict[str, Laid]:
    """How weights may be laid, in words."""
    inputs = shown.seen.question.inputs
    x, first = inputs["x"], inputs[names[0]]
    found: dict[str, Laid] = {
        text: lambda v, chosen=chosen: v[chosen]  # type: ignore[misc]
        for text, chosen in {**by_groups(shown, len(first)), **of_groups(shown, len(first))}.items()
    }
    if not {*names} <= PLAIN.keys():
        return found
    orders = list(permutations(range(first.ndim)))[1:]
    told = [(order, f"the order {order}") for order in orders]
    told += [(order, "reverse order") for order in orders[-1:]]
    for order, words in told:
        found[f"laid out with its axes in {words}"] = lambda v, order=order: (  # type: ignore[misc]
            v.transpose(order).reshape(v.shape)
        )
    if first.size and x.size % first.size == 0:
        times = x.size // first.size
        found["repeated over x, each number for several neighbours"] = lambda v: np.repeat(
            v, times
        ).reshape(x.shape)
        found["tiled over x, all numbers again and again"] = lambda v: np.tile(
            v.ravel(), times
        ).reshape(x.shape)
    return found


def by_groups(shown: Shown, count: int) -> dict[str, Array]:
    """Numbers of so many channels in another order, as groups of them are reshaped, by their places
    and in words."""
    groups = groups_of(shown)
    if groups < 1 or count % groups:
        return {}
    rows = np.arange(count).reshape(groups, -1)
    laid = "laid out as (place in the group, group)"
    return {
        f"{laid}, then reshaped without a transpose": rows.T.ravel(),
        f"read as if {laid}": rows.reshape(-1, groups).T.ravel(),
    }


def of_groups(shown: Shown, count: int) -> dict[str, Array]:
    """The same of some numbers that count for others."""
    groups = groups_of(shown)
    if groups < 1 or count % groups:
        return {}
    size = count // groups
    every, inside = np.arange(groups), np.arange(size)
    return {
        "with the numbers of the first group for every group": np.tile(inside, groups),
        "with the first numbers repeated, one for each group": np.repeat(every, size),
        "with the first numbers, as many as groups, again and again": np.tile(every, size),
        "with the first number of each group for all of it": np.repeat(every * size, size),
    }


def is_it(shown: Shown, laid: Mapping[str, Laid]) -> bool:
    """Whether the array comes of weights that are laid so."""
    question = shown.seen.question
    made = {name: how(question.inputs[name]) for name, how in laid.items()}
    if all(v.shape == question.inputs[n].shape for n, v in made.items()):
        return is_answer(shown, replace(question, inputs={**question.inputs, **made}))
    if shown.name == "dx" and "gamma" in made:
        bare = with_plain(question, ["gamma"])
        return is_answer(shown, replace(bare, dout=question.dout * made["gamma"]))
    return shown.name == "out" and is_spread(shown, made)


def is_answer(shown: Shown, question: Question) -> bool:
    """Whether the array is the layer's answer to another question, and not the right one."""
    value = answer(shown, question)
    return value is not None and not is_right(shown, value) and equals(shown, value, question)


def is_spread(shown: Shown, made: Mapping[str, Array]) -> bool:
    """Whether an output is made of weights with a number for each of x's, and of the others as the
    layer lays them: that of beta is what a gamma of 0 leaves."""
    question = shown.seen.question
    bare = with_plain(question, [n for n in PLAIN if n in made or n == "beta"])
    value = answer(shown, bare)
    shift = made["beta"] if "beta" in made else answer(shown, without_gamma(question))
    if value is None or shift is None or value.shape != shown.right.shape:
        return False
    times = np.asarray(made.get("gamma", 1.0), np.longdouble)
    bound = bound_of_answer(bare, shown.name)
    likely, worst = (one * np.abs(times) for one in (bound.likely, bound.worst))
    return is_by_formula(shown, value * times + shift, likely, worst)


def without_gamma(question: Question) -> Question:
    """A question with a gamma of 0."""
    zero = np.zeros_like(question.inputs["gamma"])
    return replace(question, inputs={**question.inputs, "gamma": zero})


def with_plain(question: Question, names: Iterable[str]) -> Question:
    """A question with weights that change nothing, of those that it has."""
    plain = {name: PLAIN[name](v) for name in names if (v := question.inputs.get(name)) is not None}
    return replace(question, inputs={**question.inputs, **plain})
