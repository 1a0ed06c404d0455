"""Conditions that hold two numbers of one kind against each other: the two sides of an attribute or
of an image, and how many groups there are with how many channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

from .predicate import Names, Predicate

SIDED = ("stride", "padding", "dilation", "output_padding", "size")
"""Attributes that have a height and a width."""

GROUPS = ("groups", "num_groups")
"""What ops call how many groups their channels make."""

CHANNELS = ("C", "F")
"""What groups are made of."""


def compared() -> Iterator[Predicate]:
    """Every such condition; one that an op lacks the names of raises KeyError where it is asked."""
    for name, sign in product(SIDED, "<>"):
        text = f"{name}_h {sign} {name}_w"
        yield Predicate(text, against(f"{name}_h", sign, f"{name}_w"), 2, of=(name,))
    for name, size in product(GROUPS, CHANNELS):
        yield Predicate(f"1 < {name} < {size}", some_groups(name, size), 1, of=(name, size))
        yield Predicate(f"{name} < {size}", against(name, "<", size), 2, of=(name, size))
        yield Predicate(f"{name} == {size}", against(name, "==", size), 2, of=(name, size))


def against(one: str, sign: str, other: str) -> Callable[[Names], bool]:
    """Whether two numbers stand so to each other."""

    def holds(names: Names) -> bool:
        first, second = names[one], names[other]
        if sign == "==":
            return bool(first == second)
        return bool(first < second if sign == "<" else first > second)

    return holds


def some_groups(name: str, size: str) -> Callable[[Names], bool]:
    """Whether there are several groups of several channels each."""
    return lambda names: bool(1 < names[name] < names[size])
