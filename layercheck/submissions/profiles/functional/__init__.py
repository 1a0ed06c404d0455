"""Functions named as the ops here or in torch.nn.functional: conv2d, max_pool2d, linear, ...

The backward is `<name>_backward` or `<name>_grad`; it takes dout, and the cache or any of the
forward's arguments. Arguments are matched by their names. A forward may give the gradient itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from ..call import Call, Namespace, Session
from ..cs231n.otherwise import called_otherwise
from ..cs231n.parts import PARTS, Contract
from ..drawing import Drawing, without_p
from ..either import opened
from ..inventory import File, is_private
from ..labels import of_shares
from ..names import by_name
from ..signatures import is_method
from ..target import Target
from .backwards import BACKWARD, pairs
from .itself import with_own_gradient
from .pools import names_pool, pools
from .sessions import InLayouts
from .targets import forward_op, make_target

BACKWARD_NAME = re.compile(r"backward|bwd|grad|bprop|backprop|deriv")

LOSSES = {one.forward for part in PARTS for one in part if one.forward == one.backward}
"""Functions that return a loss and its gradient, by the name that a course gave them."""

NAME = "functional"
RANK = 3
DESCRIPTION = "functions named as in torch.nn.functional: conv2d, conv2d_backward, max_pool2d, ..."


def names() -> Iterable[str]:
    """What forwards and backwards are called."""
    return {stem + ending for stem in by_name() for ending in ("", *BACKWARD)}


def find(file: File) -> Iterator[Target]:
    """One for each op that the file defines, in the order of the file; no private helper."""
    forwards = [
        name
        for name, function in file.functions.items()
        if forward_op(name) and not is_private(name) and not is_method(function)
    ]
    backwards = pairs(forwards, file.functions)
    course = {one.forward: one for one in called_otherwise(file)}
    for name in file.functions:
        if name in course:
            yield of_course(file, course[name])
        elif name in backwards:
            function = file.functions[name]
            made = make_target(file, of_shares(forward_op(name), function), name, backwards[name])
            yield with_own_gradient(made, function, name in LOSSES)
        elif names_pool(name):
            yield from pools(file, name)


def of_course(file: File, one: Contract) -> Target:
    """A function named as CS231n's that takes attributes, and no dictionary of them."""
    backward = one.backward if one.backward in file.functions else ""
    made = make_target(file, one.op, one.forward, backward if one.backward != one.forward else "")
    return replace(made, beyond=one.beyond)


def unseen(namespace: Namespace, target: Target) -> dict[str, str]:
    """The backward that a function without one carries as an attribute once the file runs."""
    own = getattr(namespace.get(target.forward), "__dict__", {}) if not target.backward else {}
    reason = f"an attribute of a function; call it {target.forward}_backward to have it checked"
    found = [n for n, value in own.items() if callable(value) and BACKWARD_NAME.search(str(n))]
    return {f"{target.forward}.{name}": reason for name in found}


def open_session(namespace: Namespace, call: Call, target: Target) -> Session:
    """The session of one question; what the p of a dropout that draws its mask is, is settled."""
    if call.op == "dropout" and "mask" not in call.inputs:
        plain, said = replace(target, options=without_p(target.options)), target.options.p
        return Drawing(
            namespace,
            target.forward,
            call,
            said,
            "drop",
            lambda own: InLayouts(namespace, own, plain),
        )
    return opened(partial(InLayouts, namespace), call, target)
