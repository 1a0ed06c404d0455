"""A framework's layer object: asked with the case's numbers in the place of its own parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from layercheck.errors import UsageError
from layercheck.submissions.profiles.target import Takes
from oracles.oracle import Array
from ref_layers import OPS, Op
from ref_layers.op import REQUIRED

from ..frameworks import Pullback
from ..ways import NOW
from .bound import bound_text
from .functions import in_axes
from .hints import Hints, check_named
from .settings import attributes_of, parameters_of, sizes_of, words_of

Function = Callable[..., Any]

LIBRARIES = ("torch", "keras")
"""Whose own classes say all that they do."""

OF_CASES = ("x", "y", "mask")
"""The inputs that an object is called with."""


class Held(Protocol):
    """An object of one framework, see torch_module.py and keras_layer.py.

    arrays: its parameters and statistics, their shapes by name, in the op's order of axes ·
    settled: what is known of its framework · sizes: of symbols of its op's shapes, where it says
    them itself · mode: whether it is in training · dtypes: its own that are not asked · rank:
    how many axes x has, where that is settled and the op leaves it open · axes: the framework's
    order of axes.
    """

    thing: Any
    settled: Mapping[str, Any]
    sizes: Mapping[str, int]
    mode: bool

    @property
    def dtypes(self) -> Sequence[str]: ...
    @property
    def rank(self) -> int | None: ...

    def notes(self) -> Iterator[str]: ...
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

    def __call__(self, *, training: bool | None = None, **given: Any) -> Any:
        wanted = NOW.get().wanted([name for name in self.op.differentiable if name in given])
        if training is None:
            training = self.held.mode is not NOW.get().other_mode
        outs, pullback = self.held.ask(self.names, given, wanted, training)
        return (tuple(outs) if len(outs) > 1 else outs[0]), (wanted, pullback)

    @property
    def written(self) -> Any:
        """The method of the object that computes."""
        return getattr(self.held.thing, "forward", None) or getattr(self.held.thing, "call", None)

    def __hash__(self) -> int:
        return id(self)

    def backward(self, dout: Array, cache: Any) -> tuple[Any, ...]:
        """The gradients in the op's order; None of an input that was not given."""
        wanted, pullback = cache
        named = dict(zip(wanted, pullback(dout), strict=True))
        return tuple(named.get(name) for name in self.op.differentiable)


class Sized:
    """Which cases have the sizes that an object says itself."""

    def __init__(self, op: Op, sizes: Mapping[str, int]) -> None:
        symbols = op.inputs["x"].symbols
        away = len(symbols) if op.of_last_axes else 0
        self.axes = {symbols.index(n) - away: size for n, size in sizes.items() if n in symbols}

    def __call__(self, shapes: Mapping[str, Any], attributes: Mapping[str, Any]) -> str:
        """Why it takes no x of this shape; empty where it does."""
        x = shapes["x"]
        fits = all(-len(x) <= n < len(x) and x[n] == size for n, size in self.axes.items())
        told = ", ".join(f"{size} at axis {axis}" for axis, size in self.axes.items())
        return "" if fits else f"x has the size {told}"

    def told(self) -> list[str]:
        """Its sizes are its own: nothing is left out."""
        return []


def pair_of(op_name: str, held: Held, hints: Hints) -> tuple[Function, Function | None, Takes]:
    """Forward, backward, and the cases that the object can express."""
    op = OPS[op_name]
    own = held.arrays()
    check_named(own, hints.names, f"the arrays of {type(held.thing).__name__}")
    found = {**parameters_of(op, own), **{n: v for n, v in hints.names.items() if v in own}}
    axes = {**held.axes(op), **hints.axes}
    lacking = [n for n in op.inputs if n not in (*found, *op.optional, *OF_CASES)]
    if lacking and own:
        refuse_arrays(op, lacking[0], own, type(held.thing).__name__, found)
    shapes = {name: in_order(own[theirs], axes.get(name)) for name, theirs in found.items()}
    of_x = {"x": (None,) * held.rank} if held.rank else {}
    attributes = attributes_of(op, held.thing, held.settled) | hints.narrowed.get("fixed", {})
    refuse_unsaid(op, attributes, type(held.thing).__name__)
    free = [name for name in op.attributes if name not in attributes]
    made = Asked(op, held, found, free)
    forward, backward = in_axes(op, made, made.backward, axes)
    takes = Takes(
        fixed=attributes,
        required=tuple(n for n in op.optional if n in found),
        absent=tuple(n for n in op.optional if n not in found),
        shapes={**shapes, **of_x},
        sizes=sizes_of(op, shapes, attributes, held.sizes),
        tried=Sized(op, held.sizes) if set(held.sizes) & set(op.inputs["x"].symbols) else None,
    )
    return forward, backward, hints.narrow(takes)


def refuse_arrays(
    op: Op, name: str, own: Mapping[str, Any], kind: str, found: Mapping[str, str]
) -> None:
    """Raise UsageError where none of an object's arrays is known as an input of the op; what may be
    meant has as many axes."""
    axes = len(op.inputs[name].symbols)
    alike = [n for n, shape in own.items() if len(shape) == axes and n not in found.values()]
    what = f"{name} of {op.name}, an array of {axes} {'axis' if axes == 1 else 'axes'}"
    said = f"that it is said: hints={{{name!r}: {alike[0]!r}}}" if alike else "one that has it"
    raise UsageError(
        f"got {kind} with the arrays {', '.join(own)}, none of which is known as {what}; "
        f"expected {said}"
    )


def refuse_unsaid(op: Op, attributes: Mapping[str, Any], kind: str) -> None:
    """Raise UsageError where an attribute that always has to be given is nowhere said."""
    unsaid = [name for name, value in attributes.items() if value is REQUIRED]
    if unsaid:
        raise UsageError(
            f"got {kind}, which says nothing of its {unsaid[0]}; expected it as hints="
            f'{{"fixed": {{"{unsaid[0]}": ...}}}}, or the function itself: '
            f"check({op.name}=lambda x, {unsaid[0]}: ...)"
        )


def notes_of(op_name: str, held: Held, takes: Takes, said: Mapping[str, Any]) -> Iterator[str]:
    """What is told of an object: what it has settled, and which arithmetic is not asked.

    said: the attributes that hints fix.
    """
    usual = OPS[op_name].attributes
    settled = {
        n: v for n, v in takes.fixed.items() if n not in held.settled and v != usual.get(n, v)
    }
    if settled:
        yield f"asked as it was made: {bound_text(settled)}"
    if not held.mode and "training" not in usual:
        yield "asked outside of training, as it was handed over"
    yield from held.notes()
    unsaid = [n for n in unsaid_of(OPS[op_name], held, takes) if n not in said]
    if unsaid:
        yield (
            f"it says nothing of its {', '.join(unsaid)}: asked at the default; where its text has "
            f'another, say so: hints={{"fixed": {{"{unsaid[0]}": ...}}}}'
        )
    if held.dtypes:
        own = ", ".join(held.dtypes)
        yield f"its own dtype is {own}: asked with float32 and float64 in its place, never in {own}"


def unsaid_of(op: Op, held: Held, takes: Takes) -> list[str]:
    """The attributes that an object of somebody's own class has no word for."""
    if type(held.thing).__module__.partition(".")[0] in LIBRARIES:
        return []
    fixed = [name for name in takes.fixed if name not in held.settled]
    return [name for name in fixed if not words_of(op, name, held.thing)]


def in_order(shape: Sequence[int], axes: Sequence[int] | None) -> tuple[int, ...]:
    """A shape in the op's order of axes."""
    if not axes or len(axes) != len(shape):
        return tuple(shape)
    return tuple(shape[axes.index(place)] for place in range(len(axes)))
