"""What a profile says about a submission: its targets, and how each is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Namespace = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One question as a submission gets it: fresh copies of its own.

    op · inputs: arrays by name as the op has them · attributes: every attribute · dout: the
    cotangent of `out`, or None if only the forward is asked for.
    """

    op: str
    inputs: dict[str, Array]
    attributes: dict[str, Any]
    dout: Array | None = None


@dataclass(frozen=True)
class Target:
    """One op of a submission: the functions that make it up and the adapter that calls them.

    op: name · forward, backward: what the report calls the two functions; an empty backward: there is
    none to check · adapter: the name of the profile's function `(namespace, call, target) -> answer`
    that calls them in the child · options: what the adapter has to know (layout, names, ...), plain
    JSON values · fixed: attribute values that cannot be expressed otherwise, e.g. {"groups": 1}; a
    case with another value is not asked · integer: attributes that take an int only, never a pair ·
    required: optional inputs that the signature demands, such as a bias.
    """

    op: str
    forward: str
    backward: str = ""
    adapter: str = "call"
    options: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    integer: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def refuses(self, shapes: Mapping[str, Any], attributes: Mapping[str, Any]) -> str:
        """Why a case cannot be put to these functions; empty if it can."""
        for name, value in self.fixed.items():
            if name in attributes and attributes[name] != value:
                return f"{self.forward} has no {name}={attributes[name]}"
        for name in self.integer:
            if not isinstance(attributes.get(name, 0), (int, np.integer)):
                return f"{self.forward} takes {name} as one integer"
        for name in self.required:
            if name not in shapes:
                return f"{self.forward} needs {name}"
        for name in self.absent:
            if name in shapes:
                return f"{self.forward} has no {name}"
        return ""


Answer = dict[str, Any]
Adapter = Callable[[Namespace, Call, Target], Answer]


class NotImplementedYet(Exception):  # noqa: N818 (told as a state, not as an error)
    """The function is there, but returns None or raises NotImplementedError."""
