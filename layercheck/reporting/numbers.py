"""Numbers in few characters, and several names as one text."""

from __future__ import annotations

import re
from collections.abc import Iterable


def number(value: float | None, digits: int = 3, none: str = "·") -> str:
    """A number in few characters.

    >>> number(0.12345), number(123456.0), number(5e-7), number(None), number(42.0)
    ('0.123', '1.23e5', '5e-7', '·', '42')
    """
    if value is None:
        return none
    if abs(value) < 10**digits and value == int(value):
        return str(int(value))
    return re.sub(r"e([+-])0*(\d)", lambda m: "e" + m[1].strip("+") + m[2], f"{value:.{digits}g}")


def joined(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
