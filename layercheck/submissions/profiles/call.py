"""One question as a submission gets it, and what a profile makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from .memory import READ_ONLY, laid
from .views import Array, View

Namespace = Mapping[str, Any]
Answer = dict[str, Any]


class NotImplementedYet(Exception):
    """The function is missing, returns None or raises NotImplementedError."""


class WrongReturn(Exception):
    """What a function returned is not what such a function returns."""


class NotAsked(Exception):
    """A question that cannot be put to this layer: no fault of the submission's."""


class NotUnderstood(Exception):
    """The profile does not know how to call the function: no fault of the submission's."""


class ChangedSettings(Exception):
    """A function changed the dictionary of settings that it was given."""


@dataclass
class Call:
    """One question: fresh copies of the submission's own, and what was noticed on the way.

    op · inputs: arrays by name as the op has them · attributes: every attribute · out_shape: of the
    right answer, where it is known · notes: sentences; those that name a convention start with
    `convention: ` · called: attributes that were given under another meaning, in words · misfits:
    by array how the form of what came back is off · loans: what was given out as a copy · bare:
    whether arguments at their own default are left away · memory: how the arrays lie in memory, see
    memory.py · shared: the dictionary of settings of several calls, where they have one · beside:
    puts a copy of an input where whoever asks sees what is done to it · unseeded: whether no seed
    is given, as is usual where one may be · settings: a dictionary that was
    given, and what it held.
    """

    op: str
    inputs: dict[str, Array]
    attributes: dict[str, Any]
    out_shape: tuple[int, ...] | None = None
    notes: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    misfits: dict[str, str] = field(default_factory=dict)
    loans: list[tuple[View, Array, Array]] = field(default_factory=list)
    bare: bool = False
    memory: str = ""
    shared: dict[str, Any] | None = None
    beside: Callable[[Array, Array], Array] | None = None
    unseeded: bool = False
    settings: tuple[dict[str, Any], dict[str, Any]] = field(default_factory=lambda: ({}, {}))

    def dictionary(self, entries: dict[str, Any]) -> dict[str, Any]:
        """A dictionary of settings: of its own, or the one that several layers share."""
        if self.shared is None:
            self.settings = entries, dict(entries)
            return entries
        self.shared.update(entries)
        return self.shared

    def hold_to_settings(self) -> None:
        """Raises ChangedSettings where a given one is gone or another; what is added, and running
        statistics, are the function's."""
        now, given = self.settings
        for name, value in given.items():
            if name.startswith("running"):
                continue
            if name not in now:
                raise ChangedSettings(f"changes the settings it is given: {name} is gone")
            if type(now[name]) is not type(value) or now[name] != value:
                told = f"changes the settings it is given: {name} was {plain(value)}, now it is"
                raise ChangedSettings(f"{told} {str(now[name])[:60]}")

    def note(self, text: str) -> None:
        """Tell something once."""
        if text not in self.notes:
            self.notes.append(text)

    def give(self, name: str, view: View) -> Array:
        """An input as the layer wants it; what the layer does to it is done to the input."""
        return self.lend(self.inputs[name], view)

    def lend(self, value: Array, view: View) -> Array:
        """Any array as the layer wants it; what the layer does to it is done to the array."""
        given = view.give(value)
        is_own = self.memory == READ_ONLY and value.flags.writeable
        given = laid(given, self.memory) if self.memory and not is_own else given
        given = given if self.beside is None else self.beside(given, value)
        self.loans.append((view, given, value))
        return given

    def settle(self) -> None:
        """Do to the arrays what the layer did to what it got."""
        for view, given, original in self.loans:
            view.give_back(given, original)

    def as_counted(self, name: str, own: Any, case: Any) -> None:
        """Tell that an attribute was given under another meaning than the case's."""
        text = f"{name} {plain(own)} (as this file counts it; {plain(case)} in torch)"
        if text not in self.called:
            self.called.append(text)

    def leave(self, names: Sequence[str]) -> None:
        """Tell which arguments were left away."""
        text = f"{', '.join(names)} left away"
        if names and text not in self.called:
            self.called.append(text)

    def lacks_keepdims(self, shape: tuple[int, ...]) -> bool:
        """Whether a global pooling gave (N, C), which is a convention; dout then has that shape."""
        kept = self.op == "global_avg_pool" and self.attributes["keepdims"]
        if not kept or shape != self.inputs["x"].shape[:2]:
            return False
        self.note("convention: out is (N, C), as with keepdims=False")
        return True

    def with_copies(self) -> Call:
        """The same question with copies of its arrays, the settings that are shared, and nothing
        noticed yet."""
        own = self.apart()
        own.shared = self.shared
        if self.beside is not None:
            own.beside = self.beside
            own.inputs = {n: own.beside(v, self.inputs[n]) for n, v in own.inputs.items()}
        return own

    def apart(self) -> Call:
        """The same where nobody looks at what is done to the arrays: to find out how a layer
        behaves, beside the question itself."""
        forms = {n: "" for n in self.inputs if n.startswith("running") and self.memory == READ_ONLY}
        inputs = {n: laid(value, forms.get(n, self.memory)) for n, value in self.inputs.items()}
        attributes = dict(self.attributes)
        own = Call(self.op, inputs, attributes, self.out_shape, bare=self.bare, memory=self.memory)
        own.unseeded = self.unseeded
        return own


class Session(Protocol):
    """One question put to one target: a forward, and then perhaps a backward."""

    call: Call

    def forward(self) -> Answer:
        """The outputs by name."""
        ...

    def backward(self, dout: Array) -> Answer:
        """The gradients by name; dout: the cotangent of `out`."""
        ...


@runtime_checkable
class AsksAgain(Protocol):
    """A session of an object that can be asked more than once."""

    def again(self, call: Call, renew: bool = False) -> Answer:
        """The outputs of the same object for another question; raises NotAsked.

        renew: its parameters become those of the question, as after a step of training.
        """
        ...


@runtime_checkable
class HasState(Protocol):
    """A session of a layer that keeps running statistics."""

    def state(self) -> Answer:
        """Those that the layer was given or keeps, as they are now."""
        ...


@runtime_checkable
class KeepsGradients(Protocol):
    """A session of an object that keeps gradients itself."""

    def kept(self) -> Answer:
        """Those of its parameters, as they are now."""
        ...


def plain(value: Any) -> str:
    """A number in words: 0.9, not 0.90000000000000002."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def is_missing(value: Any) -> bool:
    """Whether a value is what templates put where something is to be written."""
    return value is None or value is Ellipsis


def described(value: Any) -> str:
    """What was returned, for an error's text: `a tuple of 3`, `one ndarray`."""
    kind = type(value).__name__
    return f"a {kind} of {len(value)}" if isinstance(value, (tuple, list)) else f"one {kind}"


class Fields(dict[str, Any]):
    """What a dataclass, a named tuple or an object has, by name. in_order: whether it was declared
    in an order, which counts where the names say nothing."""

    in_order = True


class Attributes(Fields):
    """Of an object, whose attributes were set in any order."""

    in_order = False


def gathered(result: Any) -> Any:
    """Several things that were returned one by one, as a tuple, or as the fields of a dataclass, a
    named tuple or an object, by their names; anything else as it is."""
    if isinstance(result, Iterator) or type(result) is list:
        return tuple(result)
    if isinstance(result, tuple) and hasattr(result, "_asdict"):
        return Fields(result._asdict())
    if is_dataclass(result) and not isinstance(result, type):
        return Fields({one.name: getattr(result, one.name) for one in fields(result)})
    return attributes_of(result)


def attributes_of(result: Any) -> Any:
    """The arrays that an object holds, by name, where it is none itself and holds any; else the
    object."""
    if isinstance(result, (Mapping, tuple, list, type)) or hasattr(result, "__array__"):
        return result
    slots = [n for kind in type(result).__mro__ for n in vars(kind).get("__slots__", ())]
    own = {**{n: getattr(result, n, None) for n in slots}, **getattr(result, "__dict__", {})}
    arrays = {n: v for n, v in own.items() if hasattr(v, "__array__")}
    return Attributes(arrays) or result


def as_number(value: Any, dtype: Any) -> Any:
    """A plain number as an array of this dtype; anything else as it is."""
    return np.asarray(value, dtype=dtype) if type(value) in (float, int, np.float64) else value
