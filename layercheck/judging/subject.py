"""What each function of the subject did with one case: failed, overwrote, answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from layercheck.implementations.protocol import (
    CHANGED_INPUTS,
    NOT_IMPLEMENTED,
    NOT_UNDERSTOOD,
    PARTS,
    Answer,
    Confirmed,
    Failure,
    Implementation,
    Refusal,
    Reply,
    in_full,
)
from layercheck.reporting.records import Comparison, Part
from layercheck.reporting.verdict import Verdict
from oracles.oracle import Omitted

from .compare import Compared, Pairing, squeezed
from .facts import EXACT, Facts, verdict_of
from .in_norm import IN_NORM, second_chance
from .oracles import Weighed
from .together import Judging

PLAIN = ("case", "op", "array", "part", "subject", "against", "dtype", "verdict")
"""What a comparison has where nothing was measured."""


def compare_subject(
    known: Facts, subject: Implementation, reply: Reply, weighed: Weighed
) -> Judging[list[Comparison]]:
    """The subject against the exact result, and against every trusted oracle."""
    pairing = known.pairing(subject.name, EXACT)
    if isinstance(reply, Refusal):
        return [pairing.note(part, "", Verdict.SKIPPED, reply.reason) for part in PARTS]
    if isinstance(reply, Failure):
        return list(failed(pairing, {"forward": reply}))
    values = yield from compare_values(known, subject, reply, weighed)
    told = [*failed(pairing, reply.failures), *overwritten(pairing, reply), *values]
    lacking = any(isinstance(value, Omitted) for value in reply.arrays.values())
    if lacking:  # a backward that is not there was not waited for
        told = [c for c in told if c.part != "backward" or c.verdict is not Verdict.NOT_JUDGED]
    why = unfit_for_backward(known, reply)
    if why and any(c.part == "backward" and c.verdict.fails for c in told):
        told = [unfit(c, why) for c in told]
    return [replace(c, called=reply.called) for c in told] if reply.called else told


def failed(pairing: Pairing, failures: Mapping[Part, Failure]) -> Iterator[Comparison]:
    """How each function failed; a backward that was not reached is not judged."""
    for part, failure in failures.items():
        yield pairing.note(part, "", verdict_of(failure), str(failure))
    if "forward" in failures and "backward" not in failures:
        yield pairing.note("backward", "", Verdict.NOT_JUDGED, unreached(failures["forward"]))


def unreached(failure: Failure) -> str:
    """Why a backward was not asked."""
    ends = {
        "raised": "its forward raised",
        NOT_IMPLEMENTED: "its forward is not implemented",
        NOT_UNDERSTOOD: f"its forward is {NOT_UNDERSTOOD}",
    }
    return ends.get(failure.kind, f"its forward failed ({failure.kind})")


def unfit_for_backward(known: Facts, answer: Answer) -> str:
    """Why what a backward gives says nothing of it; empty if it does."""
    if has_another_shape(known, answer):
        return "its forward's output has another shape than the dout that it was given"
    if gave_no_numbers(known, answer):
        return "its forward gave what is not finite"
    changed = answer.changed.get("forward", ())
    return f"its forward changed {', '.join(changed)}, which it goes by" if changed else ""


def gave_no_numbers(known: Facts, answer: Answer) -> bool:
    """Whether the forward's output is not finite where it should be."""
    out, right = answer.arrays.get("out"), known.truth.arrays.get("out")
    if right is None or not isinstance(out, np.ndarray) or out.dtype.kind != "f":
        return False
    if out.shape != right.shape:
        return False
    return bool((np.isfinite(right) & ~np.isfinite(out)).any())


def has_another_shape(known: Facts, answer: Answer) -> bool:
    """Whether the forward's output has other sizes than the dout that its backward got."""
    out, right = answer.arrays.get("out"), known.truth.arrays.get("out")
    if right is None or not isinstance(out, np.ndarray):
        return False
    return squeezed(out.shape) != squeezed(right.shape)


def unfit(comparison: Comparison, reason: str) -> Comparison:
    """What a backward made of what does not fit it says nothing of it."""
    if comparison.part == "forward":
        return comparison
    plain = Comparison(**{name: getattr(comparison, name) for name in PLAIN})
    return replace(plain, verdict=Verdict.NOT_JUDGED, reason=reason)


def overwritten(pairing: Pairing, answer: Answer) -> Iterator[Comparison]:
    """The inputs that a function changed: an error, but for dout, which is a matter of habit."""
    for part, names in answer.changed.items():
        for name in names:
            if name == "dout" and part == "backward":
                yield pairing.note(part, name, Verdict.CONVENTION, "overwrites dout")
            else:
                yield pairing.note(part, name, Verdict.ERROR, f"{CHANGED_INPUTS} {name}")


def compare_values(
    known: Facts, subject: Implementation, answer: Answer, weighed: Weighed
) -> Judging[list[Comparison]]:
    """The arrays of the functions that answered."""
    lost = answer.lost
    made = yield known.pairs(subject.name, answer)
    against_exact = [comparison for comparison in made if comparison.part not in lost]
    against_exact = [second_chance(known, comparison, answer) for comparison in against_exact]
    softer = {c.array: c for c in against_exact if c.reason == IN_NORM}
    verdicts = {c.array: c.verdict for c in against_exact if not c.reason}
    pairs = [
        pair
        for name, theirs in weighed.trusted.items()
        for pair in pairs_with(known, subject.name, answer, name, theirs, verdicts)
        if pair.part not in lost
    ]
    beside = yield pairs
    own = against_exact + [soften(one, softer.get(one.array)) for one in beside]
    return undecided(own, weighed.contradicted)


def undecided(own: list[Comparison], contradicted: Mapping[str, list[str]]) -> list[Comparison]:
    """Where the exact result is contradicted, what agrees with either side is no pass, nor wrong;
    what agrees with neither is."""
    told = {}
    for array, oracles in contradicted.items():
        mine = [c for c in own if c.array == array and not c.verdict.is_silent]
        agreed = [c.against for c in mine if c.verdict.passes]
        if agreed:
            told[array] = undecided_text(oracles, agreed)
    return [
        replace(c, verdict=Verdict.CONTRADICTED, reason=told[c.array])
        if c.array in told and not c.verdict.is_silent
        else c
        for c in own
    ]


def undecided_text(oracles: Sequence[str], agreed: Sequence[str]) -> str:
    """Who says what, and what to do."""
    who = f"{' and '.join(oracles)} {'contradict' if len(oracles) > 1 else 'contradicts'}"
    return (
        f"{who} the exact result in both precisions and nobody confirms it; this agrees with "
        f"{' and '.join(agreed)}: name another --oracle, or report the case"
    )


def pairs_with(
    known: Facts,
    subject: str,
    answer: Answer,
    oracle: str,
    heard: Answer | Confirmed,
    verdicts: Mapping[str, Verdict],
) -> Iterator[Compared]:
    """Two answers with rounding of their own: twice the limit.

    verdicts: what the subject's arrays come to beside the exact result; who agrees with that agrees
    with all who are known to confirm it.
    """
    pairing = known.pairing(subject, oracle)
    theirs = known_arrays(heard)
    for name in (name for name in known.truth.arrays if name in theirs):
        expected = theirs[name]
        if isinstance(expected, Omitted):
            part = known.part_of(name)
            yield pairing.note(part, name, Verdict.SKIPPED, expected.reason)
        elif not (isinstance(heard, Confirmed) and follows(verdicts.get(name), name, heard)):
            if isinstance(heard, Confirmed) and isinstance(answer.arrays.get(name), np.ndarray):
                expected = in_full(heard).arrays[name]
            yield known.pair(pairing, name, answer, expected, 2.0)


def known_arrays(heard: Answer | Confirmed) -> Mapping[str, Any]:
    """An oracle's arrays by name; of one that is known to confirm the exact result only which."""
    if isinstance(heard, Answer):
        return heard.arrays
    return dict.fromkeys(heard.names) | {n: Omitted(reason) for n, reason in heard.omitted.items()}


def follows(verdict: Verdict | None, array: str, heard: Confirmed) -> bool:
    """Whether the verdict beside an oracle follows from that beside the exact result, which the
    oracle is known to confirm."""
    return verdict is Verdict.ROUNDING or (verdict is Verdict.EXACT and array in heard.exact)


def soften(comparison: Comparison, told: Comparison | None) -> Comparison:
    """What is right beside the exact result in norm is right beside every oracle."""
    if told is None or comparison.verdict is not Verdict.WRONG:
        return comparison
    return replace(comparison, verdict=told.verdict, reason=told.reason)
