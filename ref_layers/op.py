"""What an op is: the record that each layer file ends with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
REQUIRED = inspect.Parameter.empty
TARGETS = ("labels", "target", "shares")
"""The roles of what a loss holds its scores against."""


@dataclass(frozen=True)
class Tensor:
    """One array input of an op.

    shape: symbolic sizes, separated by spaces; a size is a symbol or a product of symbols
        (`"N groups*c H W"`), where a symbol may be one of the op's integer attributes.
    draw: which values make sense: `data` (any fill), `weight` (random, never constant),
        `state` (a mean that is kept), `positive` (a variance), `mask` (0 or 1), `target` (0 to
        1), `shares` (of a whole: rows that add up to 1), `labels:C` (whole numbers less than the
        size C).
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
    """A layer: its functions, its arrays, and on what frameworks differ.

    forward: `out, cache = forward(*inputs, **attributes)`; `out` is one array, or a tuple of arrays
        in the order of `outputs`.
    backward: `dx, ... = backward(dout, cache)`, one gradient for each differentiable input.
    inputs: the array inputs by name, in the order of forward's arguments.
    outputs: names of what forward returns; the first one, `out`, is the one that has a gradient.
    conventions: attributes on which established frameworks differ, with their values.
    linear: whether `out` is linear in each input, so that dyadic inputs give exact results.
    mean: whether `out` is a mean of numbers of x: linear, but for the division.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: Mapping[str, Tensor]
    outputs: tuple[str, ...] = ("out",)
    conventions: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    linear: bool = False
    mean: bool = False

    @property
    def name(self) -> str:
        """The name of the layer, of its file and of its forward function."""
        return self.forward.__name__

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """Attribute names with their defaults (`REQUIRED` where there is none)."""
        parameters = inspect.signature(self.forward).parameters
        return {n: p.default for n, p in parameters.items() if n not in self.inputs}

    @property
    def optional(self) -> tuple[str, ...]:
        """The inputs that may be left out."""
        return tuple(name for name, tensor in self.inputs.items() if tensor.optional)

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The inputs that have a gradient."""
        return tuple(name for name, tensor in self.inputs.items() if tensor.differentiable)

    @property
    def targets(self) -> tuple[str, ...]:
        """The inputs that a loss holds its scores against; none of another layer."""
        roles = {name: tensor.draw.partition(":")[0] for name, tensor in self.inputs.items()}
        return tuple(name for name, role in roles.items() if role in TARGETS)

    @property
    def of_last_axes(self) -> bool:
        """Whether each place of the leading axes is computed by itself, over the last ones."""
        return any(tensor.last for tensor in self.inputs.values())

    def gradients(self, inputs: Iterable[str]) -> tuple[str, ...]:
        """The names of the gradients that exist for these inputs, in backward's order."""
        given = set(inputs)
        return tuple(f"d{name}" for name in self.differentiable if name in given)

    def run(
        self, inputs: Mapping[str, Array], attributes: Mapping[str, Any], dout: Array
    ) -> dict[str, Array]:
        """Run the layer forward and backward; its arrays by name (`out`, `dx`, `dw`, ...)."""
        out, cache = self.forward(**inputs, **attributes)
        return {
            **self.name_outputs(out),
            **self.name_gradients(self.backward(dout, cache), inputs),
        }

    def name_outputs(self, out: Any) -> dict[str, Array]:
        """What a forward of this op returned, by name."""
        values = out if isinstance(out, tuple) else (out,)
        return dict(zip(self.outputs, values, strict=False))

    def name_gradients(self, gradients: Any, inputs: Iterable[str]) -> dict[str, Array]:
        """What a backward of this op returned, by name; raises ValueError for another number."""
        values = gradients if isinstance(gradients, tuple) else (gradients,)
        if len(values) != len(self.differentiable):
            expected = ", ".join(f"d{name}" for name in self.differentiable)
            raise ValueError(f"{len(values)} gradients; expected ({expected})")
        named = dict(zip(self.differentiable, values, strict=True))
        return {f"d{name}": named[name] for name in self.differentiable if name in set(inputs)}


def is_size(value: object) -> bool:
    """Whether value is an integer that may count something (a bool is not)."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))
