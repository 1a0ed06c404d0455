"""What a profile finds in a file: its targets, and which cases can be put to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

import numpy as np

from .factors import refused

OBJECT, STEPS, CLEARS, SIZED = "object", "steps", "clears", "sized"
"""An object is asked · whose backward takes a step with its weights · with a method that sets its
gradients to zero · which is made for images of one size."""

MADE, TOLD_ONCE, SINGLE = "made", "told once", "single"
"""An object is made with its parameters · is told once and for all whether it trains · may take
single images, one object each."""

SHARES, KEEPS = "shares", "keeps"
"""A dictionary of settings is given, which several layers may share · one that holds what a further
step of training starts from."""

SEEDED = "seeded"
"""A dropout whose settings may hold a seed, and usually hold none."""

FRAMEWORK, HAS_MODES = "framework", "modes"
"""It is asked with a framework's own arrays, with its gradient by the framework · it is an object
that is in training or not."""


MATRICES, FLAT = "matrices", "flat"
"""What works along the last axis is asked with matrices: all axes before it are made one · an
affine layer that makes no rows itself: all axes but the first are."""


class Tried(Protocol):
    """A function that was asked what it refuses."""

    def __call__(self, shapes: Mapping[str, Any], attributes: Mapping[str, Any]) -> str:
        """Why it refuses a case; empty if it does not."""
        ...

    def told(self) -> list[str]:
        """What is therefore not asked, a sentence each."""
        ...


@dataclass(frozen=True)
class Takes:
    """Which cases a signature can express.

    fixed: attribute values that cannot be expressed otherwise, e.g. {"groups": 1} · integer:
    attributes that take an int only, never a pair · kinds: what forms an attribute takes, of `int`,
    `pair`, `sides` (((top, bottom), (left, right))), `none` and words such as `same` · required:
    optional inputs that the signature demands, such as a bias · absent: those that it lacks ·
    shapes: the number of sizes of an array, and those that are settled, e.g.
    {"x": [None, 1, None, None]} · square: arrays whose last two sizes must be equal · forward_only:
    attribute values at which no gradient exists: ask without dout · gradient_at: the one value of
    an attribute at which there is a gradient, since the backward cannot know of another · sizes:
    the only size of some symbols of the op's shapes, of an object that has its arrays · factors:
    sizes that are given as multiples of the image's, with the forms of these · words: of
    attributes that are words, those that the text has at all (`named`), and those that a default,
    an annotation or a docstring has (`promised`) · tried: what says of shapes and attributes why a
    library's function refuses them, by asking it.
    """

    fixed: Mapping[str, Any] = field(default_factory=dict)
    integer: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shapes: Mapping[str, Sequence[int | None]] = field(default_factory=dict)
    square: tuple[str, ...] = ()
    forward_only: Mapping[str, Any] = field(default_factory=dict)
    gradient_at: Mapping[str, Any] = field(default_factory=dict)
    sizes: Mapping[str, int | None] = field(default_factory=dict)
    factors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    tried: Tried | None = None

    def refuses(
        self, shapes: Mapping[str, Any], attributes: Mapping[str, Any], needs: Sequence[str] = ()
    ) -> str:
        """Why a case cannot be expressed; empty if it can. needs: attributes that its values mean
        something to."""
        lacking = (f"there is no {name}" for name in needs if name in self.fixed)
        own = (self._attribute_reasons(attributes), self._shape_reasons(shapes))
        reasons = chain(lacking, *own, self._factor_reasons(shapes, attributes))
        found = next(reasons, "")
        return found if found or self.tried is None else self.tried(shapes, attributes)

    def has_gradient(self, attributes: Mapping[str, Any]) -> bool:
        """Whether a gradient exists at these attributes."""
        if any(attributes.get(n) == value for n, value in self.forward_only.items()):
            return False
        return all(attributes.get(n, value) == value for n, value in self.gradient_at.items())

    def _attribute_reasons(self, attributes: Mapping[str, Any]) -> Iterator[str]:
        for name, value in self.fixed.items():
            if name in attributes and attributes[name] != value:
                yield f"there is no {name}={attributes[name]}"
        for name in self.integer:
            if not isinstance(attributes.get(name, 0), (int, np.integer)):
                yield f"{name} is one integer"
        for name, kinds in self.kinds.items():
            if name in attributes and kind_of(attributes[name]) not in kinds:
                yield f"{name} is given as {' or '.join(kinds)}"

    def _factor_reasons(
        self, shapes: Mapping[str, Any], attributes: Mapping[str, Any]
    ) -> Iterator[str]:
        for name, forms in self.factors.items():
            why = refused(attributes[name], shapes["x"], forms)
            if why:
                yield f"{name} {why}"

    def _shape_reasons(self, shapes: Mapping[str, Any]) -> Iterator[str]:
        for name in self.required:
            if name not in shapes:
                yield f"{name} has to be given"
        for name in self.absent:
            if name in shapes:
                yield f"there is no {name}"
        for name, sizes in self.shapes.items():
            if name in shapes and not fits(shapes[name], sizes):
                expected = ", ".join("any" if size is None else str(size) for size in sizes)
                yield f"{name} has the sizes ({expected})"
        for name in self.square:
            if name in shapes and shapes[name][-1] != shapes[name][-2]:
                yield f"{name} is square"


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


@dataclass(frozen=True)
class Target:
    """One op of a file: the functions that make it up, and what can be asked of them.

    op: name · forward, backward: the names of the two functions; an empty backward: there is none
    to check; both alike: one function that returns loss and gradient · takes · beyond: conditions
    under which a case goes beyond what the assignment asks · unknown: optional arguments that
    nothing is known of · part: of which assignment's part it is: what a file lacks of a part that
    it has is told · lost: why it cannot be called; then it is not asked · lost_backward: the same
    of the backward alone · defaults: sentences about defaults that frameworks do not have ·
    own_way: sentences about a function that is called otherwise than its assignment does, which is
    a convention of its own · others: what belongs to it and is not asked by its own name, with the
    reason · options: what the profile has to know to call them, a record of its own, which stays in
    the child · habits: what its state is: OBJECT, MADE, SHARES and the like · narrowed:
    how its own file narrows what may be asked; empty if it does not.
    """

    op: str
    forward: str
    backward: str = ""
    takes: Takes = field(default_factory=Takes)
    beyond: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    part: int | None = None
    lost: str = ""
    lost_backward: str = ""
    defaults: tuple[str, ...] = ()
    own_way: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    options: Any = None
    habits: tuple[str, ...] = ()
    narrowed: str = ""
