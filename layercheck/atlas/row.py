"""A row of the atlas: one question, what the definition says, and what each route answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from layercheck._toml import tomllib
from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.errors import UsageError, unknown
from oracles import routes
from ref_layers import OPS

KINDS = {
    "convention": "both are right; they mean different things by the same words",
    "default": "what is left out means something else",
    "layout": "the same numbers in another order",
    "accepted": "one takes it, another refuses it",
    "edge": "what is at an edge: ties, empty, infinite, not a number",
    "accuracy": "right, with more or less rounding",
    "defect": "wrong, or a crash",
    "refuted": "often believed, and no longer so",
    "agreed": "asked often, and no difference among those that take it",
}
"""What sort of difference a row is about, in words."""

KEYS = ("id", "title", "case", "kind", "answers", "as", "call", "recipe", "note", "see", "tags")


@dataclass(frozen=True)
class Row:
    """One row.

    id: its name · title: the question that people ask · case: as one line of text, whose attributes
    are those that a call names · kind: one of KINDS · answers: by route, what it answers, as
    `observe` words it · meanings: other settings whose definition an answer may be (`eps=0.001`) ·
    call: by framework, code that is asked in its route's place, where the question is what somebody
    writes; its `out` alone · recipe: by framework, the code that gives the definition's numbers ·
    note: why it is so · see: where it is written · tags: words by which `differ` puts it first ·
    cpu: the instructions of the processor on which the answers were seen (`machine.py`).
    """

    id: str
    title: str
    case: str
    kind: str
    answers: Mapping[str, str] = field(default_factory=dict)
    meanings: tuple[str, ...] = ()
    call: Mapping[str, str] = field(default_factory=dict)
    recipe: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    see: str = ""
    tags: tuple[str, ...] = ()
    cpu: str = ""

    @property
    def question(self) -> Case:
        """The case."""
        return parse(self.case)

    @property
    def said(self) -> list[str]:
        """The attributes that the call names, those too that are at the definition's default."""
        names = (part.partition("=")[0] for part in self.case.split()[1:])
        return [name for name in names if name in OPS[self.op].attributes]

    @property
    def op(self) -> str:
        """The layer that it is about."""
        return self.case.split()[0]


def rows(op: str = "") -> list[Row]:
    """All rows, or those of one op; raises UsageError where there is no such op."""
    if op and op not in OPS:
        raise unknown("op", op, OPS)
    return [row for name in ([op] if op else OPS) for row in rows_of(name)]


@cache
def rows_of(op: str) -> tuple[Row, ...]:
    """The rows of an op's file; none where it has no file."""
    file = files(__package__) / "rows" / f"{op}.toml"
    if not file.is_file():
        return ()
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(checked(op, told.get("row", []), told.get("cpu", "")))


def checked(op: str, told: list[dict[str, Any]], cpu: str = "") -> Iterator[Row]:
    """Rows as they are written; raises UsageError for what is none. cpu: where they were seen."""
    seen = set[str]()
    for one in told:
        name = str(one.get("id", "?"))
        unknown = [*(one.keys() - set(KEYS)), *(one.get("answers", {}).keys() - {*routes.names()})]
        code = {*one.get("recipe", {}), *one.get("call", {})}
        unknown += code - {*routes.families()}
        if unknown or name in seen or one.get("kind") not in KINDS:
            got = f"unknown {', '.join(unknown)}" if unknown else "a name or kind that is none"
            raise UsageError(f"rows/{op}.toml: {name}: {got}; kinds: {', '.join(KINDS)}")
        seen.add(name)
        case = parse(one["case"])
        if case.op != op:
            raise UsageError(f"rows/{op}.toml: {name}: its case is of {case.op}")
        one["meanings"] = tuple(one.pop("as", ()))
        yield Row(**{**one, "tags": tuple(one.get("tags", ())), "cpu": cpu})
