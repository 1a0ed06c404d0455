"""Values at which many a right layer gives something else: told, and no reason to fail."""

from __future__ import annotations

from math import isinf

from layercheck.cases.case import Case

INFINITE = "some numbers are infinite"
DROPPED = "everything is dropped"

OF_FILL = {
    "infinities": INFINITE,
    "negative_infinities": INFINITE,
    "special": "some numbers are infinite or not a number",
    "all_ignored": "every label is ignored",
}

UNORDINARY = frozenset((*OF_FILL.values(), DROPPED))
"""All that is told of such cases."""


def unordinary(case: Case) -> str:
    """What about a case's values is no ordinary number; empty if all are. Where everything is
    dropped many a layer multiplies 0 by 1 / 0."""
    values = case.all_attributes
    if any(isinstance(value, float) and isinf(value) for value in values.values()):
        return INFINITE
    if values.get("p") == 1 and values.get("training"):
        return DROPPED
    return OF_FILL.get(case.fill, "")
