"""The calls by which a case was put to a subject, read: names are names, values are plain."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layercheck.errors import UsageError
from oracles.oracle import Array, Question
from ref_layers import OPS

from .protocol import Answer

Step = tuple[str, str | int]
Way = tuple[Step, ...]


@dataclass(frozen=True)
class Made:
    """A value that stood in what an earlier call gave."""

    call: int
    way: Way = ()


@dataclass(frozen=True)
class CallMade:
    """One call: name: of a function, a class, or a method · owner: the call that made its object ·
    sets: what was set of that object before · args, named · raised · gave: the arrays of its result
    · left: those of its object afterwards · after: those of each argument afterwards, by its place
    or name."""

    name: str
    owner: int | None = None
    sets: Sequence[tuple[Way, Any]] = ()
    args: Sequence[Any] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    raised: bool = False
    gave: Sequence[tuple[Way, Array]] = ()
    left: Sequence[tuple[Way, Array]] = ()
    after: Mapping[str | int, Sequence[tuple[Way, Array]]] = field(default_factory=dict)

    @property
    def given(self) -> list[tuple[str | int, Any]]:
        """Its arguments by place, then by name."""
        return [*enumerate(self.args), *self.named.items()]

    @property
    def needs(self) -> Iterator[int]:
        """The earlier calls whose results it uses."""
        if self.owner is not None:
            yield self.owner
        values = [value for _, value in (*self.given, *self.sets)]
        yield from (made.call for value in values for made in made_in(value))


@dataclass(frozen=True)
class Trace:
    """calls: in their order · answer: the arrays that came of them, by the op's names."""

    calls: Sequence[CallMade]
    answer: Mapping[str, Array]


def made_in(value: Any) -> Iterator[Made]:
    """What of earlier calls a value holds."""
    if isinstance(value, Made):
        yield value
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from made_in(inner)
    elif isinstance(value, dict):
        yield from made_in(list(value.values()))


def trace_of(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> Trace:
    """A child's reply, which may hold anything; raises UsageError for what is no trace."""
    try:
        calls = [call_of(told, arrays, n) for n, told in enumerate(header["answered"]["calls"])]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UsageError(f"its calls cannot be written down ({error}); use --save") from None
    return Trace(calls, {name: value for name, value in arrays.items() if " " not in name})


def call_of(told: Mapping[str, Any], arrays: Mapping[str, Array], number: int) -> CallMade:
    """One call; only earlier calls may be named in it."""

    def value(one: Any) -> Any:
        return value_of(one, arrays, number)

    owner = told["owner"]
    return CallMade(
        identifier(told["name"]),
        None if owner is None else earlier(owner, number),
        [(way_of(way), value(one)) for way, one in told["set"]],
        [value(one) for one in told["args"]],
        {identifier(name): value(one) for name, one in told["named"].items()},
        bool(told["raised"]),
        leaves_of(told.get("gave", ()), arrays),
        leaves_of(told.get("left", ()), arrays),
        {key(name): leaves_of(held, arrays) for name, held in told.get("after", ())},
    )


def leaves_of(told: Any, arrays: Mapping[str, Array]) -> list[tuple[Way, Array]]:
    """The arrays of a result, where plain ones are; with the way to each."""
    named = [(way_of(way), f"call {int(place)}") for way, place in told]
    return [(way, arrays[name]) for way, name in named if name in arrays]


def value_of(told: Mapping[str, Any], arrays: Mapping[str, Array], number: int) -> Any:
    """One value; raises ValueError for what a script cannot write."""
    ((kind, what),) = [pair for pair in told.items() if pair[0] != "way"]
    if kind == "of":
        return Made(earlier(what, number), way_of(told["way"]))
    if kind == "array":
        return arrays[f"call {int(what)}"]
    if kind == "plain":
        return float(what)
    if kind == "value" and isinstance(what, (bool, int, str, type(None))):
        return what
    if kind in ("tuple", "list"):
        inner = [value_of(one, arrays, number) for one in what]
        return tuple(inner) if kind == "tuple" else inner
    if kind == "dict":
        pairs = ((value_of(k, arrays, number), value_of(v, arrays, number)) for k, v in what)
        return dict(pairs)
    raise ValueError(f"an argument is a {what}")


def way_of(told: Any) -> Way:
    """The way to a part: names of attributes, keys and places."""
    return tuple(
        ("attribute", identifier(step)) if kind == "attribute" else ("item", key(step))
        for kind, step in told
    )


def key(step: Any) -> str | int:
    """A key of a dictionary, or a place in a list; raises TypeError for anything else."""
    if not isinstance(step, (str, int)):
        raise TypeError(f"the key {step!r}")
    return step


def identifier(name: Any) -> str:
    """A name as Python has them: what a script calls is never more than that."""
    if not (isinstance(name, str) and name.isidentifier() and is_name(name)):
        raise ValueError(f"the name {name!r}")
    return name


def is_name(text: str) -> bool:
    """Whether it stands for a value by itself: no keyword."""
    try:
        return isinstance(ast.parse(text, mode="eval").body, ast.Name)
    except SyntaxError:
        return False


def earlier(number: Any, than: int) -> int:
    """The number of an earlier call; raises ValueError for another."""
    if not (isinstance(number, int) and 0 <= number < than):
        raise ValueError(f"call {number!r}")
    return number


def trace_of_functions(question: Question, answer: Answer) -> Trace:
    """The calls of a module's functions, which are called as the reference layers are."""
    op = OPS[question.op]
    arrays = {name: value for name, value in answer.arrays.items() if isinstance(value, np.ndarray)}
    outputs = [name for name in op.outputs if name in arrays]
    gradients = [f"d{name}" for name in op.differentiable]
    out: Way = (("item", 0),)
    forward = CallMade(
        question.op,
        named={**question.inputs, **question.attributes},
        raised="forward" in answer.failures,
        gave=leaves(out, outputs, arrays),
    )
    backward = CallMade(
        f"{question.op}_backward",
        args=(question.dout, Made(0, (("item", 1),))),
        raised="backward" in answer.failures,
        gave=leaves((), gradients, arrays),
    )
    asked = backward.gave or backward.raised
    return Trace([forward, backward] if asked else [forward], arrays)


def leaves(
    start: Way, names: Sequence[str], arrays: Mapping[str, Array]
) -> list[tuple[Way, Array]]:
    """Arrays that are returned in this order, one alone without a tuple."""
    ways = [(*start, ("item", i)) if len(names) > 1 else start for i in range(len(names))]
    pairs = zip(ways, names, strict=True)
    return [(way, arrays[name]) for way, name in pairs if name in arrays]
