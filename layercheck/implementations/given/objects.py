"""A framework's layer object: asked with the case's numbers in the place of its own parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from layercheck.submissions.profiles.target import Takes
from oracles.oracle import Array
from ref_layers import OPS, Op

from ..frameworks import Pullback
from .functions import in_axes
from .hints import Hints
from .settings import attributes_of, parameters_of, sizes_of

Function = Callable[..., Any]


class Held(Protocol):
    """An object of one framework, see torch_module.py and keras_layer.py.

    arrays: its parameters and statistics, their shapes by name, in the op's order of axes ·
    settled: what is known of its framework · axes: the framework's order of axes.
    """

    thing: Any
    settled: Mapping[str, Any]

    def arrays(self) -> Mapping[str, Any]: ...
    def axes(self, op: Op) -> Mapping[str, Sequence[int]]: ...
    def ask(
        self,
        parameters: Mapping[str, str],
        given: Mapping[str, Array],
        wanted: Sequence[str],
        training: bool,
    ) -> tuple[Sequence[Any], Pullback]: ...


@dataclass
class Asked:
    """An object as a forward and a backward.

    names: of its arrays by the op's · free: the attributes that are asked call by call.
    """

    op: Op
    held: Held
    names: Mapping[str, str]
    free: Sequence[str]

    @property
    def __signature__(self) -> inspect.Signature:
        keyword = inspect.Parameter.KEYWORD_ONLY
        known = ["x", *self.names, *self.free]
        return inspect.Signature([inspect.Parameter(name, keyword) for name in known])

    def __call__(self, *, training: bool = True, **given: Any) -> Any:
        wanted = [name for name in self.op.differentiable if name in given]
        outs, pullback = self.held.ask(self.names, given, wanted, training)
        return (tuple(outs) if len(outs) > 1 else outs[0]), (wanted, pullback)

    def __hash__(self) -> int:
        return id(self)

    def backward(self, dout: Array, cache: Any) -> tuple[Any, ...]:
        """The gradients in the op's order; None of an input that was not given."""
        wanted, pullback = cache
        named = dict(zip(wanted, pullback(dout), strict=True))
        return tuple(named.get(name) for name in self.op.differentiable)


def pair_of(op_name: str, held: Held, hints: Hints) -> tuple[Function, Function | None, Takes]:
    """Forward, backward, and the cases that the object can express."""
    op = OPS[op_name]
    own = held.arrays()
    found = {**parameters_of(op, own), **{n: v for n, v in hints.names.items() if v in own}}
    axes = {**held.axes(op), **hints.axes}
    shapes = {name: in_order(own[theirs], axes.get(name)) for name, theirs in found.items()}
    attributes = attributes_of(op, held.thing, held.settled)
    free = [name for name in op.attributes if name not in attributes]
    made = Asked(op, held, found, free)
    forward, backward = in_axes(op, made, made.backward, axes)
    takes = Takes(
        fixed=attributes,
        required=tuple(n for n in op.optional if n in found),
        absent=tuple(n for n in op.optional if n not in found),
        shapes=shapes,
        sizes=sizes_of(op, shapes, attributes),
    )
    return forward, backward, hints.narrow(takes)


def in_order(shape: Sequence[int], axes: Sequence[int] | None) -> tuple[int, ...]:
    """A shape in the op's order of axes."""
    if not axes or len(axes) != len(shape):
        return tuple(shape)
    return tuple(shape[axes.index(place)] for place in range(len(axes)))
