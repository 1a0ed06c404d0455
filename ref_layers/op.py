"""What an op is: the record that each layer file ends with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True)
class Tensor:
    """One array input of an op.

    shape: symbolic sizes, separated by spaces; a size is a symbol or a product of symbols
        (`"N groups*c H W"`). A symbol is a level of the op or one of its integer attributes.
    draw: which values make sense: `data` (any fill), `weight` (random, never constant),
        `positive` (a variance), `mask` (0 or 1), `labels:C` (whole numbers less than the size C).
    optional: whether the op may be called without it.
    differentiable: whether backward returns a gradient `d<name>` for it.
    last: an attribute that says how many of the last sizes the array has; all of them by default.
    """

    shape: str
    draw: str = "data"
    optional: bool = False
    differentiable: bool = True
    last: str = ""

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(self.shape.split())


@dataclass(frozen=True)
class Op:
    """A layer: its functions, its arrays, its attributes and the values worth trying.

    forward: `out, cache = forward(*inputs, **attributes)`; `out` is one array, or a tuple of arrays
        in the order of `outputs`.
    backward: `dx, ... = backward(dout, cache)`, one gradient for each differentiable input.
    inputs: the array inputs by name, in the order of forward's arguments.
    outputs: names of what forward returns; the first one, `out`, is the one that has a gradient.
    levels: for each symbol and attribute the values that a grid combines; True and False for
        an optional input: present or absent; None for a symbol: arrays lack that axis.
    valid: an optional rule that a combination of levels has to keep to be worth a case.
    conventions: attributes on which established frameworks differ, with their values.
    linear: whether `out` is linear in each input, so that dyadic inputs give exact results.
    fills: the ways to draw values that make sense; None for all.
    plain: levels of the simple uses, which narrow signatures can express too (a course's
        conv2d with one stride and no groups): the grid holds a block of them as well.
    grid_size: how many cases the standard grid has, at least.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: Mapping[str, Tensor]
    levels: Mapping[str, tuple[Any, ...]]
    outputs: tuple[str, ...] = ("out",)
    valid: Callable[[Mapping[str, Any]], bool] = field(default=lambda levels: True)
    conventions: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    linear: bool = False
    fills: tuple[str, ...] | None = None
    plain: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    grid_size: int = 220

    @property
    def name(self) -> str:
        return self.forward.__name__

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """Attribute names with their defaults (`REQUIRED` where there is none)."""
        parameters = inspect.signature(self.forward).parameters
        return {n: p.default for n, p in parameters.items() if n not in self.inputs}

    @property
    def differentiable(self) -> tuple[str, ...]:
        return tuple(name for name, tensor in self.inputs.items() if tensor.differentiable)

    def gradients(self, inputs: Mapping[str, Array]) -> tuple[str, ...]:
        """The names of the gradients that exist for these inputs, in backward's order."""
        return tuple(f"d{name}" for name in self.differentiable if name in inputs)


def answer(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    op: Op,
    inputs: Mapping[str, Array],
    attributes: Mapping[str, Any],
    dout: Array,
) -> dict[str, Array]:
    """Run a layer forward and backward; return its arrays by name (`out`, `dx`, `dw`, ...)."""
    out, cache = forward(**inputs, **attributes)
    outputs = out if isinstance(out, tuple) else (out,)
    grads = backward(dout, cache)
    grads = grads if isinstance(grads, tuple) else (grads,)
    named = dict(zip(op.outputs, outputs, strict=False))
    every = zip(op.differentiable, grads, strict=True)
    named.update((f"d{name}", grad) for name, grad in every if name in inputs)
    return named


def is_size(value: object) -> bool:
    """Whether value is an integer that may count something (a bool is not)."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))
