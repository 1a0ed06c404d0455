"""Other versions of the course's convolution and pooling: `conv_forward_fast`, `_im2col`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from ..inventory import File
from ..signatures import arguments_of
from .arguments import ARGUMENTS
from .parts import CONV, POOL, Contract

NAIVE = "naive"
OTHERS = ("fast", "im2col", "strides", "vectorized", "vectorised", "vec", "loop", "loops", "numpy")
"""How the course and its solutions call versions that take every case."""


def variants(file: File) -> Iterator[Contract]:
    """The contracts of versions that a file has beside the naive ones, called as these are."""
    for one in (CONV, POOL):
        for ending in OTHERS:
            forward = one.forward.replace(NAIVE, ending)
            if takes_dictionary(file, one.op, forward) and takes_all(file, forward):
                backward = one.backward.replace(NAIVE, ending)
                there = backward in file.definitions
                yield replace(one, forward=forward, backward=backward if there else "")


def takes_all(file: File, name: str) -> bool:
    """Whether no assertion says that a function is for some cases alone, such as tiling windows."""
    return not any(isinstance(node, ast.Assert) for node in ast.walk(file.functions[name]))


def takes_dictionary(file: File, op: str, name: str) -> bool:
    """Whether a function has the template's arguments, the last of them its dictionary."""
    function, template = file.functions.get(name), ARGUMENTS[op]
    own = [] if function is None else [a.name for a in arguments_of(function)]
    return len(own) == len(template) and own[-1].endswith("param")
