"""Records as plain data, which JSON can hold."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_type_hints

from .fields import Size
from .records import Comparison

DIGITS = 5
"""How many digits a figure of a comparison is kept to."""

FIGURES = frozenset(
    name
    for name, hint in get_type_hints(Comparison, include_extras=True).items()
    if Size in get_args(hint)
)
LEFT_OUT = frozenset(field.name for field in fields(Comparison) if field.default in (None, ""))
"""What a comparison leaves out where it says nothing, since a report has many of them."""


BARE = frozenset({str, int, bool, type(None)})
"""What is plain as it is: most of the many values of a report."""


def plain(value: Any) -> Any:
    """Records as dicts, tuples as lists; numbers that JSON lacks are "inf", "-inf" and "nan"."""
    if type(value) in BARE or (type(value) is float and math.isfinite(value)):
        return value
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return record(value)
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def record(value: Any) -> dict[str, Any]:
    """A record by its fields."""
    if isinstance(value, Comparison):
        return lean(value)
    return {field.name: plain(getattr(value, field.name)) for field in fields(value)}


def lean(comparison: Comparison) -> dict[str, Any]:
    """A comparison without what it does not say, its figures rounded."""
    found = {field.name: getattr(comparison, field.name) for field in fields(comparison)}
    said = {n: v for n, v in found.items() if n not in LEFT_OUT or v not in (None, "")}
    return {name: plain(rounded(name, value)) for name, value in said.items()}


def rounded(name: str, value: Any) -> Any:
    """A figure to as many digits as somebody reads."""
    return float(f"{value:.{DIGITS}g}") if name in FIGURES and isinstance(value, float) else value
