"""What an implementation may say to a case: arrays, a refusal, or how it failed."""

from __future__ import annotations

from dataclasses import dataclass

from oracles.oracle import Answer


@dataclass(frozen=True)
class Refusal:
    """The implementation cannot express the case."""

    reason: str


@dataclass(frozen=True)
class Failure:
    """The implementation should have answered and did not.

    kind: `raised`, `timed out`, `crashed`, `changed its inputs`, `differs between two calls`,
    `no array`, ... · message: what happened, in its own words.
    """

    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


Reply = Answer | Refusal | Failure
