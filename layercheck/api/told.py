"""What a caller says, of the form and among the values that there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layercheck.errors import UsageError

OP = "an op's name, or one case as its line of text"


def one_of(what: str, value: Any, known: Sequence[Any]) -> Any:
    """A value that there is; raises UsageError for another."""
    if not any(type(value) is type(one) and value == one for one in known):
        expected = ", ".join(str(one) for one in known if one != "")
        raise UsageError(f"got {what}={value!r}; expected one of: {expected}")
    return value


def text_of(what: str, value: Any, expected: str) -> str:
    """A text; raises UsageError for anything else."""
    if not isinstance(value, str):
        raise UsageError(f"got {what}={value!r}; expected {expected}")
    return value
