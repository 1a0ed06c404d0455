"""The child of `framework.py`: makes a trainer, then steps on batches."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from layercheck.processes.trusted import Answerer, first_line, serve
from layercheck.processes.wire import Array, Message


class Trainer:
    """A message without a batch makes the framework's trainer anew, one with a batch is a step."""

    def __init__(self, framework: str) -> None:
        self.framework = framework
        self.trainer: Any = None

    def answer(self, request: dict[str, Any], arrays: dict[str, Array]) -> Message:
        """Versions, or why the framework cannot be had; then the arrays of each step."""
        if "x" not in arrays:
            return self.begin(request, arrays), {}
        x, y = arrays.pop("x"), arrays.pop("y")
        try:
            found = self.trainer.step(x, y, arrays)
        except Exception as error:  # a framework may raise anything
            return {"failed": first_line(error)}, {}
        return {}, {name: np.asarray(value) for name, value in found.items()}

    def begin(self, request: dict[str, Any], arrays: dict[str, Array]) -> dict[str, Any]:
        """Make the trainer."""
        parameters, state = part(arrays, "parameter"), part(arrays, "state")
        try:
            nets = importlib.import_module(f"oracles.nets.{self.framework}_nets")
            self.trainer = nets.Trainer(parameters=parameters, state=state, **request)
            return {"versions": nets.versions()}
        except ModuleNotFoundError as error:
            module = str(error.name or self.framework).partition(".")[0]
            return {"missing": first_line(error), "module": module}
        except Exception as error:  # installed, and broken
            return {"failed": first_line(error)}


def part(arrays: Mapping[str, Array], kind: str) -> dict[str, Array]:
    """The arrays of one kind, by their own names."""
    return {n.removeprefix(f"{kind} "): v for n, v in arrays.items() if n.startswith(f"{kind} ")}


def ready() -> tuple[Mapping[str, Any], Answerer | None]:
    """There is nothing to tell before the first message."""
    return {}, Trainer(sys.argv[1]).answer


if __name__ == "__main__":
    serve(ready)
