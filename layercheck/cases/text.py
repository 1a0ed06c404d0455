"""Shapes and attribute values as text, and back."""

from __future__ import annotations

import re
from typing import Any

Shape = tuple[int, ...]


def shape_text(shape: Shape) -> str:
    return "x".join(str(n) for n in shape) or "-"


def value_text(value: Any) -> str:
    """An attribute as text without spaces: 2 · 1,2 · 1:0,0:2 · same · true · none · 1e-05."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        nested = any(isinstance(v, (tuple, list)) for v in value)
        return ",".join(":".join(map(value_text, v)) if nested else value_text(v) for v in value)
    return value if isinstance(value, str) else repr(value)


def parse_value(text: str) -> Any:
    """The inverse of value_text."""
    if text in ("none", "true", "false"):
        return {"none": None, "true": True, "false": False}[text]
    if "," in text:
        return tuple(parse_value(part) for part in text.split(","))
    if ":" in text:
        return tuple(parse_value(part) for part in text.split(":"))
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    if re.fullmatch(r"[a-z_]\w*", text):
        return text
    raise ValueError(text)


def is_default(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)
