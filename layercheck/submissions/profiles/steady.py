"""Texts that are the same in every run."""

from __future__ import annotations

import re

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def steady(text: str) -> str:
    """A text without the places in memory that Python writes into names of objects.

    >>> steady("got <object object at 0x7f52c8d0a1b0>")
    'got <object object>'
    """
    return ADDRESS.sub("", text)
