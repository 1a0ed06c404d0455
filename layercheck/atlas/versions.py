"""What two runs of the atlas answer otherwise: of two versions, or of two machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from layercheck.errors import UsageError
from layercheck.reporting.regular import Irregular, read_regular

from .observe import AGREES, HAS_NONE
from .row import Row

MOST = 64 << 20
"""How large a file of answers is that is read, in bytes."""

NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Changed:
    """One route's answers to one question. before, after: as `observe` words them."""

    op: str
    row: str
    route: str
    before: str
    after: str

    @property
    def told(self) -> str:
        """`conv2d same-stride-2: torch: refuses: ... -> agrees`."""
        return f"{self.op} {self.row}: {self.route}: {self.before} -> {self.after}"

    @property
    def rank(self) -> int:
        """What no longer agrees stands first, then what agrees now, then the rest, and last what
        only one of them was asked."""
        if NOT_ASKED in (self.before, self.after):
            return 3
        return 0 if self.before.startswith(AGREES) else 1 if self.after.startswith(AGREES) else 2


@dataclass(frozen=True)
class Answers:
    """A file that `layercheck atlas --json` wrote. versions: of the frameworks · words: what was
    answered, by op, row and route."""

    versions: Mapping[str, str]
    words: Mapping[tuple[str, str, str], str]

    def row(self, row: Row) -> Row:
        """A row with these answers in place of its own."""
        own = {
            route: w
            for (op, name, route), w in self.words.items()
            if (op, name) == (row.op, row.id)
        }
        return replace(row, answers={route: w for route, w in own.items() if w != HAS_NONE})


def read(path: Path) -> Answers:
    """The answers of a file; raises UsageError for what is none."""
    try:
        return answers_of(json.loads(read_regular(path, MOST)))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except Irregular as error:
        raise UsageError(f"cannot read {path}: {error}") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            f"{path} holds no answers; expected what `layercheck atlas --json FILE` writes"
        ) from None


def answers_of(told: Mapping[str, Any]) -> Answers:
    """The same of a file's contents."""
    words = {
        (row["op"], row["id"], route): one["words"]
        for row in told["rows"]
        for route, one in row["seen"].items()
    }
    texts = [*words.values(), *told["versions"].values(), *(part for key in words for part in key)]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is none")
    return Answers(dict(told["versions"]), words)


def changes(before: Answers, after: Answers) -> list[Changed]:
    """What is not answered alike, the worst first."""
    return sorted(found(before.words, after.words), key=lambda one: one.rank)


def found(
    before: Mapping[tuple[str, str, str], str], after: Mapping[tuple[str, str, str], str]
) -> Iterator[Changed]:
    """The same in the order of the rows."""
    for key in dict.fromkeys([*before, *after]):
        pair = before.get(key, NOT_ASKED), after.get(key, NOT_ASKED)
        if pair[0] != pair[1]:
            yield Changed(*key, *pair)


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """`torch 2.12.0 -> 2.13.0`, of every framework with another version."""
    names = [n for n in dict.fromkeys([*before, *after]) if before.get(n) != after.get(n)]
    return ", ".join(f"{n} {before.get(n, 'none')} -> {after.get(n, 'none')}" for n in names)
