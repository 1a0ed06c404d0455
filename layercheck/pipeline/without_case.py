"""The checks of what no case can be put to: it is told like any function, and is no pass."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.cases.parse import parse
from layercheck.reporting.records import Check
from layercheck.reporting.verdict import Verdict

from .options import Options
from .plan import is_named
from .subject import Subject, Unasked


def without_case(subject: Subject, options: Options) -> Iterator[Check]:
    """The checks of what no case can be put to: of what is asked for and cannot be asked, and of
    what cannot be read."""
    names = (*options.ops, *(parse(case).op for case in options.cases))
    for one in subject.unasked:
        if not names or one.op in names or is_named(one.name, names):
            yield unaskable(one)
    yield from (unread(name, why) for name, why in subject.broken.items())


def unaskable(one: Unasked) -> Check:
    """The check of what ought to be asked and could not be: it blames nobody, and is no pass."""
    return Check(one.name, one.op, Verdict.SKIPPED, False, 0, 0, 0, note=one.told)


def unread(name: str, why: str) -> Check:
    """The check of what could not be read or loaded: a file, or a piece of one."""
    return Check(name, "", Verdict.ERROR, False, 0, 0, 0, note=why)
