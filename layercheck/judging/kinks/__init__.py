"""Other choices at kinks, where the gradient may be any of several: one file an op that has them.

Every public function of `kinks/<op>.py` gives the gradients under one choice; its docstring says in
one sentence which. torch and tf.nn agree on the choice that the layers make.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ref_layers.op import Array


@dataclass(frozen=True)
class Given:
    """What a backward is asked: the forward's inputs and attributes, its cache, and dout."""

    inputs: Mapping[str, Array]
    attributes: Mapping[str, Any]
    cache: Any
    dout: Array


@dataclass(frozen=True)
class Kink:
    """text: the choice in words · gradients: by name, under this choice."""

    text: str
    gradients: Callable[[Given], Mapping[str, Array]]


@cache
def kinks(op_name: str) -> tuple[Kink, ...]:
    """The other choices of an op."""
    if op_name not in {module.name for module in pkgutil.iter_modules(__path__)}:
        return ()
    module = importlib.import_module(f"{__name__}.{op_name}")
    own = [f for f in vars(module).values() if inspect.isfunction(f)]
    own = [f for f in own if f.__module__ == module.__name__ and not f.__name__.startswith("_")]
    return tuple(Kink(" ".join((inspect.getdoc(f) or "").split()).rstrip("."), f) for f in own)
