"""How the course's dropout is called, which draws its mask by itself."""

from __future__ import annotations

from typing import Any

from ..call import Call, Namespace, Session
from ..drawing import Drawing
from ..target import Target
from .sessions import Functions


class Dropout(Functions):
    """dropout_forward(x, dropout_param): p is the probability to keep, or in other years to drop.

    Docstring and behaviour say what p is.
    """

    gradients = ("dx",)

    def arguments(self) -> tuple[Any, ...]:
        """x and dropout_param."""
        attributes = self.call.attributes
        mode = "train" if attributes["training"] else "test"
        param = {"mode": mode, "p": attributes["p"]}
        if not self.call.unseeded:
            param["seed"] = attributes.get("mask_seed", 0)
        return self.call.inputs["x"], self.call.dictionary(param)


def dropout(namespace: Namespace, call: Call, target: Target) -> Session:
    """A dropout that draws its mask; the meaning of p is told where the file leaves it open."""
    made = Drawing(
        namespace,
        target.forward,
        call,
        target.options.p,
        "keep",
        lambda own: Dropout(namespace, own, target),
    )
    made.tells_behaviour = True
    return made
