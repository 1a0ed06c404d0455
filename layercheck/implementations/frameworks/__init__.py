"""Gradients by a framework's own differentiation: one file a framework, found by its name.

A file has `vjp(function, inputs, wanted)`: the arrays that a function of the framework's tensors
gives, and what gives the gradients of its first array for a cotangent. It is imported when somebody
hands over something of that framework, which is imported by then.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from oracles.oracle import Array

from ..functions import WrongReturn, described

Outputs = tuple[Array, ...]
Pullback = Callable[[Array], Sequence[Array]]
"""From the cotangent of the first output to the gradients of the wanted inputs."""


class Framework(Protocol):
    """What each file offers."""

    def vjp(
        self,
        function: Callable[[dict[str, Any]], Any],
        inputs: Mapping[str, Array],
        wanted: Sequence[str],
    ) -> tuple[Sequence[Any], Pullback]: ...


def names() -> list[str]:
    """The frameworks by their modules' names.

    >>> names()
    ['jax', 'tensorflow', 'torch']
    """
    return [module.name for module in pkgutil.iter_modules(__path__)]


def load(name: str) -> Framework:
    """One of them; raises ImportError where it is not installed."""
    return importlib.import_module(f"{__name__}.{name}")


def several(made: Any) -> tuple[Any, ...]:
    """What a function returned, as a tuple that begins with an array; raises WrongReturn."""
    outs = tuple(made) if isinstance(made, (tuple, list)) else (made,)
    if not outs or not hasattr(outs[0], "shape"):
        if inspect.iscoroutine(made):
            made.close()
        raise WrongReturn(f"returned {described(made)}; expected an array, or several, out first")
    return outs
