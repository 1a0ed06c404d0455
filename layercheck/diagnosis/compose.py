"""Two mistakes in one layer: the one is made around the other, which it takes for the reference."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import permutations
from types import FunctionType
from typing import Any

from layercheck.mistakes import Mistake, same_layer
from ref_layers import OPS

from .candidates import Candidate


def around(place: str, name: str, references: Collection[str], inner: Callable[..., Any]) -> Any:
    """A mistake whose reference layer is another function: the functions of its module anew.

    place, name: its module and its own name · references: the names of what `inner` replaces there.
    """
    module = sys.modules[place]
    known = dict(vars(module))
    for key, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == place:
            known[key] = FunctionType(value.__code__, known, key, value.__defaults__)
            known[key].__kwdefaults__ = value.__kwdefaults__
    known.update((reference, inner) for reference in references if reference in known)
    return known[name]


def pairs(found: Sequence[Mistake]) -> Iterator[Candidate]:
    """Every two mistakes of an op in one layer, in both orders where that matters."""
    for outer, inner in permutations(found, 2):
        if is_backward(outer) is is_backward(inner):
            yield nested(outer, inner)
        elif is_backward(outer):
            yield Candidate((inner, outer), inner.forward, outer.backward)


def nested(outer: Mistake, inner: Mistake) -> Candidate:
    """One mistake around another of the same function."""
    op, ops = OPS[outer.op], [OPS[name] for name in same_layer(outer.op)]
    if is_backward(outer):
        names = [one.backward.__name__ for one in ops]
        made = wrapped(outer.backward, names, inner.backward)
        return Candidate((outer, inner), op.forward, made)
    made = wrapped(outer.forward, [one.name for one in ops], inner.forward)
    return Candidate((outer, inner), made, op.backward)


def wrapped(
    outer: Callable[..., Any], references: Collection[str], inner: Callable[..., Any]
) -> Any:
    """The outer function with the inner one where the right one was."""
    return around(outer.__module__, outer.__name__, references, inner)


def is_backward(mistake: Mistake) -> bool:
    """Whether it is in the backward."""
    return mistake.backward is not OPS[mistake.op].backward
