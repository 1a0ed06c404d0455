"""What somebody says of a function that he hands over: the words of `@layercheck.implements`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

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
    op's · narrowed: which cases it can express, as settings of Takes."""

    arrays: str = ""
    is_said: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    narrowed: Mapping[str, Any] = field(default_factory=dict)

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
    try:
        declared.check_forms(op, given)
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
    narrowed = {n: given[n] for n in ("fixed", "required", "absent", "kinds") if n in given}
    return Hints(
        arrays,
        bool(arrays),
        own,
        {n: a for n, a in axes.items() if n in known_arrays(op)},
        narrowed,
    )


def known_arrays(op: str) -> tuple[str, ...]:
    """The arrays of an op that a layout may be said of."""
    return (*OPS[op].inputs, *OPS[op].outputs)
