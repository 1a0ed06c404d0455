"""What a run found, as plain typed records: what every output shows, and all that it knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .fields import Counts, Size
from .verdict import Verdict, worst

if TYPE_CHECKING:
    from .picture.record import Picture

Part = Literal["forward", "backward"]


@dataclass(frozen=True)
class Comparison:
    """One array of one answer, held against another answer."""

    case: str
    """The question as one line of text, which replays it."""
    op: str
    """The layer's name."""
    array: str
    """`out`, `dx`, `running_mean`, ...; empty where the whole call failed."""
    part: Part
    """Whether it is of the forward or of the backward."""
    subject: str
    """Who is compared: the subject of the run, or an oracle."""
    against: str
    """With whom: `exact`, or an oracle."""
    dtype: str
    """In which the question was asked."""
    verdict: Verdict
    """What it came to."""
    function: str = ""
    """The function of the subject that gave it, as its check is called."""
    reason: str = ""
    """Why, where the verdict is not a plain number's."""
    called: str = ""
    """What the function was given under another meaning than the case's."""
    probe: str = ""
    """The further question that showed it, as `layercheck replay --probe` takes it."""
    shape: str = ""
    """Of the answer: `2x3x5x7`."""
    expected_shape: str = ""
    """Of what it is compared with."""
    compared: int = 0
    """How many elements were held against a limit."""
    unlimited: int | None = None
    """How many have none, as rounding may take them anywhere, if any: they have to be finite."""
    max_abs: Size | None = None
    """The largest |got - expected|."""
    max_rel: Size | None = None
    """The largest of them over |expected|."""
    max_ulp: Size | None = None
    """The largest of them in units in the last place of the expected number."""
    limit_used: Size | None = None
    """The largest error over its own pass limit; above 1 fails."""
    of_worst: Size | None = None
    """The same over the worst-case bound."""
    needed_tolerance: Size | None = None
    """The least t with |got - expected| <= t (1 + |expected|) everywhere."""
    worst_index: tuple[int, ...] | None = None
    """Where limit_used is largest."""
    got: float | None = None
    """The number there."""
    expected: float | None = None
    """What it should be."""
    error: Size | None = None
    """|got - expected| of this element."""


def leading(comparisons: Sequence[Comparison]) -> Comparison | None:
    """The first with the worst verdict: the one record of a failure that every output shows."""
    verdict = worst(c.verdict for c in comparisons)
    return next((c for c in comparisons if c.verdict is verdict), None)


@dataclass(frozen=True)
class Defect:
    """An oracle beyond its bound from the exact result, or one that crashed."""

    oracle: str
    """Who has it."""
    case: str
    """A question that shows it."""
    what: str
    """What happened."""
    known: str | None = None
    """The id of its entry in oracles/defects.toml; a new one fails the run."""
    reason: str = ""
    """Why, as that entry says."""


@dataclass(frozen=True)
class Attributes:
    """What a function's signature accepts, and what of it was tried."""

    varied: list[str] = field(default_factory=list)
    """Accepted, and compared at two values or more."""
    not_varied: list[str] = field(default_factory=list)
    """Accepted, but never compared at another value than one: nothing is known of them."""
    not_accepted: list[str] = field(default_factory=list)
    """What the op has and the signature lacks."""
    words: dict[str, list[str]] = field(default_factory=dict)
    """Of an accepted one the words, and yes and no, at which it was compared."""
    inputs: list[str] = field(default_factory=list)
    """The arrays that it was given in some case that was compared."""


@dataclass(frozen=True)
class Beyond:
    """The cases that go beyond an assignment's contract: told, and no reason to fail."""

    where: str
    """The condition under which a case is beyond the contract."""
    cases: int
    """How many were asked."""
    failed: int
    """How many of them failed."""
    first_wrong: Comparison | None = None
    """The first failing array of the smallest of these."""


@dataclass(frozen=True)
class NeverRun:
    """Lines of the code under check that no case ran: nothing is known of them."""

    file: str
    """The file's name; empty where it is the subject itself."""
    first: int
    """The first of the lines; of a notebook it counts in its cell."""
    last: int
    """The last of them."""
    what: str
    """Under which condition they would be run: `if C > 64`."""
    counts: bool = True
    """Whether `--strict` fails on them: not where only the kind of an argument is asked for, nor in
    a helper that functions which are not asked share."""


@dataclass(frozen=True)
class Diagnosis:
    """Why a function fails, or where: said only of what its answers show beyond doubt."""

    kind: Literal["condition", "mistake", "relation"]
    """Where it fails, the named mistake that it makes, or how its numbers relate to the right
    ones."""
    text: str
    """What is wrong, in words."""
    hint: str = ""
    """Where to look, and what to think of there."""
    names: list[str] = field(default_factory=list)
    """The mistakes that give these numbers, as `layercheck mistakes` calls them."""
    arrays: list[str] = field(default_factory=list)
    """What it is about: `dx`."""
    failing: int = 0
    """In how many failing cases it was held against the answers."""
    passing: int = 0
    """In how many passing ones."""
    drawn: int = 0
    """How many further cases were drawn to confirm it."""

    @property
    def is_condition(self) -> bool:
        """Whether it says where a function fails, not why."""
        return self.kind == "condition"


@dataclass(frozen=True)
class Check:
    """One function of the subject, over all its cases."""

    target: str
    """The function's name."""
    op: str
    """The layer that it belongs to."""
    verdict: Verdict
    """What it came to."""
    passed: bool
    """Whether every planned case was compared and passes."""
    cases: int
    """How many cases were planned."""
    compared: int
    """How many of them were compared."""
    failed: int
    """How many of them failed."""
    verdicts: Counts = field(default_factory=dict)
    """How many cases came to which verdict."""
    first_wrong: Comparison | None = None
    """The failing record: of the smallest case with the check's verdict, the array that has it."""
    arrays_wrong: list[str] = field(default_factory=list)
    """The arrays that fail somewhere."""
    arrays_right: list[str] = field(default_factory=list)
    """The arrays that were compared and fail nowhere."""
    note: str = ""
    """What else is known of it."""
    attributes: Attributes = field(default_factory=Attributes)
    """What its signature accepts, and what was tried."""
    beyond: Beyond | None = None
    """What it does beyond the assignment's contract."""
    replay: str = ""
    """What `layercheck replay CASE` is told, to ask this function again: subject and options; empty
    for what a program handed over."""
    never_run: list[NeverRun] = field(default_factory=list)
    """What of its code, its helpers' included, no case ran."""
    file: str = ""
    """Where it is written; empty where that is not known."""
    line: int = 0
    """The line that its definition begins with; 0 where that is not known."""
    diagnoses: list[Diagnosis] = field(default_factory=list)
    """Where it fails and why, as far as that is known and may be told (`--hints`)."""
    smallest: str = ""
    """The smallest case that fails alike, as `layercheck replay` takes it."""
    picture: Picture | None = None
    """The smallest failing case, number by number, where it was drawn."""
    answers: str = ""
    """A fingerprint of its wrong numbers in the cases of the grid: who is wrong alike, bit for bit,
    has the same one."""


@dataclass(frozen=True)
class Change:
    """What changed from an earlier report to a later one."""

    kind: str
    """What sort of change, from `gone` and `worse` to `better`."""
    what: str
    """The function, the array, the attribute or the oracle that it is about."""
    before: str
    """What it was, in words."""
    after: str
    """What it is now."""
    is_regression: bool
    """Whether it counts against the later report, and fails a run that is held against it."""
    case: str = ""
    """A question that shows it."""
    function: str = ""
    """The function that it is of, as its check is called; empty where that is not one alone."""

    @property
    def told(self) -> str:
        """`conv2d_backward: rounding -> wrong`."""
        case = f"  {self.case}" if self.case else ""
        return f"{self.what}: {self.before} -> {self.after}{case}"


@dataclass(frozen=True)
class NotChecked:
    """A function or class of a file that no check is about."""

    name: str
    """As the file defines it."""
    reason: str
    """Why it was left out, and what to do about it."""
