"""The child of `framework.py`: imports one oracle, then answers case texts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import oracles
from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.processes.trusted import Answerer, first_line, serve
from layercheck.processes.wire import Array, Message
from oracles.oracle import Omitted, Question, Unsupported


def ready(oracle_name: str) -> tuple[Mapping[str, Any], Answerer | None]:
    """Import the oracle: its versions, what is not installed, or what it raised."""
    try:
        oracle = oracles.load(oracle_name)
        versions = oracle.versions()
    except ModuleNotFoundError as error:
        module = str(error.name or oracle_name).partition(".")[0]
        return {"missing": first_line(error), "module": module}, None
    except Exception as error:  # installed, and broken
        return {"failed": first_line(error)}, None

    def answer_case(request: dict[str, Any], arrays: dict[str, Array]) -> Message:
        return answer(oracle.answer, request)

    return {"versions": versions}, answer_case


def answer(ask: Callable[[Question], Any], request: dict[str, Any]) -> Message:
    """The oracle's arrays, its refusal, or what it raised."""
    try:
        question = question_of(parse(request["case"]))
        arrays = ask(question.astype(request["dtype"]) if request["dtype"] else question)
    except Unsupported as error:
        return {"refused": str(error)}, {}
    except Exception as error:  # a framework may raise anything; the parent judges it
        return {"failed": first_line(error)}, {}
    omitted = {name: v.reason for name, v in arrays.items() if isinstance(v, Omitted)}
    given = {name: np.asarray(v) for name, v in arrays.items() if name not in omitted}
    return {"omitted": omitted}, given


def question_of(case: Case) -> Question:
    """The question; without gradients where the layer rejects it: what the framework does with it
    is its own affair."""
    try:
        return case.question
    except ValueError:
        return case.forward_question


if __name__ == "__main__":
    serve(lambda: ready(sys.argv[1]))
