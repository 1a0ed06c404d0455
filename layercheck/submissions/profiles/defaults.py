"""Defaults that signatures declare: which arguments a call may leave away, and how they differ.

A case says what every attribute is. Asked a second time, a function gets the arguments only whose
value is not what its own signature has for them: the answers have to be alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import names
from .call import Call, plain
from .signatures import UNKNOWN, Argument
from .switches import OFF

OWN_AFFAIR = ("training", "dim", "normalized_dims", "mask_seed")
"""Attributes whose defaults differ among libraries, or mean another axis: not worth a word."""

COUNTED = {"momentum": "decay", "p": "keep"}
"""Attributes that some count from the other end, and the option's value that says so."""


def declared(arguments: Sequence[Argument]) -> dict[str, Any]:
    """The literal defaults of a signature, by the names of its arguments."""
    optional = (a for a in arguments if a.optional and a.default is not UNKNOWN)
    return {a.name: a.default for a in optional}


def leave_away(
    call: Call, given: Mapping[str, Any], defaults: Mapping[str, Any], order: Sequence[str] = ()
) -> dict[str, Any]:
    """The arguments without those at their default, where the call is one that leaves them away.

    order: the names of those that are given by place, of which only the last may be lacking.
    """
    if not call.bare:
        return dict(given)
    same = [n for n, value in given.items() if n in defaults and alike(value, defaults[n])]
    kept = [place for place, n in enumerate(order) if n in given and n not in same]
    first = kept[-1] + 1 if kept else 0
    left = [n for n in same if n not in order[:first]]
    call.leave([n for n in left if given[n] is not None])
    return {n: value for n, value in given.items() if n not in left}


def as_pairs(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with a number as a pair where the signature's own default is a pair."""
    return {
        name: (value, value) if is_pair(defaults.get(name)) and type(value) is int else value
        for name, value in given.items()
    }


def is_pair(default: Any) -> bool:
    """Whether a default is two numbers."""
    return isinstance(default, tuple) and [type(part) for part in default] == [int, int]


def alike(value: Any, default: Any) -> bool:
    """Whether a value is the default: of the same kind too, for 1 is no True."""
    return type(value) is type(default) and bool(value == default)


def differing(
    op: str, matched: Mapping[str, str], defaults: Mapping[str, Any], options: Any
) -> Iterator[str]:
    """Sentences about defaults that are not those of the frameworks."""
    for name, usual in names.OPS[op].attributes.items():
        own = defaults.get(matched.get(name, ""))
        if name in OWN_AFFAIR or own is None or usual in (None, names.REQUIRED):
            continue
        if name in COUNTED and getattr(options, name) == COUNTED[name]:
            own = 1 - own
        if not equivalent(own, usual):
            left = matched[name]
            it = "it" if left == name else name
            yield f"where {left} is left away {it} is {plain(own)}; {plain(usual)} in torch"


def equivalent(own: Any, usual: Any) -> bool:
    """Whether two values mean the same to every layer."""
    if isinstance(own, bool) and usual == OFF:
        return not own
    if isinstance(own, str) or isinstance(usual, str):
        return str(own).lower() in (str(usual).lower(), "valid" if usual == 0 else "")
    pair = own[0] if isinstance(own, (tuple, list)) and len({*own}) == 1 else own
    close = isinstance(pair, float) and isinstance(usual, float) and abs(pair - usual) < 1e-12
    return close or pair == usual
