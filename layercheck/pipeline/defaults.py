"""Which value an argument has where it is left away: the one that, given, makes the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from layercheck.implementations.functions import alike
from layercheck.implementations.protocol import Answer, Implementation
from layercheck.judging.unstable import AnswersQuestions
from oracles.oracle import Question
from ref_layers import OPS

VALUES: dict[type, tuple[Any, ...]] = {
    float: (0.0, 1e-12, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 0.9, 0.99, 1.0),
    int: (0, 1, 2, 3),
    bool: (False, True),
}
"""What people take for a default."""

MOST_TRIED = 2
"""How many cases may go by without a finding."""


@dataclass
class Defaults:
    """What was found out of a function's defaults. found: the attribute and its value, of the last
    case that told."""

    found: tuple[str, Any] | None = None
    tried: int = 0

    def text(self, subject: Implementation, question: Question, bare: Answer) -> str:
        """`where it is left away eps is 1e-08, not 1e-05`; empty where nobody knows."""
        if not isinstance(subject, AnswersQuestions):
            return ""
        for name, value in self.choices(question):
            given = replace(question, attributes={**question.attributes, name: value})
            if answers_alike(subject, given, bare):
                self.found = (name, value)
                return f"where it is left away {name} is {value}, not {question.attributes[name]}"
        self.tried += 1
        return ""

    def choices(self, question: Question) -> Iterator[tuple[str, Any]]:
        """Values to try, the one that was found before all others."""
        if self.found is not None:
            yield self.found
        if self.tried < MOST_TRIED:
            yield from values_of(question)


def values_of(question: Question) -> Iterator[tuple[str, Any]]:
    """Other values of each attribute that is at its default."""
    for name, usual in OPS[question.op].attributes.items():
        if name in question.attributes and question.attributes[name] == usual:
            yield from ((name, v) for v in VALUES.get(type(usual), ()) if v != usual)


def answers_alike(subject: AnswersQuestions, question: Question, other: Answer) -> bool:
    """Whether a function answers a question with these very bits."""
    reply = subject.answer_question(question)
    return isinstance(reply, Answer) and alike(reply, other)
