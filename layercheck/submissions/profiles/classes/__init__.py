"""Layer objects: `Conv2D(...)` with parameters as attributes, `forward(x)` and `backward(dout)`.

Parameters are set after construction; the order of a weight's axes is told by the object's own
initial weight. Gradients are what backward returns, or attributes: dW, db, grads["W"], W.grad.
Images are in any layout of layouts.py; where the text says none, those are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from ..call import Call, Namespace, Session
from ..drawing import Drawing, without_p
from ..either import opened
from ..inventory import File
from ..names import by_name
from ..target import Target
from .layers import CLASS_NAMES, layers
from .others import unseen
from .sessions import InLayouts
from .targets import make_target

__all__ = ["find", "names", "open_session", "unseen"]

NAME = "classes"
RANK = 2
DESCRIPTION = "classes named as layers, Conv2D, Dense, BatchNorm2d, ..., with forward and backward"


def names() -> Iterable[str]:
    """What classes are called, in lower case."""
    return {*by_name(), *CLASS_NAMES}


def find(file: File) -> Iterator[Target]:
    """One for each layer, in the order of the file."""
    return (make_target(file, layer) for layer in layers(file))


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
