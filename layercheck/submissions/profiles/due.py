"""Which of the functions that are not asked ought to be: a file that has one is no plain pass.

What is called like an op's forward or backward counts, unless the reason says that it is none, or
that its code is asked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .names import op_meant

NOT_HERE = "not in this file, though its assignment asks for it"
HELPER = "a helper of "
PRIVATE = "private: its name says that it is a helper"
NO_OP = "no op is called like this"
NO_LAYER = "no layer is called like this"
NOT_PLAIN = "it takes no dout: a derivative"
IN_ITS_PLACE = "asked in its place"
NO_BACKWARD = "none of its methods is known as a backward"
MAYBE = "may give one"
NO_FORWARD = "a class without a forward"
OF_A_MODULE = "of a module only functions named as the ops are asked"

EXCUSED = re.compile(
    rf"{NOT_HERE}|{HELPER}|{PRIVATE}|not read: |{NO_OP}|{NO_LAYER}|it is \w+\.\w+$|imported from |"
    r"its cell|\w+, which belongs to it,"
)
"""How the reasons begin of what is no layer, stands elsewhere, or is asked as a part of another,
or of a piece that fails by itself."""

DOUBTFUL = re.compile(
    rf"{NOT_PLAIN}|{NO_BACKWARD}|{NO_FORWARD}|{OF_A_MODULE}|.*{IN_ITS_PLACE}|.*{MAYBE}"
)
"""The same of what may be something else than the layer that its name says."""

SURE = ("_backward", "_bwd", "_backward_naive")
"""Endings of names that say a backward, and never a derivative."""


@dataclass(frozen=True)
class Due:
    """A function that ought to be asked and cannot be. op: the layer that it is of · doubtful:
    whether it may be something else, so that it counts with `--strict` only."""

    name: str
    op: str
    doubtful: bool = False


def due(left_out: Mapping[str, str], ops: Mapping[str, str]) -> Iterator[Due]:
    """Those of what is left out, with the reasons. ops: of functions that a profile knows."""
    for name, reason in left_out.items():
        op = ops.get(name) or op_meant(name)
        if op and not EXCUSED.match(reason):
            is_named_so = name.endswith(SURE) and reason.startswith(NOT_PLAIN)
            yield Due(name, op, bool(DOUBTFUL.match(reason)) and not is_named_so)
