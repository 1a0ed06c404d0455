"""What a profile says about a submission: its targets, and how each is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Namespace = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One question as a submission gets it: fresh copies of its own.

    op · inputs: arrays by name as the op has them · attributes: every attribute · dout: the
    cotangent of `out`, or None if only the forward is asked for · notes: what the adapter noticed;
    it appends sentences, those that name a convention start with `convention: `.
    """

    op: str
    inputs: dict[str, Array]
    attributes: dict[str, Any]
    dout: Array | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Tell something once."""
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True)
class Target:
    """One op of a submission: the functions that make it up and the adapter that calls them.

    op: name · forward, backward: what the report calls the two functions; an empty backward: there
    is none to check; both alike: one function that returns loss and gradient · adapter: the name of
    the profile's function `(namespace, call, target) -> answer` that calls them in the child ·
    options: what the adapter has to know (layout, names, ...), plain JSON values.

    What cannot be asked: fixed: attribute values that cannot be expressed otherwise, e.g.
    {"groups": 1} · integer: attributes that take an int only, never a pair · kinds: what forms an
    attribute takes, of `int`, `pair`, `sides` (((top, bottom), (left, right))), `none` and words
    such as `same` · required: optional inputs that the signature demands, such as a bias · absent:
    those that it lacks · shapes: the number of sizes of an array, and those that are settled,
    e.g. {"x": [None, 1, None, None]} · square: arrays whose last two sizes must be equal ·
    forward_only: attribute values at which no gradient exists: ask without dout.
    """

    op: str
    forward: str
    backward: str = ""
    adapter: str = "call"
    options: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    integer: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shapes: Mapping[str, Sequence[int | None]] = field(default_factory=dict)
    square: tuple[str, ...] = ()
    forward_only: Mapping[str, Any] = field(default_factory=dict)

    def refuses(self, shapes: Mapping[str, Any], attributes: Mapping[str, Any]) -> str:
        """Why a case cannot be put to these functions; empty if it can."""
        reasons = (*self._attribute_reasons(attributes), *self._shape_reasons(shapes))
        return reasons[0] if reasons else ""

    def has_gradient(self, attributes: Mapping[str, Any]) -> bool:
        """Whether the backward can be asked at these attributes."""
        hidden = (attributes.get(name) == value for name, value in self.forward_only.items())
        return bool(self.backward) and not any(hidden)

    def _attribute_reasons(self, attributes: Mapping[str, Any]) -> Iterator[str]:
        for name, value in self.fixed.items():
            if name in attributes and attributes[name] != value:
                yield f"{self.forward} has no {name}={attributes[name]}"
        for name in self.integer:
            if not isinstance(attributes.get(name, 0), (int, np.integer)):
                yield f"{self.forward} takes {name} as one integer"
        for name, kinds in self.kinds.items():
            if name in attributes and kind_of(attributes[name]) not in kinds:
                yield f"{self.forward} takes {name} as {' or '.join(kinds)}"

    def _shape_reasons(self, shapes: Mapping[str, Any]) -> Iterator[str]:
        for name in self.required:
            if name not in shapes:
                yield f"{self.forward} needs {name}"
        for name in self.absent:
            if name in shapes:
                yield f"{self.forward} has no {name}"
        for name, sizes in self.shapes.items():
            if name in shapes and not fits(shapes[name], sizes):
                expected = ", ".join("any" if size is None else str(size) for size in sizes)
                yield f"{self.forward} takes {name} of sizes ({expected})"
        for name in self.square:
            if name in shapes and shapes[name][-1] != shapes[name][-2]:
                yield f"{self.forward} takes a square {name}"


def fits(shape: Sequence[int], sizes: Sequence[int | None]) -> bool:
    """Whether a shape has as many sizes, equal to those that are settled."""
    return len(shape) == len(sizes) and all(
        settled in (None, size) for size, settled in zip(shape, sizes, strict=True)
    )


def kind_of(value: Any) -> str:
    """The form of an attribute's value: none, int, pair, sides, or the word itself.

    >>> kind_of(2), kind_of((1, 2)), kind_of(((0, 1), (1, 0))), kind_of("same")
    ('int', 'pair', 'sides', 'same')
    """
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return "sides" if any(isinstance(part, Sequence) for part in value) else "pair"
    return "int"


Answer = dict[str, Any]
Adapter = Callable[[Namespace, Call, Target], Answer]


class NotImplementedYet(Exception):
    """The function is missing, returns None or raises NotImplementedError."""
