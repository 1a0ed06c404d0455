"""What a framework may do that nobody else does: add in another order the next time.

On a GPU, or among threads, a sum's last bits may be other ones at each call. Two such answers lie
within a limit of the exact result each, and within two limits of each other.
"""

from __future__ import annotations

import numpy as np

from layercheck.judging.facts import Facts
from layercheck.submissions.profiles.target import FRAMEWORK

from .asked import Asked, Held


def is_rounded_anew(one: Held, known: Facts, asked: Asked) -> bool:
    """Whether a framework's array is off by no more than that, at the size of each element."""
    own = {**asked.outputs, **asked.gradients}.get(one.array)
    if FRAMEWORK not in asked.layer.habits or own is None or one.array not in known.bounds:
        return False
    shapes = {np.shape(one.got), own.shape, one.expected.shape}
    if len(shapes) > 1 or getattr(one.got, "dtype", None) != one.expected.dtype:
        return False
    got, expected, first = (np.asarray(a, np.longdouble) for a in (one.got, one.expected, own))
    limit = np.asarray(known.bounds[one.array].limit, np.longdouble)
    with np.errstate(all="ignore"):
        size = np.where(first == 0, 1, np.abs(expected / first))
        return bool(np.all((got == expected) | (np.abs(got - expected) <= 2 * limit * size)))
