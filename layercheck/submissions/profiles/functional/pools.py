"""Both poolings in one function: `pool_forward(A_prev, hparameters, mode="max")`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from ..inventory import File
from ..names import plain
from ..signatures import arguments_of
from ..target import Target
from .backwards import backward_of
from .targets import make_target

MODES = {"max_pool": "max", "avg_pool": "average"}


def names_pool(name: str) -> bool:
    """Whether a function is one of pooling, of whichever kind."""
    return plain(name) in ("pool", "poolforward", "pool2d", "pool2dforward", "pooling")


def pools(file: File, name: str) -> Iterator[Target]:
    """A target for each mode of the function; none if it takes no mode."""
    own = {a.name: a for a in arguments_of(file.functions[name])}
    if "mode" not in own or own["mode"].default != "max":
        return
    text = ast.unparse(file.reach(file.functions[name]))
    for op, mode in MODES.items():
        if repr(mode) in text:
            target = make_target(file, op, name, backward_of(name, file.functions))
            options = replace(target.options, constants={"mode": mode})
            unknown = tuple(n for n in target.unknown if n != "mode")
            yield replace(target, options=options, unknown=unknown)
