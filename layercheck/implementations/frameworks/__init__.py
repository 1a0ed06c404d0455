"""Gradients by a framework's own differentiation: one file a framework, found by its name.

A file has `vjp(function, inputs, wanted)`: the arrays that a function of the framework's tensors
gives, and what gives the gradients of its first array for a cotangent. It is imported when somebody
hands over something of that framework, which is imported by then.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from oracles.oracle import Array

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
    """What a function returned, as a tuple of arrays."""
    return tuple(made) if isinstance(made, (tuple, list)) else (made,)
