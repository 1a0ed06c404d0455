"""Functions named as the ops here or in torch.nn.functional: conv2d, max_pool2d, linear, ...

The backward is `<name>_backward` or `<name>_grad`; it takes dout, and the cache or any of the
forward's arguments. Arguments are matched by their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..call import Call, Namespace, Session
from ..inventory import File, is_private
from ..names import by_name
from ..randomness import Steered
from ..signatures import is_method
from ..target import Target
from .sessions import InLayouts
from .targets import BACKWARD, backward_of, forward_op, make_target

BACKWARD_NAME = re.compile(r"backward|bwd|grad|bprop|backprop|deriv")

NAME = "functional"
RANK = 3
DESCRIPTION = "functions named as in torch.nn.functional: conv2d, conv2d_backward, max_pool2d, ..."


def names() -> Iterable[str]:
    """What forwards and backwards are called."""
    return {stem + ending for stem in by_name() for ending in ("", *BACKWARD)}


def find(file: File) -> Iterator[Target]:
    """One for each op that the file defines, in the order of the file; no private helper."""
    for name, function in file.functions.items():
        op = forward_op(name)
        if op and not is_private(name) and not is_method(function):
            yield make_target(file, op, name, backward_of(name, file.functions))


def unseen(namespace: Namespace, target: Target) -> dict[str, str]:
    """The backward that a function without one carries as an attribute once the file runs."""
    own = getattr(namespace.get(target.forward), "__dict__", {}) if not target.backward else {}
    reason = f"an attribute of a function; call it {target.forward}_backward to have it checked"
    found = [n for n, value in own.items() if callable(value) and BACKWARD_NAME.search(str(n))]
    return {f"{target.forward}.{name}": reason for name in found}


def open_session(namespace: Namespace, call: Call, target: Target) -> Session:
    """The session of one question; a dropout that draws its mask is given random numbers."""
    if call.op == "dropout" and "mask" not in target.options.arguments:
        plain = replace(target, options=replace(target.options, p="drop"))  # p is chosen there
        return Steered(
            call,
            target.options.p,
            lambda own: InLayouts(namespace, own, plain),
            lambda: [namespace],
        )
    return InLayouts(namespace, call, target)
