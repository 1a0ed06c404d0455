"""A profile for the attacks alone: `relu(x) -> out` or `(out, cache)`, `relu_backward(dout, cache)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from layercheck.submissions.profiles.call import Answer, Call, Namespace
from layercheck.submissions.profiles.inventory import File
from layercheck.submissions.profiles.target import Target

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


def open_session(namespace: Namespace, call: Call, target: Target) -> Trial:
    """The session of one question."""
    return Trial(namespace, call, target)
