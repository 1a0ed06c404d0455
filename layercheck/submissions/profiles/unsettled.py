"""Arguments of an unknown name that may be an attribute which a case has at another value."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from . import names
from .target import Takes

OF_STATISTICS = "momentum"
"""An attribute that changes running statistics alone."""


def unsettled(op: str, takes: Takes, unknown: Mapping[str, Any], said: Container[str] = ()) -> str:
    """Why an op is not asked: an argument of which nothing is known may be an attribute that the
    signature has no other place for, and is something else where it is left away. Empty if none is.

    takes: what the signature can express · unknown: the arguments of which nothing is known, with
    their defaults · said: attributes whose value is told by whoever hands it over.
    """
    for own, default in unknown.items():
        meant = {n: value for n, value in may_be(op, takes, default) if n not in said}
        if meant and default not in meant.values():
            first, which = next(iter(meant)), " or ".join(meant)
            return (
                f"nothing is known of its argument {own} ({default!r} where it is left away), "
                f"which may be {which}; call it {first} if it is, to have it checked"
            )
    return ""


def may_be(op: str, takes: Takes, default: Any) -> Iterator[tuple[str, Any]]:
    """The attributes that an argument may be, as its default shows, with what cases have: one that
    has none by itself, or a number with a fraction."""
    for name, usual in names.OPS[op].attributes.items():
        unseen = name == OF_STATISTICS and "running_mean" in takes.absent
        if name not in takes.fixed or unseen:
            continue
        if usual == names.REQUIRED and type(default) in (int, tuple):
            yield name, None  # there is no usual one
        elif type(usual) is float and type(default) is float:
            yield name, takes.fixed[name]
