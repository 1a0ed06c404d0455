"""Anybody's function asked as the reference layers are: `out, cache = conv2d(x, w, b, ...)`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from layercheck.errors import UsageError
from layercheck.submissions.profiles.declared import WORDS
from layercheck.submissions.profiles.defaults import OWN_AFFAIR, differing
from layercheck.submissions.profiles.functional.options import Options
from layercheck.submissions.profiles.names import SPATIAL
from layercheck.submissions.profiles.signatures import handles_none
from layercheck.submissions.profiles.target import Takes
from layercheck.submissions.profiles.unsettled import unsettled
from oracles.oracle import Array
from ref_layers import OPS, Op
from ref_layers.op import REQUIRED

from .. import frameworks
from ..arrays import as_numpy
from ..functions import called_back
from ..left_away import parameters_of, parameters_read
from ..module import UNSAID, Module, takes_of, unknown_arguments
from ..spoken import factors_said, kinds_of_sides, text_of
from ..ways import NOW
from .answered import confirmed, library_answered
from .bound import bound, bound_names, bound_text, check_followed
from .called import Alone, Called, own_defaults, own_names, takes_arrays_alone
from .forms import arrays_lacked, forms_failed
from .hints import NUMPY, Hints
from .library import library_of
from .losses import GRADIENT, NOT_JUDGED, OTHER, WithGradient, is_loss, second_of
from .refused import Refused, untaken

Function = Callable[..., Any]
JAX = "jax"
FORMS_GIVEN = tuple(form for form in WORDS if form != "none")
"""The forms of a size that is always given."""

NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def settled(op_name: str, forward: Function, backward: Function | None, hints: Hints) -> Hints:
    """The hints with the library of the arrays, by the function's text, or by what it answers."""
    op, library = OPS[op_name], hints.arrays or library_of(forward)

    def ask(called: Called, of: str) -> Function:
        return asked_as(op, called, of, hints)

    if library != NUMPY and not hints.arrays and backward is None:
        library = confirmed(op, forward, hints, ask, library)
    elif library == NUMPY and not hints.arrays and (backward is None or JAX in sys.modules):
        library = library_answered(op, forward, hints, ask, backward is not None)
    second = ""
    if backward is None and library == NUMPY and is_loss(op):
        second = second_of(op, ask(Called(op, forward, hints.names), NUMPY), hints)
    return replace(hints, arrays=library, is_said=bool(hints.arrays), second=second)


def asked_as(op: Op, called: Called, library: str, hints: Hints) -> Function:
    """A function without a backward as the forward of a library; what it gives is left as it is."""
    own = Alone(called) if library == NUMPY else differentiated(op, called, library)[0]
    made = in_axes(op, own, None, hints.axes)[0]
    return made.given if isinstance(made, Turned) else made


def pair_of(
    op_name: str, forward: Function, backward: Function | None, hints: Hints
) -> tuple[Function, Function | None]:
    """Forward and backward as a module of reference layers has them. hints: as of `settled`.

    Where no backward is given and the function is a framework's, its gradient is the framework's.
    """
    op, arrays = OPS[op_name], hints.arrays
    axes = hints.axes.get("x", (0, 1, 2, 3))
    called = Called(op, forward, hints.names, axes)
    if backward is None and arrays != NUMPY:
        return in_axes(op, *differentiated(op, called, arrays), hints.axes)
    if backward is not None and arrays == JAX:
        in_double = frameworks.load(JAX).in_double  # type: ignore[attr-defined]
        in_place = partial(called_back, backward)
        return in_axes(op, in_double(called), in_double(in_place), hints.axes)
    if backward is None and hints.second == GRADIENT:
        whole = WithGradient(called)
        return in_axes(op, whole, whole.backward, hints.axes)
    if hints.axes or called.is_renamed or backward is None:
        own = called if backward is not None else Alone(called, hints.is_said)
        return in_axes(op, own, backward, hints.axes)
    return forward, backward


def takes_of_function(op_name: str, function: Function, forward: Function, hints: Hints) -> Takes:
    """Which cases can be put to a function. forward: what asks it, as of `pair_of`."""
    op = OPS[op_name]
    if "fixed" not in hints.narrowed:
        check_followed(op, function, hints.names)
    takes = takes_of(op, forward)
    takes = replace(takes, fixed={**takes.fixed, **bound(op, function, hints.names)})
    if takes_arrays_alone(function):
        usual = {n: UNSAID if v is REQUIRED else v for n, v in op.attributes.items()}
        takes = replace(takes, fixed={**usual, **takes.fixed})
    own, _ = own_names(op, function, hints.names)
    unset = never_none(op, function, own or {})
    forms: dict[str, Sequence[str]] = dict.fromkeys(unset, FORMS_GIVEN)
    forms |= kinds_of_sides(op, function, own or {})
    takes = replace(takes, factors=factors_said(op, function, own or {}), kinds=forms)
    takes = hints.narrow(takes)
    if hints.arrays == NUMPY:
        check_settled(op, function, takes, hints)
        return takes
    if parameters_of(forward) is None:
        takes = replace(takes, fixed={**untaken(op, forward), **takes.fixed})
    return replace(takes, tried=Refused(op, forward, hints.names, takes.fixed))


def never_none(op: Op, function: Function, own: Mapping[str, str]) -> Iterator[str]:
    """The attributes that are None by the op's default, where the function's is a number or a pair
    and nothing shows that it may be None. own: the function's names for the op's."""
    found, text = parameters_read(function) if own else {}, text_of(function)
    for name in (n for n in SPATIAL if n in own and op.attributes.get(n, 0) is None):
        is_given = isinstance(found[own[name]].default, (int, tuple))
        if is_given and text is not None and not handles_none(text, own[name]):
            yield name


def check_settled(op: Op, function: Function, takes: Takes, hints: Hints) -> None:
    """Raise UsageError where an argument may be an attribute that nothing else says, and no hint
    does."""
    unknown = unknown_of(op.name, function, hints)
    given = parameters_read(function) if unknown else {}
    defaults = {name: given[name].default for name in unknown}
    reason = unsettled(op.name, takes, defaults, hints.narrowed.get("fixed", {}))
    if reason:
        raise UsageError(f"{op.name}: {reason}; or say what it is: hints={{...}}")


def notes_of(op_name: str, function: Function, hints: Hints) -> tuple[str, ...]:
    """What is told of a function: what partial calls have bound, a library's own defaults."""
    op, notes = OPS[op_name], []
    held = bound(op, function, hints.names)
    names, _ = own_names(op, function, hints.names)
    said = {*(names or {}), *held, *hints.narrowed.get("fixed", {})}
    unsaid = [n for n, value in op.attributes.items() if value is REQUIRED and n not in said]
    if names is not None and unsaid:
        notes.append(
            f"has no place for {unsaid[0]}: asked at {unsaid[0]}={UNSAID}; where its text has "
            f'another, say so: hints={{"fixed": {{"{unsaid[0]}": ...}}}}'
        )
    if takes_arrays_alone(function):
        notes.append("takes arrays by their place alone: asked at the defaults of all else")
    if hints.second == OTHER:
        notes.append(NOT_JUDGED)
    if held:
        notes.append(f"asked as it is bound: {bound_text(held)}")
    if names and hints.arrays != NUMPY:
        others = own_defaults(op, function, names)
        told = {names[n]: v for n, v in others.items() if n not in OWN_AFFAIR}
        notes += (
            [f"its own default, with which it was not asked: {bound_text(told)}"] if told else []
        )
    return tuple(notes)


def defaults_of(op_name: str, function: Function, hints: Hints) -> tuple[str, ...]:
    """Sentences about defaults of a NumPy function that frameworks do not have."""
    names, _ = own_names(OPS[op_name], function, hints.names)
    if not names or hints.arrays != NUMPY:
        return ()
    found = parameters_read(function)
    given = {n: one.default for n, one in found.items() if one.default is not one.empty}
    return tuple(differing(op_name, names, given, Options(names)))


def failed_forms(op_name: str, module: Module, hints: Hints) -> Iterator[str]:
    """What a function of a module fails at, though it answers a number in its place (of NumPy), or
    an array that may be left away."""
    forward, _ = module.functions(op_name)
    if forward is not None:
        yield from arrays_lacked(OPS[op_name], forward, module.takes[op_name])
    if forward is not None and hints.arrays == NUMPY and "kinds" not in hints.narrowed:
        yield from forms_failed(OPS[op_name], forward, module.takes[op_name])


def unknown_of(op_name: str, function: Function, hints: Hints) -> tuple[str, ...]:
    """The optional arguments of a NumPy function that no case says anything of."""
    names, _ = own_names(OPS[op_name], function, hints.names)
    if names is None or hints.arrays != NUMPY:
        return ()
    known = {*names.values(), *bound_names(function)}
    return unknown_arguments(known, parameters_read(function))


# ---------------------------------------------------------------------- a framework's functions


class Differentiated:
    """A framework's function and its gradient by the framework. vjp: of that framework."""

    def __init__(self, op: Op, called: Function, vjp: Function) -> None:
        self.op, self.called, self.vjp = op, called, vjp
        self.written = called
        if hasattr(called, "__signature__"):
            self.__signature__ = called.__signature__

    def __call__(self, **given: Any) -> Any:
        inputs = {name: given.pop(name) for name in self.op.inputs if name in given}
        wanted = NOW.get().wanted([name for name in self.op.differentiable if name in inputs])
        outs, pullback = self.vjp(lambda leaves: self.made(leaves, given), inputs, wanted)
        return (tuple(outs) if len(outs) > 1 else outs[0]), (wanted, pullback)

    def made(self, leaves: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
        """What it returns; the statistics that it keeps in its own inputs, beside the output."""
        out = self.called(**leaves, **given)
        kept = [name for name in self.op.outputs if name in leaves and given.get("training", True)]
        return out if not kept or isinstance(out, (tuple, list)) else (out, *map(leaves.get, kept))

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
        self.written = forward
        try:
            self.__signature__ = inspect.signature(forward)
        except (TypeError, ValueError):
            self.__signature__ = None  # type: ignore[assignment]

    def given(self, **given: Any) -> Any:
        """What the forward makes of arrays in its own order of axes."""
        return self.forward(**{name: self.give(name, value) for name, value in given.items()})

    def __call__(self, **given: Any) -> Any:
        made = self.given(**given)
        if not isinstance(made, tuple) or len(made) != 2:
            return made
        outs = {n: self.take(n, v) for n, v in self.op.name_outputs(made[0]).items()}
        return (tuple(outs.values()) if isinstance(made[0], tuple) else outs["out"]), made[1]

    def backward(self, dout: Array, cache: Any) -> Any:
        """The gradients, each in the order of its input's axes."""
        assert self.own is not None
        made = called_back(self.own, self.give("out", dout), cache)
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
