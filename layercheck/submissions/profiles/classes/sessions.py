"""Layer objects asked in the layout of their images, sample by sample where they take one image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..call import (
    Answer,
    Call,
    Namespace,
    NotAsked,
    NotImplementedYet,
)
from ..target import Target
from ..views import Array
from .layouts import COLUMNS
from .one_object import OneObject

TRIED = ("NCHW", "NHWC", "CHW", "HWC")
"""The layouts that are tried where the text does not say which it is."""


class InLayouts:
    """The declared layout, or the first one in which the output has the right shape."""

    def __init__(self, namespace: Namespace, call: Call, target: Target) -> None:
        self.namespace, self.call, self.target = namespace, call, target
        self.question = call

    def forward(self) -> Answer:
        """The outputs in the first layout that fits; if none does, those of the likeliest one, or
        what that raised."""
        options = self.target.options
        if options.layout != "auto":
            return self.chosen(self.session(options.layout))
        raised: dict[str, Exception] = {}
        for layout in TRIED:
            session = self.session(layout)
            try:
                answer = session.forward()
            except NotImplementedYet:
                raise
            except Exception as error:
                raised[layout] = error
                continue
            if fits(session.call, answer):
                if layout != TRIED[0]:
                    session.call.note(f"images are {layout}")
                return self.chosen(session, answer)
        if TRIED[0] in raised:
            raise raised[TRIED[0]]
        return self.chosen(self.session(TRIED[0]))

    def backward(self, dout: Array) -> Answer:
        """The gradients in the layout of the forward."""
        return self.chosen_session.backward(dout)

    def kept(self) -> Answer:
        """The gradients of its parameters, as the object holds them now."""
        return self.chosen_session.kept()

    def again(self, call: Call, renew: bool = False) -> Answer:
        """The outputs of the same object for another question."""
        return self.chosen_session.again(counted(call, self.target), renew)

    def state(self) -> Answer:
        """The running statistics that the object keeps."""
        return self.chosen_session.state()

    def session(self, layout: str) -> OneObject | Samples:
        """A session of its own for a layout."""
        call = counted(self.question.with_copies(), self.target)
        if len(layout) in (2, 3):
            return Samples(call, lambda own: OneObject(self.namespace, own, self.target, layout))
        return OneObject(self.namespace, call, self.target, layout)

    def chosen(self, session: OneObject | Samples, answer: Answer | None = None) -> Answer:
        """Go on with this session."""
        self.chosen_session, self.call = session, session.call
        if self.target.options.layout == COLUMNS:
            self.call.note("convention: samples are columns")
        return session.forward() if answer is None else answer


def counted(call: Call, target: Target) -> Call:
    """The call with its momentum as the class counts it."""
    if target.options.momentum == "decay" and "momentum" in call.attributes:
        case = call.attributes["momentum"]
        call.attributes["momentum"] = 1 - case
        if call.attributes.get("training"):
            call.as_counted("momentum", 1 - case, case)
    if target.options.p == "keep" and "p" in call.attributes:  # of a mask that is given
        call.attributes["p"] = 1 - call.attributes["p"]
    return call


def fits(call: Call, answer: Answer) -> bool:
    """Whether out has its shape, or where that is not known the right batch and channels."""
    shape, x = np.shape(answer["out"]), call.inputs["x"]
    if call.out_shape is not None:
        return shape == call.out_shape
    w = call.inputs.get("w")
    channels = x.shape[1] if w is None else w.shape[0]
    return shape[:2] == (x.shape[0], channels)


class Samples:
    """A layer of single images, asked for each sample of the batch."""

    def __init__(self, call: Call, make: Callable[[Call], OneObject]) -> None:
        self.call = call
        self.sessions = [make(sample(call, i)) for i in range(len(call.inputs["x"]))]
        self.asked = self.sessions

    def forward(self) -> Answer:
        """The outputs of all samples together."""
        return together([session.forward() for session in self.sessions])

    def backward(self, dout: Array) -> Answer:
        """The gradients: of x sample by sample, of a parameter over all samples."""
        pairs = enumerate(self.asked)
        return together([session.backward(dout[i : i + 1]) for i, session in pairs])

    def kept(self) -> Answer:
        """The gradients of a parameter over all samples, as the objects hold them now."""
        return together([session.kept() for session in self.asked])

    def again(self, call: Call, renew: bool = False) -> Answer:
        """The outputs of the same objects for another batch."""
        if len(call.inputs["x"]) > len(self.sessions):
            raise NotAsked("each of its objects takes one image")
        pairs = list(enumerate(self.sessions[: len(call.inputs["x"])]))
        self.asked = [session for _, session in pairs]
        return together([session.again(sample(call, i), renew) for i, session in pairs])

    def state(self) -> Answer:
        """The running statistics of the first object."""
        return self.sessions[0].state()


def sample(call: Call, i: int) -> Call:
    """The call for one sample of the batch: a view of its array, beside the others."""
    inputs = {**call.inputs, "x": call.inputs["x"][i : i + 1]}
    shape = None if call.out_shape is None else (1, *call.out_shape[1:])
    return replace(call, inputs=inputs, attributes=dict(call.attributes), out_shape=shape)


def together(answers: Sequence[Answer]) -> Answer:
    """The answers of single samples as one of the batch."""
    found: Answer = {}
    for name in answers[0]:
        values = [np.asarray(answer[name]) for answer in answers]
        found[name] = np.concatenate(values) if name in ("out", "dx") else total(values)
    return found


def total(values: Sequence[Array]) -> Array:
    """The gradient of a parameter over all samples."""
    return np.sum(np.stack(values), axis=0, dtype=values[0].dtype)
