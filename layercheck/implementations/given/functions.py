"""Anybody's function asked as the reference layers are: `out, cache = conv2d(x, w, b, ...)`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from oracles.oracle import Array
from ref_layers import OPS, Op

from .. import frameworks
from ..arrays import as_numpy
from .hints import NUMPY, Hints

Function = Callable[..., Any]
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def pair_of(
    op_name: str, forward: Function, backward: Function | None, hints: Hints
) -> tuple[Function, Function | None]:
    """Forward and backward as a module of reference layers has them.

    Where no backward is given and the function is a framework's, its gradient is the framework's.
    """
    op = OPS[op_name]
    called = Called(op, forward, hints.names)
    arrays = hints.arrays or library_of(forward)
    if backward is None and arrays != NUMPY:
        return in_axes(op, *differentiated(op, called, arrays), hints.axes)
    if hints.axes or called.is_renamed or backward is None:
        own = called if backward is not None else Alone(called)
        return in_axes(op, own, backward, hints.axes)
    return forward, backward


class Called:
    """A function with names of its own for the op's arguments, called with them."""

    def __init__(self, op: Op, function: Function, names: Mapping[str, str]) -> None:
        self.function, self.op = function, op
        self.names, self.by_place = own_names(op, function, names)
        if self.names is not None:
            self.__signature__ = signature_of(op, function, self.names)

    @property
    def is_renamed(self) -> bool:
        """Whether it has to be called otherwise than by the op's own names."""
        return self.names is None or any(own != name for name, own in self.names.items())

    def __call__(self, **given: Any) -> Any:
        if self.names is None:  # nothing is known of it but that the arrays come first
            arrays = [given.pop(name, None) for name in self.op.inputs]
            while arrays and arrays[-1] is None:
                arrays.pop()
            return self.function(*arrays, **given)
        placed = [given.pop(name, None) for name in self.by_place]
        return self.function(*placed, **{self.names[name]: v for name, v in given.items()})


def own_names(
    op: Op, function: Function, names: Mapping[str, str]
) -> tuple[dict[str, str] | None, list[str]]:
    """What the function calls the op's arguments, and those that it takes by their place alone.

    An array without a parameter of its name, or of a hint, is taken by its place.
    """
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None, []
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found.values()):
        return None, []
    own = {n: names.get(n, n) for n in (*op.inputs, *op.attributes) if names.get(n, n) in found}
    free = [n for n in found if n not in own.values()]
    for name in (n for n in op.inputs if n not in own):
        if free and (found[free[0]].default is inspect.Parameter.empty or name in op.optional):
            own[name] = free.pop(0)
    by_place = [n for n in own if found[own[n]].kind is inspect.Parameter.POSITIONAL_ONLY]
    return own, sorted(by_place, key=[*op.inputs, *op.attributes].index)


def signature_of(op: Op, function: Function, names: Mapping[str, str]) -> inspect.Signature:
    """The function's signature under the op's own names."""
    found = inspect.signature(function).parameters
    ordered = [name for name in (*op.inputs, *op.attributes) if name in names]
    return inspect.Signature(
        [
            inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=found[names[n]].default)
            for n in ordered
        ]
    )


class Alone:
    """A forward without a backward, which may return its output without any cache."""

    def __init__(self, called: Called) -> None:
        self.called = called
        if hasattr(called, "__signature__"):
            self.__signature__ = called.__signature__

    def __call__(self, **given: Any) -> Any:
        made = self.called(**given)
        return made if isinstance(made, tuple) or made is None else (made, None)


# ---------------------------------------------------------------------- a framework's functions


def library_of(function: Function) -> str:
    """Of which library the arrays of a function are: its module's, or one that its text names."""
    plain = written(function)
    code = getattr(plain, "__code__", None)
    scope = getattr(plain, "__globals__", {})
    used = [scope.get(name) for name in getattr(code, "co_names", ())]
    used += [cell.cell_contents for cell in getattr(plain, "__closure__", None) or ()]
    roots = [str(getattr(plain, "__module__", "")), type(plain).__module__]
    roots += [getattr(one, "__name__", "") for one in used if inspect.ismodule(one)]
    roots += [getattr(one, "__module__", None) or "" for one in used if callable(one)]
    known = frameworks.names()
    aliases = {"jaxlib": "jax", "keras": "tensorflow", **{name: name for name in known}}
    found = (aliases.get(root.partition(".")[0]) for root in roots)
    return next(filter(None, found), NUMPY)


def written(function: Any) -> Any:
    """The function that somebody wrote, behind decorators, partial calls and objects."""
    while isinstance(function, partial):
        function = function.func
    plain = inspect.unwrap(function)
    own = [vars(kind).get("__call__") for kind in type(plain).__mro__]  # of an object
    return next(filter(inspect.isfunction, own), plain)


class Differentiated:
    """A framework's function and its gradient by the framework. vjp: of that framework."""

    def __init__(self, op: Op, called: Function, vjp: Function) -> None:
        self.op, self.called, self.vjp = op, called, vjp
        if hasattr(called, "__signature__"):
            self.__signature__ = called.__signature__

    def __call__(self, **given: Any) -> Any:
        inputs = {name: given.pop(name) for name in self.op.inputs if name in given}
        wanted = [name for name in self.op.differentiable if name in inputs]
        outs, pullback = self.vjp(lambda leaves: self.called(**leaves, **given), inputs, wanted)
        return (tuple(outs) if len(outs) > 1 else outs[0]), (wanted, pullback)

    def backward(self, dout: Array, cache: Any) -> tuple[Any, ...]:
        """The gradients in the op's order; None of an input that was not given."""
        wanted, pullback = cache
        named = dict(zip(wanted, pullback(dout), strict=True))
        return tuple(named.get(name) for name in self.op.differentiable)


def differentiated(op: Op, called: Function, arrays: str) -> tuple[Function, Function]:
    """A framework's function as a forward and a backward."""
    made = Differentiated(op, called, frameworks.load(arrays).vjp)
    return made, made.backward


# ---------------------------------------------------------------------- other orders of axes


def in_axes(
    op: Op, forward: Function, backward: Function | None, axes: Mapping[str, Sequence[int]]
) -> tuple[Function, Function | None]:
    """The two for arrays whose axes are in the op's order."""
    if not axes:
        return forward, backward
    turned = Turned(op, forward, backward, axes)
    return turned, None if backward is None else turned.backward


class Turned:
    """Functions of arrays in another layout, given views of the op's arrays."""

    def __init__(
        self,
        op: Op,
        forward: Function,
        backward: Function | None,
        axes: Mapping[str, Sequence[int]],
    ) -> None:
        self.op, self.forward, self.own, self.axes = op, forward, backward, axes
        try:
            self.__signature__ = inspect.signature(forward)
        except (TypeError, ValueError):
            self.__signature__ = None  # type: ignore[assignment]

    def __call__(self, **given: Any) -> Any:
        made = self.forward(**{name: self.give(name, value) for name, value in given.items()})
        if not isinstance(made, tuple) or len(made) != 2:
            return made
        outs = {n: self.take(n, v) for n, v in self.op.name_outputs(made[0]).items()}
        return (tuple(outs.values()) if isinstance(made[0], tuple) else outs["out"]), made[1]

    def backward(self, dout: Array, cache: Any) -> Any:
        """The gradients, each in the order of its input's axes."""
        assert self.own is not None
        made = self.own(self.give("out", dout), cache)
        several = made if isinstance(made, tuple) else (made,)
        named = zip(self.op.differentiable, several, strict=False)
        return tuple(self.take(name, value) for name, value in named)

    def give(self, name: str, value: Any) -> Any:
        """An array in the function's own order of axes."""
        axes = self.axes.get(name)
        return np.transpose(value, axes) if axes and np.ndim(value) == len(axes) else value

    def take(self, name: str, value: Any) -> Any:
        """The inverse."""
        axes = self.axes.get(name)
        if value is None or not axes or len(np.shape(value)) != len(axes):
            return value
        made = as_numpy(value)
        return value if made is None else np.transpose(made, np.argsort(axes))
