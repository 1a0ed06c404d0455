"""Records as plain data, which JSON can hold."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from .records import Comparison

DIGITS = 5
"""How many digits a figure of a comparison is kept to."""

FIGURES = ("max_abs", "max_rel", "max_ulp", "limit_used", "of_worst", "needed_tolerance", "error")


def plain(value: Any) -> Any:
    """Records as dicts, tuples as lists; numbers that JSON lacks are "inf", "-inf" and "nan"."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return record(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def record(value: Any) -> dict[str, Any]:
    """One record; a comparison without what it does not say, since a report has many of them."""
    found = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Comparison):
        found = {n: rounded(n, v) for n, v in found.items() if v is not None and v != ""}
    return {name: plain(inner) for name, inner in found.items()}


def rounded(name: str, value: Any) -> Any:
    """A figure to as many digits as somebody reads."""
    return float(f"{value:.{DIGITS}g}") if name in FIGURES and isinstance(value, float) else value
