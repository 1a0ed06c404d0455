"""Named wrong layers: what people really get wrong, one file an op.

Every public function of `layercheck/mistakes/<op>.py` is one mistake. A function whose first
parameter is `dout` replaces the op's backward, any other replaces its forward. The docstring's
first sentence says what is wrong, the rest how to mend it. `ALSO` names modules whose mistakes are
made here too, `NOT_SHARED` those that are not.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ref_layers import OPS


@dataclass(frozen=True)
class Mistake:
    """op · name: of the function · forward, backward: the layer with the mistake in one of them."""

    op: str
    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    text: str

    @property
    def what(self) -> str:
        """What is wrong, in one sentence."""
        return self.text.split(". ")[0].rstrip(".")


def mistakes(ops: Sequence[str] | None = None) -> Iterator[Mistake]:
    """The mistakes of these ops, of all by default."""
    for module in pkgutil.iter_modules(__path__):
        if module.name in OPS and (ops is None or module.name in ops):
            yield from of_op(module.name)


def of_op(op_name: str) -> Iterator[Mistake]:
    op = OPS[op_name]
    for name, function in functions_of(op_name).items():
        text = " ".join((inspect.getdoc(function) or "").split())
        if next(iter(inspect.signature(function).parameters)) == "dout":
            yield Mistake(op_name, name, op.forward, function, text)
        else:
            yield Mistake(op_name, name, function, op.backward, text)


def same_layer(op_name: str) -> list[str]:
    """The op, and those that are the same layer for other arrays."""
    module = importlib.import_module(f"{__name__}.{op_name}")
    return [op_name, *(name for name in getattr(module, "ALSO", ()) if name in OPS)]


def functions_of(module_name: str) -> dict[str, Callable[..., Any]]:
    """The mistakes' functions by name; a module's own go before those that it shares."""
    module = importlib.import_module(f"{__name__}.{module_name}")
    shared = [functions_of(name) for name in getattr(module, "ALSO", ())]
    own: dict[str, Callable[..., Any]] = {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__
    }
    left_out = getattr(module, "NOT_SHARED", ())
    found = {n: f for functions in shared for n, f in functions.items() if n not in left_out}
    return {n: f for n, f in {**found, **own}.items() if not n.startswith("_")}
