"""Gradients that a backward returned by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import names
from .call import Answer, Call, gathered


def in_place(call: Call, result: Any, expected: Sequence[str]) -> Any:
    """What a backward returned, where its names say nothing in the order in which it has them."""
    result = gathered(result)
    if not getattr(result, "in_order", False):
        return result
    wanted = [name for name in expected if name in call.inputs]
    is_named = len(by_name(call, result, expected)) >= min(len(result), len(wanted))
    return result if is_named else tuple(result.values())


def by_name(call: Call, result: Mapping[str, Any], expected: Sequence[str]) -> Answer:
    """Gradients from a dict: its keys are `dx`, `x`, `weight`, `dweight`, `grad_weight`, ..."""
    lower = {str(key).lower(): value for key, value in result.items()}
    found: Answer = {}
    for name in expected:
        for alias in names.names_of(call.op, name):
            for key in (f"d{alias}", alias, f"grad_{alias}", f"d_{alias}", f"{alias}_grad"):
                if name in call.inputs and key in lower:
                    found.setdefault(f"d{name}", lower[key])
    return found
