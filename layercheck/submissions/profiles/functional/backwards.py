"""Which backward belongs to a forward, and what each of its arguments gets."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import names
from ..due import NOT_PLAIN
from ..halves import HALVES, in_halves
from ..signatures import Argument, match

FORWARD = ("", "_forward", "_fwd")
BACKWARD = ("_backward", "_grad", "_bwd")

WITHOUT_CACHE = ("add", "concat")
"""Ops whose gradient is dout alone, so that a backward may take nothing else."""

NO_MATTER = ("training", "momentum", "unbiased_running_var", "mask_seed", "return_indices")
"""Attributes that a backward need not know of."""


def pairs(forwards: Sequence[str], functions: Mapping[str, ast.FunctionDef]) -> dict[str, str]:
    """Each forward with its backward, which belongs to one of them: of several forwards of one op
    to that which is named as it is."""
    found = {name: backward_of(name, functions) for name in forwards}
    for backward in {*found.values()} - {""}:
        claims = [name for name, own in found.items() if own == backward]
        first = min(claims, key=lambda name: (not is_named_as(name, backward), claims.index(name)))
        found.update({name: "" for name in claims if name != first})
    return found


def is_named_as(forward: str, backward: str) -> bool:
    """Whether a backward's name is the forward's with another ending, letter by letter."""
    stems = (forward.removesuffix(ending) for ending in FORWARD if forward.endswith(ending))
    return any(backward == stem + ending for stem in stems for ending in BACKWARD)


def backward_of(name: str, functions: Mapping[str, ast.FunctionDef]) -> str:
    """The backward that belongs to a forward; empty if there is none.

    Beside `relu_forward`, `relu` has none: `relu_backward` knows the other one's cache.
    """
    if any(name + ending in functions for ending in FORWARD if ending):
        return ""
    stems = [name.removesuffix(ending) for ending in FORWARD if name.endswith(ending)]
    plain = {names.plain(stem) for stem in stems}
    own = [stem + ending for stem in stems for ending in BACKWARD]
    alike = [
        other
        for other in functions
        for ending in BACKWARD
        if other.endswith(ending) and names.plain(other.removesuffix(ending)) in plain
    ]
    return next((n for n in (*own, *alike) if n in functions), "")


def backward_roles(
    op: str,
    arguments: Sequence[Argument],
    forward: Mapping[str, str],
    given: Mapping[str, str],
) -> dict[str, str]:
    """What each argument of a backward gets: {its name: dout, cache, out, or an op's name}.

    The first argument is dout, whatever it is called, unless it is known for something else:
    `sigmoid_grad(z)` takes none, and neither does `cross_entropy_backward(probs, labels)`. A single
    argument is dout only by its name.
    """
    own_names = {own: name for name, own in forward.items()}
    found: dict[str, str] = {}
    for place, argument in enumerate(arguments):
        taken = list(found.values())
        found[argument.name] = role(op, argument.name, place, own_names, given, taken)
    facts, roles = names.OPS[op], set(found.values())
    of_loss = {*facts.outputs, *facts.attributes} if facts.targets else set[str]()
    settled = {*facts.inputs, *of_loss}
    more = len(arguments) > 1 or op in WITHOUT_CACHE
    if more and "dout" not in roles and not roles <= settled:
        found[arguments[0].name] = "dout"
    lost = [name for name, what in found.items() if not what]
    if len(lost) == 1 and "cache" not in found.values():
        found[lost[0]] = "cache"
    optional = {a.name for a in arguments if a.optional}
    return {n: r for n, r in found.items() if r or n not in optional}


def role(
    op: str,
    name: str,
    place: int,
    own_names: Mapping[str, str],
    given: Mapping[str, str],
    taken: Sequence[str],
) -> str:
    """dout, cache, an input or attribute of the op, out; empty if nothing is known."""
    lower = name.lower()
    if "dout" not in taken and (lower in names.DOUT or (lower.startswith("d") and place == 0)):
        return "dout"
    if lower in names.CACHE:
        return "cache"
    if name in own_names:
        return own_names[name]
    matches = match(op, [Argument("", True), Argument(name)], given)
    unasked = {*names.OPS[op].optional} - {*own_names.values()}  # `mask`: the forward's own
    known = [n for n, own in matches.items() if own == name and n not in (*taken, *unasked)]
    if known:
        return known[0]
    return "out" if lower in names.OUT else ""


def lost_backward(op: str, arguments: Sequence[Argument], roles: Mapping[str, str]) -> str:
    """Why a backward cannot be called; empty if it can."""
    if not arguments:
        return "none of its arguments has a name; expected dout and the cache"
    without = [name for name, role in roles.items() if not role]
    if without:
        return f"nothing is known of its argument {', '.join(without)}"
    if "dout" not in roles.values() and not names.OPS[op].targets:
        return f"{NOT_PLAIN}, and no backward(dout, cache)"
    return ""


def told_nothing(
    op: str, matched: Mapping[str, str], roles: Mapping[str, str], defaults: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """The attributes that a backward cannot know of, with the one value at which it can be asked:
    it gets arrays only, and no cache."""
    known = {*roles.values(), *in_halves(roles.values())}
    if not roles or "cache" in known:
        return
    taken = {*matched, *in_halves(matched)}
    for name, usual in names.OPS[op].attributes.items():
        own = defaults.get(matched.get(name, matched.get(name + HALVES[0], "")), usual)
        unknown = name in taken and name not in (*known, *NO_MATTER)
        if unknown and own != names.REQUIRED:
            yield name, own
