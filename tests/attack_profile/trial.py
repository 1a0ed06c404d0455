"""A profile for the attacks alone: `relu(x) -> out` or `(out, cache)`, `relu_backward(dout, cache)`.

A file with `LAYOUT = "NHWC"` gets a copy of the question, with the axes of its arrays turned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from layercheck.submissions.profiles.call import Answer, Call, Namespace
from layercheck.submissions.profiles.inventory import File
from layercheck.submissions.profiles.target import Target
from layercheck.submissions.profiles.views import View

NAME = "trial"
RANK = 100
DESCRIPTION = "any function at all, taken for a relu"
BACKWARD = "_backward"


def names() -> Iterable[str]:
    """There is no name that it would know."""
    return ()


def find(file: File) -> Iterator[Target]:
    """Every function is a forward, with the backward that is named after it."""
    for name in file.functions:
        if not name.endswith(BACKWARD):
            backward = name + BACKWARD
            yield Target("relu", name, backward if backward in file.functions else "")


class Trial:
    """One question, with no care taken at all."""

    def __init__(self, namespace: Namespace, call: Call, target: Target) -> None:
        self.namespace, self.call, self.target = namespace, call, target
        self.cache: Any = None

    def forward(self) -> Answer:
        """The forward's output."""
        function = self.namespace[self.target.forward]
        result = function(*self.call.inputs.values(), **self.call.attributes)
        out, self.cache = result if type(result) is tuple else (result, None)
        return {"out": out}

    def backward(self, dout: Any) -> Answer:
        """The gradient."""
        return {"dx": self.namespace[self.target.backward](dout, self.cache)}


class Turned(Trial):
    """The same of a copy, as layers get it that may be asked in several layouts."""

    def __init__(self, namespace: Namespace, call: Call, target: Target) -> None:
        super().__init__(namespace, call.with_copies(), target)
        self.view = View(call.inputs["x"].shape, (0, 2, 3, 1))

    def forward(self) -> Answer:
        """The forward's output."""
        out, self.cache = self.namespace[self.target.forward](self.call.give("x", self.view))
        return {"out": self.view.take(out)}

    def backward(self, dout: Any) -> Answer:
        """The gradient."""
        return {"dx": self.view.take(super().backward(self.call.lend(dout, self.view))["dx"])}


def open_session(namespace: Namespace, call: Call, target: Target) -> Trial:
    """The session of one question."""
    return (Turned if namespace.get("LAYOUT") == "NHWC" else Trial)(namespace, call, target)
