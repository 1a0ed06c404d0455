"""A report without a name: what a submission says of itself may tell whose it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from .report import Report

SAID = ("reason", "note", "called", "text")
"""The fields in which words of a submission's own may stand."""

LETTER = r"[^\W\d_]"


def without_words(text: str, words: Sequence[str]) -> str:
    """The text without these words, whatever stands around them but letters.

    >>> without_words("ValueError: by Anna_Ada, for Annabel", ["anna"])
    'ValueError: by …_Ada, for Annabel'
    """
    if not words:
        return text
    any_of = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub(rf"(?<!{LETTER})(?:{any_of})(?!{LETTER})", "…", text, flags=re.IGNORECASE)


def redacted(report: Report, words: Sequence[str]) -> Report:
    """The report without these words in what is said of its checks."""
    if words:
        for name in ("checks", "not_checked", "failures", "closest"):
            setattr(report, name, [told_without(one, words) for one in getattr(report, name)])
    return report


def told_without(record: Any, words: Sequence[str]) -> Any:
    """A record without them, and so those within it."""
    if isinstance(record, list):
        return [told_without(one, words) for one in record]
    if not is_dataclass(record) or isinstance(record, type):
        return record
    found = {field.name: getattr(record, field.name) for field in fields(record)}
    changed = {
        name: without_words(value, words) if isinstance(value, str) else told_without(value, words)
        for name, value in found.items()
        if not isinstance(value, str) or name in SAID
    }
    return replace(record, **changed)
