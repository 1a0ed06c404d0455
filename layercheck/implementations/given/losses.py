"""Losses that give their gradient beside themselves, `loss, dx`: what most courses ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layercheck.submissions.expressible import expressible
from oracles.oracle import Array
from ref_layers import Op

from ..functions import is_pair
from ..module import takes_of
from ..raised import theirs
from .called import Called
from .hints import Hints
from .refused import called_at, without

Function = Callable[..., Any]

MOST = 24
"""Of so many cases the largest one is tried: in many numbers a likeness is none by chance."""

LIKE = 0.8
"""The cosine between a gradient and what is returned from which on it is taken for one: a multiple
of it, also the negative one, is; probabilities that a backward would read are not."""

NOT_JUDGED = (
    "the second thing that it returns has x's shape and is nothing like dx: it is taken for what a "
    "backward reads, and not judged"
)


GRADIENT, OTHER = "gradient", "other"
"""What a loss may return beside itself, of x's shape."""


class WithGradient:
    """A loss that returns (loss, dx), as a forward and a backward."""

    def __init__(self, called: Called) -> None:
        self.called, self.written = called, called
        if hasattr(called, "__signature__"):
            self.__signature__ = called.__signature__

    def __call__(self, **given: Any) -> Any:
        made = self.called(**given)
        return tuple(made) if is_pair(made) else made

    def backward(self, dout: Array, cache: Any) -> Any:
        """dx, which it gave for a cotangent of 1."""
        if not isinstance(cache, np.ndarray):
            return cache
        dout = np.asarray(dout)
        return cache * dout.reshape(dout.shape + (1,) * max(cache.ndim - dout.ndim, 0))


def is_loss(op: Op) -> bool:
    """Whether an op holds x against labels or targets."""
    return op.differentiable == ("x",) and bool(op.targets)


def second_of(op: Op, called: Function, hints: Hints) -> str:
    """What a loss returns beside itself: GRADIENT, OTHER, or nothing of x's shape."""
    takes = hints.narrow(takes_of(op, called))
    cases = [case for case in expressible(op.name, takes, MOST) if case.fill == "normal"]
    for case in sorted(cases, key=lambda case: -case.elements)[:1]:
        try:
            made = called_at(called, case, without(case, takes.fixed))
        except BaseException as error:  # its cases tell
            theirs(error)
            return ""
        found = made[1] if is_pair(made) else None
        if not isinstance(found, np.ndarray) or found.shape != case.shapes["x"]:
            return ""
        right = op.run(case.inputs, case.all_attributes, np.ones_like(case.question.dout))["dx"]
        return GRADIENT if abs(cosine(found, right)) > LIKE else OTHER
    return ""


def cosine(one: Array, other: Array) -> float:
    """The cosine of two arrays, as vectors."""
    if one.dtype.kind != "f":
        return 0.0
    a, b = one.astype(np.float64).ravel(), other.astype(np.float64).ravel()
    with np.errstate(all="ignore"):
        found = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return found if np.isfinite(found) else 0.0
