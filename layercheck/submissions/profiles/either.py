"""Which of two things an argument of a backward gets: what forward handed on, or what its name
says.

The text leaves it open (`silu_backward(dout, x)` beside a forward that returns `out, share`), so
that the forward's own derivative decides, once for a target.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .call import Call, Session
from .target import Target
from .views import Array

STEP = 2.0**-17
"""About u**(1/3): where a central difference's truncation and rounding are alike in float64."""

NEAR = 1e-3
"""How far a gradient may be from its forward's slope, relative: rounding and curvature are less."""

Open = Callable[[Call, Target], Session]

decided: dict[int, tuple[Target, Target]] = {}
"""Of each target how it is asked; the target itself is kept, so that no other gets its id."""


def opened(open_session: Open, call: Call, target: Target) -> Session:
    """The session of a question, put to the target as it is asked."""
    return open_session(call, settled(open_session, call, target))


def settled(open_session: Open, call: Call, target: Target) -> Target:
    """The target as it is asked."""
    if target.options.otherwise is None:
        return target
    if id(target) not in decided:
        by_name = replace(target, options=target.options.otherwise)
        is_named = off(open_session, call, by_name) < NEAR < off(open_session, call, target)
        decided[id(target)] = target, by_name if is_named else target
    return decided[id(target)][1]


def off(open_session: Open, call: Call, target: Target) -> float:
    """How far a gradient is from the slope of its own forward in one direction, relative to it;
    infinite where it cannot be asked."""
    shape = call.inputs["x"].shape
    x = 2 * np.cos(1.7 * np.arange(call.inputs["x"].size)).reshape(shape)
    direction = np.where(np.arange(x.size) % 3, 1.0, -1.0).reshape(shape)
    try:
        session = open_session(at(call, x), target)
        out = session.forward()["out"]
        dout = np.cos(np.arange(out.size)).reshape(out.shape)
        own = float((session.backward(dout)["dx"] * direction).sum())
        after, before = (
            open_session(at(call, x + step * direction), target).forward()["out"]
            for step in (STEP, -STEP)
        )
        slope = float(((after - before) * dout).sum()) / (2 * STEP)
    except Exception:  # a submission raises what it likes
        return float("inf")
    return abs(own - slope) / max(abs(slope), STEP)


def at(call: Call, x: Array) -> Call:
    """The question beside itself, at another x, in float64."""
    own = call.apart()
    floats = {n: v.astype(np.float64) for n, v in own.inputs.items() if v.dtype.kind == "f"}
    own.inputs = {**own.inputs, **floats, "x": x.copy()}
    return own
