"""What may be wrong with an answer, before it is confirmed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "crash": "the process dies",
    "hang": "no answer comes",
    "unwritten": "memory is read that nobody wrote: the answer varies with what lies there",
    "wrong": "other numbers than the definition's",
    "shape": "another shape than the definition's",
    "not finite": "no number, or an infinite one, where the definition has a number",
    "by place": "what is computed of a number depends on where it stands",
    "inaccurate": "beyond what any order of summation can lose, by less than a hundredth",
}
"""Every kind, the worst first, with what it means."""

NUMBERS = ("unwritten", "wrong", "shape", "not finite", "inaccurate")
"""Kinds in which one defect may show, by its sizes and values."""

FATAL = ("crash", "hang")
"""Kinds that end a process."""


@dataclass(frozen=True)
class Suspicion:
    """route: who answered · case: the question as text · said: the attributes that the call named ·
    check: by what it was judged · kind: one of KINDS · array: which, empty where the process died ·
    told: what was seen."""

    route: str
    case: str
    said: tuple[str, ...]
    check: str
    kind: str
    array: str
    told: str

    @property
    def op(self) -> str:
        """The layer that was asked."""
        return self.case.split()[0]

    def as_dict(self) -> dict[str, Any]:
        """For a line of JSON."""
        return asdict(self)

    @staticmethod
    def of(told: dict[str, Any]) -> Suspicion:
        """The inverse of as_dict."""
        return Suspicion(**{**told, "said": tuple(told["said"])})
