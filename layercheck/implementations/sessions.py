"""Functions of this process asked in a given order, as those of a file are in their sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from layercheck.submissions.profiles.call import Call
from layercheck.submissions.profiles.performing import Put, Sessions, perform
from oracles.oracle import Array

from .functions import Function, failure, gradients_of, outputs_of, plain_value
from .protocol import NOT_IMPLEMENTED, Failure
from .raised import theirs
from .script import Performed, Script
from .ways import USUAL, Way, asked


class FunctionSession:
    """out, cache = forward(**inputs, **attributes); gradients = backward(dout, cache)."""

    def __init__(
        self, forward: Function, backward: Function | None, call: Call, way: Way = USUAL
    ) -> None:
        self.functions, self.call, self.way = (forward, backward), call, way
        self.cache: Any = None

    def forward(self) -> dict[str, Any]:
        """The outputs by name."""
        with asked(self.way):
            returned = self.functions[0](**self.call.inputs, **self.call.attributes)
        outputs, self.cache = outputs_of(self.call.op, returned, self.call.inputs)
        return outputs

    def backward(self, dout: Array) -> dict[str, Any]:
        """The gradients by name."""
        backward = self.functions[1]
        with asked(self.way):
            return dict(gradients_of(self.call.op, self.call.inputs, dout, backward, self.cache))

    def state(self) -> dict[str, Any]:
        """The running statistics that were given, as they are now."""
        return {n: value for n, value in self.call.inputs.items() if n.startswith("running")}


def perform_here(forward: Function | None, backward: Function | None, script: Script) -> Performed:
    """What came of each step."""
    if forward is None:
        return Performed([], {0: Failure(NOT_IMPLEMENTED)}, 0)
    puts = [
        Put(Call(q.op, dict(q.inputs), dict(q.attributes), memory=script.memory), q.dout)
        for q in script.questions
    ]
    way = replace(script.way, memory=script.memory)
    sessions = Sessions(lambda call: FunctionSession(forward, backward, call, way), puts)
    with np.errstate(all="ignore"):
        done = perform(sessions, script.steps, script.times, script.seconds, copies, told)
    return Performed(done.steps, done.failed, done.times, done.changed)


def copies(found: Mapping[str, Any]) -> dict[str, Array]:
    """Copies of the arrays; what is none is left out."""
    plain = {name: plain_value(value) for name, value in found.items()}
    arrays = (np.ndarray, np.generic)
    return {n: np.array(value) for n, value in plain.items() if isinstance(value, arrays)}


def told(error: BaseException) -> Failure:
    """How a step failed; what is no fault of a function's is raised again."""
    return failure(theirs(error))
