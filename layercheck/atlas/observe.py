"""What a route's answer comes to beside the definition, in a few words that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from layercheck.cases.parse import parse
from layercheck.cases.text import shape_text
from layercheck.implementations.protocol import Answer, Failure, Refusal
from layercheck.implementations.route import Routed
from layercheck.judging.facts import Facts, facts
from layercheck.reporting.verdict import Verdict

from .row import Row

AGREES, DIFFERS, HAS_NONE = "agrees", "differs", "has none"
BROKEN_MEMORY = "SIGABRT or SIGSEGV"
"""Which of them ends a process that wrote where it should not is chance."""

MOST_WORDS = 90
"""How much of a message is kept."""

PASSING = (Verdict.EXACT, Verdict.ROUNDING, Verdict.SKIPPED)
"""Skipped: the shape is right, and of its values, if it has any, no more can be asked."""


@dataclass(frozen=True)
class Seen:
    """What a route answered.

    words: `agrees`, `differs: out dx`, `as eps=0.001`, `refuses: message`, `crashes: SIGFPE`,
    `has none`; with `, without dx` where it gives less than was asked · values: the first numbers
    of its `out`, for people · error: the largest error of each array in units of its limit.
    """

    words: str
    values: str = ""
    error: str = ""


def seen(row: Row, reply: Routed) -> Seen:
    """A reply beside the definition, or the first of the row's other meanings that it has."""
    if isinstance(reply, str):
        return Seen(HAS_NONE, values=reply)
    if isinstance(reply, Refusal):
        return Seen(f"refuses: {shortened(reply.reason)}")
    if isinstance(reply, Failure):
        kind = "crashes" if reply.kind in ("crashed", "exited") else reply.kind
        message = BROKEN_MEMORY if reply.message in BROKEN_MEMORY.split(" or ") else reply.message
        return Seen(f"{kind}: {shortened(message)}")
    definition = defined(row.case)
    if definition is None:
        shape = shape_text(np.asarray(reply.arrays["out"]).shape)
        return Seen(f"answers {shape}", values_of(reply))
    first = compared(definition, reply)
    if first.words.startswith(DIFFERS):
        for meaning in row.meanings:
            other = defined(with_settings(row.case, meaning))
            words = "" if other is None else compared(other, reply).words
            if words.startswith(AGREES):
                return Seen(f"as {meaning}{words.removeprefix(AGREES)}", first.values, first.error)
    return first


def seen_of_call(row: Row, reply: Routed) -> Seen:
    """The same of code that makes `out` alone: nothing else is missed."""
    one = seen(row, reply)
    return Seen(one.words.partition(", without")[0], one.values, one.error)


def compared(definition: Facts, answer: Answer) -> Seen:
    """An answer beside one definition."""
    found = definition.compare_all("route", answer)
    lacking = [one.array for one in found if one.array not in answer.arrays]
    wrong = [c for c in found if c.array not in lacking and c.verdict not in PASSING]
    without = f", without {' '.join(lacking)}" if lacking else ""
    if not wrong:
        return Seen(f"{AGREES}{without}", values_of(answer))
    names = " ".join(one.array for one in wrong)
    error = ", ".join(f"{c.array}: {c.reason or worst(c.max_abs)}" for c in wrong)
    return Seen(f"{DIFFERS}: {names}{without}", values_of(answer), error)


def worst(size: object) -> str:
    """The largest difference, for people."""
    return f"off by up to {size:.2g}" if isinstance(size, float) else "off"


@cache
def defined(text: str) -> Facts | None:
    """What the definition gives; None where it refuses the question."""
    try:
        with np.errstate(all="ignore"):
            return facts(parse(text))
    except (ValueError, ArithmeticError, IndexError):
        return None


def with_settings(text: str, settings: str) -> str:
    """A case with other attributes: `eps=0.001 training=false`."""
    named = dict(part.partition("=")[::2] for part in settings.split())
    own = [part for part in text.split() if part.partition("=")[0] not in named]
    place = next(n for n, part in enumerate(own) if part.startswith("dtype="))
    own[place:place] = [f"{name}={value}" for name, value in named.items()]
    return str(parse(" ".join(own)))


def values_of(answer: Answer) -> str:
    """The first numbers of `out`."""
    out = np.asarray(answer.arrays["out"]).reshape(-1)
    more = " …" if out.size > 4 else ""
    return " ".join(f"{value:.5g}" for value in out[:4]) + more


def shortened(message: str) -> str:
    """A message without what is of one machine or one call: addresses, devices, layers' numbers,
    the order of a set, which of several types was looked at first."""
    message = re.sub(r"'([a-z]\w*?)_\d+'", r"'\1'", message)
    message = re.sub(r"\{\{.*?\}\}\s*", "", message)
    message = re.sub(r"\{('[^{}]*')\}", in_order, message)
    message = re.sub(r"\battr '[A-Z]' of\b", "attr of", message)
    message = re.sub(r"\s*\[Op:\w+\].*", "", re.sub(r"0x[0-9a-f]+", "0x…", message))
    words = re.sub(r"\s+", " ", message).strip()
    return words if len(words) <= MOST_WORDS else words[:MOST_WORDS].rsplit(" ", 1)[0] + " …"


def in_order(words: re.Match[str]) -> str:
    """What a set shows, sorted."""
    return "{" + ", ".join(sorted(words[1].split(", "))) + "}"
