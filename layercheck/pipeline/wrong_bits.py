"""Which numbers a function gives where they are wrong, as a fingerprint: two that are wrong in the
same way have the same one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from layercheck.reporting.records import Part
from layercheck.reporting.verdict import Verdict

from .outcome import Outcome

DIGITS = 32


class WrongBits:
    """Takes the outcomes of one function in, in their order."""

    def __init__(self) -> None:
        self.taken = hashlib.sha256()
        self.count = 0

    def add(self, outcome: Outcome, parts: Sequence[Part]) -> None:
        """The wrong arrays of one case that every file is asked; not those that hold one number
        only, as an answer of zeros does."""
        answer = outcome.answer
        if answer is None or outcome.task.hunted or outcome.beyond:
            return
        wrong = (c for c in outcome.judged.own if c.verdict is Verdict.WRONG and c.part in parts)
        for array in dict.fromkeys(c.array for c in wrong if not c.probe):
            numbers = answer.arrays.get(array)
            if isinstance(numbers, np.ndarray) and len(np.unique(numbers)) > 1:
                self.count += 1
                self.taken.update(f"{outcome.task.case} {array} {numbers.dtype.str} ".encode())
                self.taken.update(np.ascontiguousarray(numbers).tobytes())

    @property
    def text(self) -> str:
        """The fingerprint; empty where nothing was wrong."""
        return self.taken.hexdigest()[:DIGITS] if self.count else ""
