"""Running statistics that are moved more than once in a call."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .instead import is_by_formula
from .shown import Shown

RANK = 14


def true(shown: Shown) -> Iterator[str]:
    """`running_mean is moved twice towards the statistics of the batch`."""
    question = shown.seen.question
    before, share = question.inputs.get(shown.name), question.attributes.get("momentum")
    if not shown.name.startswith("running") or before is None or share is None or not shown.fits:
        return
    again = shown.right + (1 - share) * (shown.right - before.astype(np.longdouble))
    if is_by_formula(shown, again):
        yield f"{shown.name} is moved twice towards the statistics of the batch"
