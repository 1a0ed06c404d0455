"""The child of `route.py`: imports a family of routes, then answers case texts by each of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.processes.trusted import Answerer, first_line, serve
from layercheck.processes.wire import Array, Message
from oracles import routes
from oracles.routes import Asked, Bits, Lacking


def ready(family: str) -> tuple[dict[str, Any], Answerer | None]:
    """Import the family: its versions, or what it raised."""
    try:
        module = routes.load(family)
    except Exception as error:  # not installed, or broken
        return {"failed": first_line(error)}, None
    ways = {"": module.answer, **module.VARIANTS}

    def answer(request: dict[str, Any], arrays: dict[str, Array]) -> Message:
        try:
            if "kind" in request:
                found = table_of(module)(Bits(**{**request, **arrays}))
            elif "recipe" in request:
                found = cooked(module.SCOPE, parse(request["case"]), request["recipe"])
            else:
                found = ways[request["variant"]](asked_of(parse(request["case"]), request["said"]))
        except Lacking as error:
            return {"lacking": str(error)}, {}
        except Exception as error:  # a framework may raise anything: that is its answer
            return {"refused": telling_line(error)}, {}
        return {"answered": True}, {name: np.asarray(value) for name, value in found.items()}

    return {"versions": module.versions()}, answer


def table_of(module: Any) -> Callable[[Bits], Mapping[str, Array]]:
    """What a family answers all numbers of 16 bits with; raises Lacking where it has none."""
    if not hasattr(module, "table"):
        raise Lacking(f"{module.__name__} has no table")
    return cast("Callable[[Bits], Mapping[str, Array]]", module.table)


def asked_of(case: Case, names: list[str]) -> Asked:
    """The call in which these attributes are named; without gradients where the definition has none
    for it."""
    said = {name: case.all_attributes[name] for name in names}
    try:
        question = case.question
    except (ValueError, ArithmeticError, IndexError):  # the definition refuses it
        question = case.forward_question
    return Asked(case.op, case.inputs, said, question.dout, question.differentiable)


LEADING = ("Exception encountered when calling", "in user code:", "Graph execution error:")
"""How messages begin that only lead to what went wrong."""


def telling_line(error: Exception) -> str:
    """The first line of an error; a later one where that only leads to it: in graphs the last, in
    Keras's layers the second."""
    lines = [re.sub(r"\x1b\[\d*m", "", line).strip() for line in str(error).splitlines()]
    lines = [line for line in lines if line and not line.startswith("[[")]
    if len(lines) < 2 or not lines[0].startswith(LEADING):
        return first_line(error)
    told = lines[1] if lines[0].startswith(LEADING[0]) else lines[-1]
    return told if re.match(r"\w+Error: ", told) else f"{type(error).__name__}: {told}"


def cooked(scope: Mapping[str, Any], case: Case, recipe: str) -> Mapping[str, Any]:
    """The `out` of a recipe's code, in which the inputs go by their names, as the op has them."""
    names = {**scope, **{name: scope["tensor"](value) for name, value in case.inputs.items()}}
    exec(recipe, names)
    out = names["out"]
    return {"out": out.detach() if hasattr(out, "detach") else out}


if __name__ == "__main__":
    serve(lambda: ready(sys.argv[1]))
