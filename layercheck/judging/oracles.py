"""The oracles weighed: who confirms the exact result, who has a defect, who contradicts it.

Where the exact result and one framework agree, another that does not has a defect. A framework that
is beyond its bound is asked again in another precision: if it is right there, its first answer was
its own defect too. Only where every framework that can answer is beyond its bound in both is the
exact result contradicted, array by array; then nobody can tell who is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from layercheck.implementations.protocol import (
    Answer,
    Confirmed,
    Failure,
    Heard,
    Implementation,
    Refusal,
    Reply,
)
from layercheck.reporting.records import Comparison, Defect

from .defects import KnownDefect, find
from .facts import EXACT, Facts, facts
from .together import Judging

OTHER = {"float16": "float64", "float32": "float64", "float64": "float32"}
"""In which dtype a framework is asked again: more digits, or a check by the same formula."""


@dataclass
class Weighed:
    """What the oracles said to one case.

    trusted: the answers that the subject may be held against · silent: why others have none ·
    contradicted: by array, the oracles that contradict the exact result, which nobody confirms.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    confirmed_by: list[str] = field(default_factory=list)
    trusted: dict[str, Answer | Confirmed] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    contradicted: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Voice:
    """What one framework says of the exact result.

    known: its defect that shows here · right, off: its arrays within their bound and beyond ·
    stubborn: those beyond in the other precision too.
    """

    oracle: Implementation
    answer: Answer
    comparisons: list[Comparison]
    known: KnownDefect | None
    right: frozenset[str]
    off: frozenset[str]
    stubborn: frozenset[str]

    @property
    def confirmed(self) -> frozenset[str]:
        """The arrays of the exact result that it confirms, in either precision."""
        return self.right if self.known else self.right | (self.off - self.stubborn)

    @property
    def denied(self) -> frozenset[str]:
        """Those that it contradicts; where its defect is known it has no say."""
        return frozenset() if self.known else self.stubborn


def weigh(
    known: Facts,
    replies: Mapping[str, Heard],
    oracles: Mapping[str, Implementation],
    witness: tuple[Implementation, Reply] | None = None,
) -> Judging[Weighed]:
    """Weigh every oracle's reply. witness: the subject, where that is a framework as well."""
    asked: list[tuple[Implementation, Heard, str]]
    asked = [(oracles[name], reply, name) for name, reply in replies.items()]
    if witness is not None:
        subject, reply = witness
        asked.append((subject, reply, getattr(subject, "oracle", subject.name)))
    pairs = [known.pairs(o.name, r) if isinstance(r, Answer) else [] for o, r, _ in asked]
    made = iter((yield [pair for of_one in pairs for pair in of_one]))
    compared = [[next(made) for _ in of_one] for of_one in pairs]
    voices = {
        oracle.name: voice_of(known, oracle, reply, found, name)
        for (oracle, reply, name), found in zip(asked, compared, strict=True)
        if isinstance(reply, Answer)
    }
    confirmed = {n: v.oracle.name for v in reversed(voices.values()) for n in v.confirmed}
    for name, heard in replies.items():
        if isinstance(heard, Confirmed):
            confirmed |= dict.fromkeys(heard.names, name)
    weighed = Weighed()
    for name, heard in replies.items():
        if isinstance(heard, Confirmed):
            weighed.confirmed_by.append(name)
            weighed.trusted[name] = heard
        elif isinstance(heard, Refusal):
            weighed.silent[name] = f"{name}: {heard.reason}"
        elif isinstance(heard, Failure):
            listed = find(known, oracles[name], heard)
            note_defect(weighed, known, name, str(heard), listed)
        else:
            weigh_voice(weighed, known, voices[name], confirmed)
    return weighed


def voice_of(
    known: Facts,
    oracle: Implementation,
    answer: Answer,
    comparisons: list[Comparison],
    name: str,
) -> Voice:
    """What an oracle's answer says."""
    right = frozenset(c.array for c in comparisons if c.verdict.passes)
    off = frozenset(c.array for c in comparisons if c.verdict.fails)
    listed = find(known, oracle, answer, name) if off else None
    stubborn = still_off(known, oracle, off) if off and listed is None else off
    return Voice(oracle, answer, comparisons, listed, right, off, stubborn)


def still_off(known: Facts, oracle: Implementation, arrays: Iterable[str]) -> frozenset[str]:
    """The arrays that are beyond their bound in the other precision as well."""
    case, other = known.case, OTHER[known.case.dtype]
    if case.dtype == "float64":  # its numbers do not fit into float32: the case as float32 has it
        known = facts(replace(case, dtype=other))
        reply = oracle.answer(known.case)
    else:
        reply = oracle.answer(case, other)
    if not isinstance(reply, Answer) or reply.failures:
        return frozenset(arrays)
    right = {c.array for c in known.compare_all("", reply, other) if c.verdict.passes}
    return frozenset(arrays) - right


def weigh_voice(weighed: Weighed, known: Facts, voice: Voice, confirmed: Mapping[str, str]) -> None:
    """Draw the conclusion from what an oracle says and who else confirms the exact result."""
    name = voice.oracle.name
    weighed.comparisons += voice.comparisons
    contradicted = voice.denied - confirmed.keys()
    if not voice.off and voice.right:
        weighed.confirmed_by.append(name)
        weighed.trusted[name] = voice.answer
        return
    if not voice.off:
        weighed.silent[name] = f"{name}: gave nothing to compare"
        return
    if voice.off - contradicted:
        told = what_is_off(voice, voice.off - contradicted, confirmed)
        note_defect(weighed, known, name, told, voice.known)
    if contradicted:
        kept = {n: a for n, a in voice.answer.arrays.items() if n in voice.right | contradicted}
        weighed.trusted[name] = replace(voice.answer, arrays=kept)
        weighed.silent.pop(name, None)
    for comparison in voice.comparisons:
        if comparison.array in contradicted:
            weighed.contradicted.setdefault(comparison.array, []).append(name)
            weighed.comparisons.append(contradiction(comparison, name))


def what_is_off(voice: Voice, arrays: frozenset[str], confirmed: Mapping[str, str]) -> str:
    """The first array that is beyond its bound, and who says that the exact result is right."""
    worst = next(c for c in voice.comparisons if c.array in arrays)
    place = f"{worst.array}{list(worst.worst_index or ())}"
    what = worst.reason or f"{place}: got {worst.got}, exact {worst.expected}"
    other = confirmed.get(worst.array, "")
    if voice.known or not other:
        return f"wrong: {what}"
    if other == voice.oracle.name:
        return f"wrong: {what}; right in {OTHER[worst.dtype]}"
    return f"wrong: {what}; {other} confirms the exact result"


def contradiction(comparison: Comparison, oracle: str) -> Comparison:
    """The exact result beside an oracle that does not agree with it in any precision."""
    reason = f"{oracle} contradicts the exact result, in {OTHER[comparison.dtype]} too"
    got, expected = comparison.expected, comparison.got
    return replace(
        comparison, subject=EXACT, against=oracle, got=got, expected=expected, reason=reason
    )


def note_defect(
    weighed: Weighed, facts: Facts, oracle: str, what: str, known: KnownDefect | None
) -> None:
    """Record what an oracle did wrong, with its entry in the list if it has one."""
    name, reason = (known.id, known.reason) if known else (None, "")
    weighed.defects.append(Defect(oracle, str(facts.case), what, name, reason))
    weighed.silent[oracle] = f"defect of {oracle} ({name or 'new'})"
