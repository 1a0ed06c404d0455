"""Functions named as the course's that are called otherwise: with attributes where it has a
dictionary, or with more of them than it gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from .. import names
from ..inventory import File
from ..packed import keys_read
from ..signatures import Argument, arguments_of, named
from ..target import Takes
from .arguments import ARGUMENTS, places
from .parts import PARTS, Contract

SIZES = ("pool_height", "pool_width", "pool_h", "pool_w", "height", "width")


def is_otherwise(op: str, function: ast.FunctionDef | None) -> bool:
    """Whether a function cannot be called as the course calls it, for what its arguments are."""
    if function is None or function.args.vararg is not None or function.args.kwarg is not None:
        return False
    template, arguments = ARGUMENTS[op], arguments_of(function)
    if not arguments or places(function, template) is not None:
        return False
    own = [a for a in arguments if not a.by_keyword]
    needed = [a for a in arguments if not a.optional]
    if len(own) < len(template) or len(needed) > len(template):
        return True
    pairs = zip(template, own, strict=False)
    return any(name.endswith("_param") and is_attribute(op, a, function) for name, a in pairs)


def is_attribute(op: str, argument: Argument, function: ast.FunctionDef) -> bool:
    """Whether what stands in the place of a dictionary is a number, by its name or its default."""
    if keys_read(argument.name, function):
        return False
    known = (n for a in names.OPS[op].attributes for n in names.names_of(op, a))
    is_number = argument.optional and type(argument.default) in (int, float, bool)
    says_so = len(argument.name) > 1 or op == "dropout"  # a `p` may well be the dictionary
    return is_number or (says_so and argument.name.lower() in (*known, *SIZES))


def called_otherwise(file: File) -> Iterator[Contract]:
    """The course's functions of a file that are not called as the course does; each forward once,
    with the backward that is here."""
    seen: set[str] = set()
    for one in (contract for part in PARTS for contract in part):
        function = file.functions.get(one.forward)
        if one.forward not in seen and is_otherwise(one.op, function):
            seen.add(one.forward)
            yield one


def extras(op: str, takes: Takes, function: ast.FunctionDef | None) -> dict[str, str]:
    """Optional arguments beyond the template's that are attributes of the op: by the op's name."""
    if function is None:
        return {}
    free = [a.name for a in beyond_template(op, function)]
    found: dict[str, str] = {}
    for name in takes.fixed:
        likely = named(op, name, [n for n in free if n not in found.values()])
        if likely and name != "reduction":
            found[name] = likely[0]
    return found


def beyond_template(op: str, function: ast.FunctionDef) -> list[Argument]:
    """The optional arguments that the course does not have."""
    template, arguments = ARGUMENTS[op], arguments_of(function)
    own = places(function, template)
    first = 0 if own is not None else len(template)
    in_place = {a.name for a in [a for a in arguments if not a.by_keyword][:first]}
    known = {*in_place, *(() if own is None else template)}
    return [a for a in arguments if a.optional and a.name not in known]


def widened(takes: Takes, extra: Mapping[str, str]) -> Takes:
    """The cases that can be asked where attributes are taken beside those of the course."""
    spatial = tuple(name for name in extra if name in names.SPATIAL)
    fixed = {n: v for n, v in takes.fixed.items() if n not in extra}
    return replace(takes, fixed=fixed, integer=(*takes.integer, *spatial))
