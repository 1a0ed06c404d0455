"""The calls that are made of a submission, written down so that a script can make them again.

Only where `layercheck replay --script` asks for it. What is written down is plain data: names of
functions and attributes, plain values, arrays, and where in an earlier call's result a value stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .views import Array

PLAIN = (bool, int, float, str, type(None))
DEEPEST = 3
"""How far into results and objects is looked."""

MOST = 200
"""How many parts of one value are written down."""

Step = Sequence[str | int]
"""`("item", 1)`, `("item", "W")` or `("attribute", "W")`."""

Told = dict[str, Any]


def parts_of(value: Any, depth: int = DEEPEST) -> Iterator[tuple[list[Step], Any]]:
    """A value and what it holds, each with the way there."""
    yield [], value
    if depth == 0:
        return
    if isinstance(value, (tuple, list)):
        inner: list[tuple[Step, Any]] = [(("item", i), v) for i, v in enumerate(value[:MOST])]
    elif isinstance(value, dict):
        inner = [(("item", k), v) for k, v in value.items() if type(k) in (str, int)]
    else:
        held = getattr(value, "__dict__", {}) if not callable(value) else {}
        inner = [(("attribute", name), v) for name, v in dict(held).items()]
    for step, held in inner[:MOST]:
        for way, part in parts_of(held, depth - 1):
            yield [step, *way], part


class Tracer:
    """calls: as plain data · arrays: copies of all that occur in them."""

    def __init__(self) -> None:
        self.calls: list[Told] = []
        self.arrays: list[Array] = []
        self.names: dict[int, str] = {}
        self.results: list[Any] = []
        self.states: dict[int, dict[str, Any]] = {}
        self.given: list[tuple[int | str, Any]] = []

    def begin(
        self, function: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]
    ) -> None:
        """A call is about to be made."""
        owner = self.maker(getattr(function, "__self__", None))
        name = self.names.get(id(function), getattr(function, "__name__", ""))
        made = {} if owner is None else self.settings(owner)
        told = {
            "name": name,
            "owner": owner,
            "set": [[way, self.told(value)] for way, value in made.values()],
            "args": [self.told(value) for value in args],
            "named": {name: self.told(value) for name, value in named.items()},
            "raised": True,
        }
        self.given = [*enumerate(args), *named.items()]
        self.calls.append(told)
        self.results.append(None)

    def end(self, result: Any) -> Any:
        """It gave this."""
        self.results[-1] = result
        self.calls[-1]["raised"] = False
        number = len(self.calls) - 1
        owner = self.calls[-1]["owner"]
        self.calls[-1]["gave"] = self.leaves(result)
        self.calls[-1]["after"] = [[key, self.leaves(value)] for key, value in self.given]
        for maker in {number} if owner is None else {number, owner}:
            self.states[maker] = {str(way): self.mark(v) for way, v in self.state(maker)}
        if owner is not None:
            self.calls[-1]["left"] = self.leaves(self.results[owner])
        return result

    def maker(self, thing: Any) -> int | None:
        """The call that made an object."""
        found = (n for n, made in enumerate(self.results) if made is thing and thing is not None)
        return next(found, None)

    def state(self, maker: int) -> list[tuple[list[Step], Any]]:
        """The arrays and plain values that an object holds."""
        found = parts_of(self.results[maker])
        return [(way, v) for way, v in found if way and isinstance(v, (np.ndarray, *PLAIN))]

    def settings(self, maker: int) -> dict[str, tuple[list[Step], Any]]:
        """What was set of an object since its last call."""
        before = self.states.get(maker, {})
        now = {str(way): (way, value) for way, value in self.state(maker)}
        return {text: one for text, one in now.items() if self.mark(one[1]) != before.get(text)}

    def mark(self, value: Any) -> Any:
        """By what a change is noticed."""
        is_array = isinstance(value, np.ndarray)
        return (value.dtype.str, value.shape, value.tobytes()) if is_array else value

    def leaves(self, value: Any) -> list[Any]:
        """Every array and number of a value, with the way to it."""
        found = ((way, part) for way, part in parts_of(value) if type(part) is not bool)
        kinds = (np.ndarray, np.generic, int, float)
        return [[way, self.kept(part)] for way, part in found if isinstance(part, kinds)]

    def kept(self, value: Any) -> int:
        """The number of an array's copy; a number is one without axes."""
        self.arrays.append(np.array(value))
        return len(self.arrays) - 1

    def told(self, value: Any) -> Told:
        """A value as plain data."""
        if not isinstance(value, PLAIN):
            for number, result in enumerate(self.results):
                for way, part in parts_of(result):
                    if part is value:
                        return {"of": number, "way": way}
        if type(value) is np.ndarray:
            return {"array": self.kept(value)}
        if isinstance(value, np.generic):
            value = value.item()
        if type(value) in PLAIN:
            return {"plain": repr(value)} if type(value) is float else {"value": value}
        if type(value) in (tuple, list):
            return {type(value).__name__: [self.told(v) for v in value]}
        if type(value) is dict:
            return {"dict": [[self.told(k), self.told(v)] for k, v in value.items()]}
        return {"other": type(value).__name__}


tracers: list[Tracer] = []
"""The one at work, if any."""
