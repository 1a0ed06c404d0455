"""What somebody says of a function that he hands over: the words of `@layercheck.implements`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from layercheck.cases.space import space_of
from layercheck.errors import UsageError
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import declared, names
from layercheck.submissions.profiles.target import Takes
from ref_layers import OPS

from .. import frameworks

OWN = ("arrays", "layout", "weights", "fixed", "required", "absent", "kinds", "arguments")
NUMPY = "numpy"
AFFINE = {"DM": (0, 1), "MD": (1, 0)}
"""Orders of the axes of an affine layer's weight."""


@dataclass(frozen=True)
class Hints:
    """arrays: of which library its inputs are, empty: as its text shows · is_said: whether somebody
    says which · names: the op's names
    with the function's own · axes: the order of an array's axes, where it is another one than the
    op's · narrowed: which cases it can express, as settings of Takes · second: what a loss returns
    beside itself, see losses.py."""

    arrays: str = ""
    is_said: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    narrowed: Mapping[str, Any] = field(default_factory=dict)
    second: str = ""

    def narrow(self, takes: Takes) -> Takes:
        """Which cases can be put to it, with what is said here."""
        more = self.narrowed
        return replace(
            takes,
            fixed={**takes.fixed, **more.get("fixed", {})},
            kinds={**takes.kinds, **more.get("kinds", {})},
            required=(*takes.required, *more.get("required", ())),
            absent=(*takes.absent, *more.get("absent", ())),
        )


def hints_of(op: str, given: Mapping[str, Any]) -> Hints:
    """The hints of an op's functions; raises UsageError for what says nothing of them.

    >>> hints_of("conv2d", {"layout": "NHWC", "x": "image"}).names
    {'x': 'image'}
    """
    names.install(op_table())
    given = {name: plain_setting(value) for name, value in given.items()}
    try:
        declared.check_forms(op, given)
        declared.check_names(op, given)
        check_words(op, given)
        known = {n: v for n, v in given.items() if n not in OWN}
        own = declared.arguments(op, {"arguments": given.get("arguments", {}), **known})
        if set(known) - own.keys():
            raise ValueError(f"got {', '.join(known)}; expected names of arguments of {op}")
        axes = declared.axes_of(op, given)
    except ValueError as error:
        raise UsageError(f"hints: {error}; beside those: {', '.join(OWN)}") from None
    if op == "affine" and given.get("weights") in AFFINE:
        axes["w"] = AFFINE[given["weights"]]
    arrays = given.get("arrays", "")
    expected = (NUMPY, *frameworks.names())
    if arrays not in ("", *expected):
        raise UsageError(f"hints: got arrays={arrays!r}; expected one of: {', '.join(expected)}")
    narrowed = {n: given[n] for n in declared.TAKES if n in given}
    return Hints(
        arrays,
        bool(arrays),
        own,
        {n: a for n, a in axes.items() if n in known_arrays(op)},
        narrowed,
    )


def plain_setting(value: Any) -> Any:
    """A setting with Python's own numbers for NumPy's."""
    if isinstance(value, Mapping):
        return {name: plain_setting(one) for name, one in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def check_words(op: str, given: Mapping[str, Any]) -> None:
    """Raise ValueError for a word that is none of an attribute's, as its value or its form."""
    for name, kinds in given.get("kinds", {}).items():
        known = (*declared.WORDS, *words_of(op, name))
        for kind in kinds:
            if kind not in known:
                told = f"{op}: got kinds = {{{name}: {kind!r}}}"
                raise ValueError(f"{told}; expected any of: {', '.join(known)}")
    for name, value in given.get("fixed", {}).items():
        known = words_of(op, name)
        if isinstance(value, str) and value not in known:
            raise ValueError(f"{op}: got {name} = {value!r}; expected one of: {', '.join(known)}")


def words_of(op: str, attribute: str) -> tuple[str, ...]:
    """The words that an attribute may be in a case."""
    levels = space_of(op).factors.get(attribute, ())
    usual = OPS[op].attributes[attribute]
    return tuple(dict.fromkeys(v for v in (usual, *levels) if isinstance(v, str)))


def known_arrays(op: str) -> tuple[str, ...]:
    """The arrays of an op that a layout may be said of."""
    return (*OPS[op].inputs, *OPS[op].outputs)


def check_named(known: Collection[str], names: Mapping[str, str], what: str) -> None:
    """Raise UsageError for a name that is not known. what: those that are, in words."""
    for name, own in names.items():
        if own not in known:
            told = ", ".join(known) or "none has a name here"
            raise UsageError(f"hints: got {name}={own!r}; expected one of {what}: {told}")
