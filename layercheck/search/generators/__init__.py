"""What is asked: one file a generator, found by its name.

A generator has `case(op, rs)`: a case drawn from a RandomState, None where the draw came to none;
`CHECK`: by what its answers are judged (`truth`, or `lanes`); `OPS`: which ops it is for; `EAGER`,
`COMPILED`: which routes it asks.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import Protocol, cast

import numpy as np

from layercheck.cases.case import Case

COMPILED = ("graph", "xla", "compile", "vmap", "jvp")
"""Variants that transform or compile a function first: each question costs them some 100 ms."""


class Generator(Protocol):
    """A file of this folder."""

    CHECK: str
    OPS: Sequence[str]
    EAGER: bool
    COMPILED: bool
    case: Callable[[str, np.random.RandomState], Case | None]


def names() -> list[str]:
    """The generators that there are."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return [name for name in found if not name.startswith("_")]


def load(name: str) -> Generator:
    """One of them."""
    return cast(Generator, importlib.import_module(f"{__name__}.{name}"))


def is_compiled(route: str) -> bool:
    """Whether a route transforms or compiles a function first."""
    return route.partition("/")[2] in COMPILED
