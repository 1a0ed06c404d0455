"""A framework's layer in other ways of its framework: in its other mode, without gradients."""

from __future__ import annotations

from collections.abc import Mapping

from layercheck.implementations.script import Performed
from layercheck.implementations.ways import Way
from layercheck.submissions.profiles.performing import Step
from layercheck.submissions.profiles.target import FRAMEWORK, HAS_MODES
from oracles.oracle import Array
from ref_layers import OPS

from .asked import Asked, Asks
from .memory import alike

DRAWS = "dropout"


def other_mode(asked: Asked) -> Asks:
    """Of an op that is the same in training and outside of it: an object in its other mode."""
    if HAS_MODES in asked.layer.habits and "training" not in OPS[asked.layer.op].attributes:
        yield from put(asked, Way(other_mode=True), asked.once, asked.gradients)


def no_gradient(asked: Asked) -> Asks:
    """A forward where nobody asks for a gradient."""
    if FRAMEWORK in asked.layer.habits:
        yield from put(asked, Way(unwanted="all"), asked.once[:1], {})


def no_dx(asked: Asked) -> Asks:
    """The first layer of a net: gradients of its parameters alone."""
    others = {name: value for name, value in asked.gradients.items() if name != "dx"}
    if FRAMEWORK in asked.layer.habits and others:
        yield from put(asked, Way(unwanted="x"), asked.once, others)


def put(asked: Asked, way: Way, steps: list[Step], gradients: Mapping[str, Array]) -> Asks:
    """The same answers in another way, bit for bit or within their bounds."""
    if asked.layer.op == DRAWS:
        return
    performed: Performed = yield asked.script(steps, way=way)
    yield from asked.broken(performed, steps, "asked so")
    yield from alike(asked, performed, gradients)
