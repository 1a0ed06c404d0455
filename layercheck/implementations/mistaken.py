"""The reference layer with one named mistake in it."""

from __future__ import annotations

from dataclasses import dataclass

from layercheck.cases.case import Case
from layercheck.mistakes import Mistake
from oracles.oracle import Question

from .functions import answer_twice
from .protocol import Reply


@dataclass(frozen=True)
class Mistaken:
    """Answers as a module with this mistake would."""

    mistake: Mistake

    @property
    def name(self) -> str:
        """`conv2d:kernel_flipped`."""
        return f"{self.mistake.op}:{self.mistake.name}"

    @property
    def versions(self) -> dict[str, str]:
        """It depends on nothing."""
        return {}

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """As a module's functions would answer."""
        question = case.question if dtype is None else case.question.astype(dtype)
        return self.answer_question(question)

    def answer_question(self, question: Question) -> Reply:
        """The same for a question that is no case's."""
        return answer_twice(self.mistake.forward, self.mistake.backward, question)
