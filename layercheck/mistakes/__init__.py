"""Named wrong layers: what people really get wrong, one file an op.

Every public function of `layercheck/mistakes/<op>.py` is one mistake. A function whose first
parameter is `dout` replaces the op's backward, any other replaces its forward. The docstring's
first sentence says what is wrong, the rest how to mend it.
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
    module = importlib.import_module(f"{__name__}.{op_name}")
    op = OPS[op_name]
    for name, function in vars(module).items():
        own = inspect.isfunction(function) and function.__module__ == module.__name__
        if not own or name.startswith("_"):
            continue
        text = " ".join((inspect.getdoc(function) or "").split())
        if next(iter(inspect.signature(function).parameters)) == "dout":
            yield Mistake(op_name, name, op.forward, function, text)
        else:
            yield Mistake(op_name, name, function, op.backward, text)
