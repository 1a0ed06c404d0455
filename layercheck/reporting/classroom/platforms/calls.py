"""What tests and cells that run beside a student's code are made of."""

from __future__ import annotations

from dataclasses import dataclass

from layercheck.errors import UsageError

BESIDE = "It runs in the kernel of the student's code, with no isolation between them."
"""What whoever reads a test or a cell has to know."""


@dataclass(frozen=True)
class Calls:
    """How functions are asked for. partial, hints, strict: as of `layercheck.mark`."""

    partial: bool = False
    hints: str = "full"
    strict: bool = False

    def text(self, namespace: str, function: str, points: float) -> str:
        """`layercheck.mark(globals(), "relu_forward", 5.0, tell="none")`."""
        more = [f'tell="{self.hints}"'] if self.hints != "full" else []
        more += [f"{name}=True" for name in ("partial", "strict") if getattr(self, name)]
        given = [namespace, f'"{function}"', repr(points), *more]
        return f"layercheck.mark({', '.join(given)})"


def check_name(function: str) -> None:
    """Raise UsageError for what cannot be a function's name, and no file's or cell's."""
    if not all(part.isidentifier() for part in function.split(".")):
        raise UsageError(
            f"got {function!r} among the functions that count; expected a name as Python has them, "
            "such as relu_forward or ReLU.forward"
        )
