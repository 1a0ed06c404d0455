"""The verdict of a case: who is right, and how far off the others are.

The exact result is the truth, and each framework's answer is held against it (`oracles.py`); then
the subject is compared with all that may be trusted (`subject.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from layercheck.cases.case import Case
from layercheck.implementations.protocol import (
    PARTS,
    Confirmed,
    Failure,
    Heard,
    Implementation,
    Reply,
)
from layercheck.reporting.records import Comparison, Defect, Part
from layercheck.reporting.verdict import Verdict, worst

from .defects import find
from .facts import EXACT, Facts
from .oracles import Weighed, weigh
from .subject import compare_subject
from .together import Judging, together


@dataclass
class Judged:
    """What a case came to: every comparison, the defects that showed, and whether a framework
    confirmed the exact result.

    own: the subject's comparisons · beside: those of the oracles with the exact result · notes:
    what else was noticed of each of its functions · implied: how many further comparisons follow
    from these.
    """

    case: Case
    own: list[Comparison] = field(default_factory=list)
    beside: list[Comparison] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    confirmed_by: list[str] = field(default_factory=list)
    arithmetic: str = ""
    notes: Mapping[Part, tuple[str, ...]] = field(default_factory=dict)
    implied: int = 0

    @property
    def verdict(self) -> Verdict:
        """Of the subject, all its functions together."""
        return worst(c.verdict for c in self.own)

    @property
    def comparisons(self) -> list[Comparison]:
        """All of them."""
        return self.beside + self.own


def judge(
    known: Facts,
    subject: Implementation,
    reply: Reply,
    replies: Mapping[str, Heard],
    oracles: Mapping[str, Implementation],
) -> Judged:
    """Judge the subject's reply beside those of the oracles."""
    (judged,) = together([judging(known, subject, reply, replies, oracles)])
    return judged


def judging(
    known: Facts,
    subject: Implementation,
    reply: Reply,
    replies: Mapping[str, Heard],
    oracles: Mapping[str, Implementation],
) -> Judging[Judged]:
    """The same, side by side with others."""
    witness = (subject, reply) if getattr(subject, "oracle", "") else None
    weighed = yield from weigh(known, replies, oracles, witness)
    own = yield from compare_subject(known, subject, reply, weighed)
    defects = [*weighed.defects]
    own = without_known_defect(known, subject, reply, own, defects)
    silent = [note_silent(known, subject, *one) for one in weighed.silent.items()]
    return Judged(
        known.case,
        own + silent,
        weighed.comparisons,
        defects,
        weighed.confirmed_by,
        known.truth.arithmetic,
        getattr(reply, "notes", {}),
        implied(known, own, weighed),
    )


def implied(known: Facts, own: Sequence[Comparison], weighed: Weighed) -> int:
    """How many comparisons were not made since they follow: those of oracles that are known to
    confirm the exact result, and with them, of what agrees with it."""
    confirmed = {n: heard for n, heard in weighed.trusted.items() if isinstance(heard, Confirmed)}
    if not confirmed:
        return 0
    made = {(c.array, c.against) for c in own}
    agreed = {array for array, against in made if against == EXACT}
    follow = sum((a, n) not in made for n, h in confirmed.items() for a in agreed & {*h.names})
    return follow + len(known.truth.arrays) * len(confirmed)


def note_silent(known: Facts, subject: Implementation, oracle: str, reason: str) -> Comparison:
    """That the subject could not be compared with an oracle, and why."""
    part: Part = "forward"
    return known.pairing(subject.name, oracle).note(part, "", Verdict.SKIPPED, reason)


def without_known_defect(
    known: Facts,
    subject: Implementation,
    reply: Reply,
    own: list[Comparison],
    defects: list[Defect],
) -> list[Comparison]:
    """Where the subject is a framework, its known defects are named, and do not fail the run."""
    oracle = getattr(subject, "oracle", "")
    if not oracle or not any(c.verdict.fails for c in own):
        return own
    listed = find(known, subject, reply, oracle)
    if listed is None:
        return own
    what = str(reply) if isinstance(reply, Failure) else f"wrong: {listed.what}"
    defects.append(Defect(oracle, str(known.case), what, listed.id, listed.reason))
    pairing = known.pairing(subject.name, EXACT)
    reason = f"defect of {oracle} ({listed.id})"
    return [pairing.note(part, "", Verdict.SKIPPED, reason) for part in PARTS]
