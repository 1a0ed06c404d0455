"""The oracles weighed: who confirms the exact result, who has a defect, who contradicts it.

A framework that is beyond its bound is asked again in higher precision: if it agrees with the exact
result there, its first answer was a defect of the framework, which is never blamed on the layer. If
it still disagrees, the exact result is contradicted and the framework is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from layercheck.implementations.protocol import Answer, Failure, Implementation, Refusal, Reply
from layercheck.reporting.records import Comparison, Defect
from layercheck.reporting.verdict import all_pass

from .defects import find
from .facts import EXACT, Facts, agrees
from .together import Judging

HIGHER = {"float16": "float64", "float32": "float64", "float64": "longdouble"}
"""In which dtype an answer is tried again, to tell unstable arithmetic from a wrong formula."""


@dataclass
class Weighed:
    """What the oracles said to one case.

    trusted: the answers that the subject may be held against · silent: why others have none ·
    contradicted: whether a trusted one disagrees with the exact result.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    confirmed_by: list[str] = field(default_factory=list)
    trusted: dict[str, Answer] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)

    @property
    def contradicted(self) -> bool:
        """Whether an answer is trusted that does not confirm the exact result."""
        return bool(self.trusted.keys() - set(self.confirmed_by))


def weigh(
    facts: Facts, replies: Mapping[str, Reply], oracles: Mapping[str, Implementation]
) -> Judging[Weighed]:
    """Weigh every oracle's reply."""
    weighed = Weighed()
    asked = {n: facts.pairs(n, reply) for n, reply in replies.items() if isinstance(reply, Answer)}
    made = iter((yield [pair for pairs in asked.values() for pair in pairs]))
    compared = {name: [next(made) for _ in pairs] for name, pairs in asked.items()}
    for name, reply in replies.items():
        if isinstance(reply, Refusal):
            weighed.silent[name] = f"{name}: {reply.reason}"
        elif isinstance(reply, Failure):
            note_defect(weighed, facts, oracles[name], reply.kind, str(reply))
        else:
            weigh_answer(weighed, facts, oracles[name], reply, compared[name])
    return weighed


def weigh_answer(
    weighed: Weighed,
    facts: Facts,
    oracle: Implementation,
    answer: Answer,
    comparisons: list[Comparison],
) -> None:
    """Draw the conclusion from how an oracle's arrays compare with the exact ones."""
    weighed.comparisons += comparisons
    failed = [c for c in comparisons if c.verdict.fails]
    if all_pass(c.verdict for c in comparisons):
        weighed.confirmed_by.append(oracle.name)
        weighed.trusted[oracle.name] = answer
    elif not failed:
        weighed.silent[oracle.name] = f"{oracle.name}: gave nothing to compare"
    elif is_its_own_defect(facts, oracle):
        worst = failed[0]
        place = f"{worst.array}{list(worst.worst_index or ())}"
        what = worst.reason or f"{place}: got {worst.got}, exact {worst.expected}"
        note_defect(weighed, facts, oracle, "wrong", f"wrong: {what}")
    else:
        weighed.trusted[oracle.name] = answer
        weighed.comparisons += [contradiction(c, oracle.name) for c in failed]


def contradiction(comparison: Comparison, oracle: str) -> Comparison:
    """The exact result beside an oracle that does not agree with it in any precision."""
    reason = f"{oracle} contradicts the exact result, in higher precision too"
    got, expected = comparison.expected, comparison.got
    return replace(
        comparison, subject=EXACT, against=oracle, got=got, expected=expected, reason=reason
    )


def is_its_own_defect(facts: Facts, oracle: Implementation) -> bool:
    """Whether it is on the list, or right in higher precision.

    No framework has more than float64: what is wrong there has to be on the list.
    """
    listed = find(oracle.name, oracle.versions, facts.case, "wrong")
    return listed is not None or right_in_higher_precision(facts, oracle)


def right_in_higher_precision(facts: Facts, who: Implementation) -> bool:
    """Whether the same implementation is within the bound when its own rounding is taken away."""
    higher = HIGHER[facts.case.dtype]
    return agrees(facts, who.answer(facts.case, higher), np.dtype(higher).name)


def note_defect(
    weighed: Weighed, facts: Facts, oracle: Implementation, kind: str, what: str
) -> None:
    """Record what an oracle did wrong, with its entry in the list if it has one."""
    known = find(oracle.name, oracle.versions, facts.case, kind)
    name, reason = (known.id, known.reason) if known else (None, "")
    weighed.defects.append(Defect(oracle.name, str(facts.case), what, name, reason))
    weighed.silent[oracle.name] = f"defect of {oracle.name} ({name or 'new'})"
