"""What an object of a framework has settled: the attributes of its op, and the sizes of arrays."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from layercheck.errors import UsageError
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import names
from layercheck.submissions.profiles.classes.layers import class_op
from ref_layers import OPS, Op

ASKED = ("training",)
"""Attributes that are asked of an object call by call."""

OPEN = {
    "momentum": "keeps the cumulative average of all batches so far",
    "eps": "adds what the dtype of its input has",
    "dim": "takes an axis by how many there are",
}
"""What an object does whose attribute is None, where it has to be a number here."""


def op_of(thing: Any) -> str:
    """The op of an object, by the name of its class; raises UsageError where that says nothing."""
    names.install(op_table())
    kinds = [kind.__name__ for kind in type(thing).__mro__]
    found = next(filter(None, map(class_op, kinds)), "")
    if not found:
        raise UsageError(
            f"got an object of {kinds[0]}, whose name says no op; name it with ops=, one of: "
            f"{', '.join(OPS)}"
        )
    return found


def attributes_of(op: Op, thing: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    """Every attribute that the object settles; those that it has no word for are at the default.

    told: what is known of the framework itself.
    """
    found = {}
    for name, default in op.attributes.items():
        if name in told:
            found[name] = told[name]
        elif name not in ASKED:
            own = words_of(op, name, thing)
            if not own and name in OPEN:
                refuse_none(op, name, thing)
            found[name] = plain(getattr(thing, own[0])) if own else default
            if name.endswith("_dims") and isinstance(found[name], tuple):  # the sizes themselves
                found[name] = len(found[name])
    return found


def words_of(op: Op, name: str, thing: Any) -> list[str]:
    """What an object calls an attribute that it has."""
    return [n for n in names.names_of(op.name, name) if is_value(getattr(thing, n, None))]


def refuse_none(op: Op, name: str, thing: Any) -> None:
    """Raise UsageError where an object says None of an attribute that is always a number."""
    kind = type(thing).__name__
    for own in names.names_of(op.name, name):
        if getattr(thing, own, 0) is None:
            raise UsageError(
                f"got {kind}({own}=None), which {OPEN[name]}; no case of {op.name} asks that; "
                f"expected a number, such as {kind}({own}={op.attributes[name]})"
            )


def is_value(value: Any) -> bool:
    """Whether something is an attribute's value: numbers, words, or several of them."""
    if isinstance(value, (tuple, list)):
        return all(map(is_value, value))
    return isinstance(value, (int, float, str))


def plain(value: Any) -> Any:
    """`(2, 2)` as 2, as cases have it."""
    if isinstance(value, (tuple, list)):
        values = tuple(map(plain, value))
        return values[0] if len(values) == 2 and values[0] == values[1] else values
    return value


def parameters_of(op: Op, own: Mapping[str, Any]) -> dict[str, str]:
    """The names of the object's arrays by the op's. own: its arrays by their names."""
    found: dict[str, str] = {}
    for name in op.inputs:
        free = [n for n in own if n not in found.values()]
        alike = [n for n in names.names_of(op.name, name) if n in free]
        if alike and name != "x":
            found[name] = alike[0]
    return found


def sizes_of(
    op: Op,
    shapes: Mapping[str, tuple[int, ...]],
    attributes: Mapping[str, Any],
    told: Mapping[str, int],
) -> dict[str, int | None]:
    """The size of every symbol that the object's arrays settle. told: those that it says itself.

    Of a product whose factors are not known each for itself the first is the whole: a vector.
    """
    known: dict[str, int | None] = {n: v for n, v in attributes.items() if isinstance(v, int)}
    known |= told
    for name, shape in shapes.items():
        symbols = op.inputs[name].symbols[-len(shape) :]
        for symbol, size in zip(symbols, shape, strict=False):
            factors = symbol.split("*")
            free = [f for f in factors if f not in known]
            settled = prod(known[f] or 1 for f in factors if f in known)
            for factor in free[1:]:
                known[factor] = None
            if free:
                known[free[0]] = size // settled
    own = {s for t in op.inputs.values() for symbol in t.symbols for s in symbol.split("*")}
    return {symbol: size for symbol, size in known.items() if symbol in own - {*op.attributes}}
