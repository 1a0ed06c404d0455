"""Texts of the code as MyST Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

MARKS = re.compile(r"(`+[^`]*`+)|([\\*_<>\[\]|{}$#])")
"""What stands in backquotes, and what Markdown would take for markup."""


def plain(text: str) -> str:
    """A text whose signs are meant as they are; what stands in backquotes stays code.

    >>> plain("`a*b` is a * b")
    '`a*b` is a \\\\* b'
    """
    return MARKS.sub(lambda m: m[1] or f"\\{m[2]}", text)


def fenced(text: str, language: str) -> str:
    """A block of code, whatever it holds."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def docstring(text: str) -> str:
    """A docstring's paragraphs, and its examples as such."""
    parts = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(
        fenced(part, "pycon") if part.lstrip().startswith(">>>") else in_lines(part)
        for part in parts
    )


def in_lines(paragraph: str) -> str:
    """A paragraph in which what begins with a name and a colon begins a line.

    >>> in_lines("x: (N, C)\\nb: (F,)\\nor None")
    'x: (N, C)\\\\\\nb: (F,)\\nor None'
    """
    return re.sub(r"\n(?=\w+(?:, \w+)*: |Source: |Raises )", r"\\\n", plain(paragraph))


def toctree(entries: Sequence[str], is_pattern: bool = False) -> str:
    """The pages below one, by name or by a pattern."""
    options = [":hidden:", ":maxdepth: 1", *([":glob:"] if is_pattern else [])]
    return f"\n{fenced(chr(10).join([*options, '', *entries]), '{toctree}')}"
