"""One case put to one layer: what was given, what was answered, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from layercheck.cases.case import Case
from layercheck.diagnosis.elements import differing
from layercheck.diagnosis.picture import picture_of
from layercheck.errors import UsageError
from layercheck.implementations.functions import same
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer, Refusal, Reply, in_full
from layercheck.reporting.picture.record import Picture
from layercheck.reporting.records import Comparison, leading
from layercheck.reporting.replay import PROBE, Differing, Given, Replay
from layercheck.reporting.words import with_heads
from oracles.oracle import Omitted
from ref_layers import OPS

from .again import ask_again
from .answers import Gathered, Gatherer
from .drawn import look_at_masks, without_drawn
from .explain import explain
from .opinions import second_opinions
from .options import Options
from .outcome import Outcome
from .plan import Task, chosen_layers, is_named, tasks_of
from .probes.asked import Held
from .probes.run import is_probed, put_one
from .probes.table import BY_NAME
from .scripts import script_of
from .subject import Spec, Subject, open_oracles, open_subject, uses_recordings
from .tally import is_failing
from .verdicts import outcome_of


def ask_one(
    spec: Spec, case: Case, options: Options, probe: str = "", script: Path | None = None
) -> Replay:
    """Ask, and judge the very answer that is told. Raises UsageError where nobody can be asked.

    probe: of a further question that is put, too · script: where one will lie that shows a failure.
    """
    recorded = uses_recordings(spec, options)
    with ExitStack() as stack:
        oracles = open_oracles(spec, options, stack)
        subject = open_subject(spec, options, stack)
        if subject.problem:
            raise UsageError(f"{subject.name}: {subject.problem}")
        layer = layer_for(subject, case, options)
        gatherer = stack.enter_context(Gatherer(subject, oracles, recorded))
        gathered = next(gatherer.gather([Task(layer, case)]))
        gathered.replies = {who: in_full(said) for who, said in gathered.replies.items()}
        outcome = outcome_of(gatherer, gathered)
        grid = [] if subject.is_oracle else look_twice(gatherer, outcome, options)
        shown = list(given(gathered, subject.name))
        shown += probed(layer, outcome, probe) if probe else []
        own = [c for c in outcome.judged.own if c.part in parts_asked(layer, options)]
        failing = [c for c in own if is_failing(c.verdict, options.passing)]
        text = shown_by(script, outcome, failing, subject.name)
        why = list(reasons(gatherer, outcome, grid, failing, options)) if grid else []
    return Replay(
        str(case),
        subject.name,
        shown,
        outcome.judged.beside + own,
        outcome.judged.defects,
        options.passing,
        why=why,
        differing=list(differences(outcome, failing)),
        picture=drawn_picture(outcome, leading(failing)),
        script=text,
    )


def look_twice(gatherer: Gatherer, outcome: Outcome, options: Options) -> list[Outcome]:
    """Ask once more, look for better names of what is wrong, and at the masks of a dropout; what
    the layer came to in the quick grid, where something fails."""
    ask_again(gatherer, without_drawn([outcome]))
    fails = any(is_failing(c.verdict, options.passing) for c in outcome.judged.own)
    grid = list(in_grid(outcome, gatherer.subject)) if fails else []
    others = [one for one in grid if one is not outcome]
    second_opinions(outcome.task.layer, without_drawn([outcome, *others]))
    look_at_masks([outcome])
    return grid


def reasons(
    gatherer: Gatherer,
    outcome: Outcome,
    grid: Sequence[Outcome],
    failing: Sequence[Comparison],
    options: Options,
) -> Iterator[str]:
    """Where and why the functions that fail at this case do, a line each: it is one of the cases
    that every reason has to hold for."""
    layer, blamed = outcome.task.layer, {c.part for c in failing}
    further = None if outcome in grid else outcome.task.case
    with Gatherer(gatherer.subject, {}, recorded=False) as asker:
        found = {
            name: explain(layer, parts, grid, asker, options, further)
            for name, parts in layer.functions()
            if blamed & {*parts}
        }
    for name, told in found.items():
        ahead = f"{name}: " if len(found) > 1 else ""
        yield from (f"{ahead}{head}: {text}" for head, text in with_heads(told))


def differences(outcome: Outcome, failing: Sequence[Comparison]) -> Iterator[Differing]:
    """The wrong elements of each failing array."""
    for array in dict.fromkeys(c.array for c in failing if not c.probe):
        found = outcome.answer and differing(outcome.gathered.facts, outcome.answer, array)
        if found:
            yield found


def drawn_picture(outcome: Outcome, shown: Comparison | None) -> Picture | None:
    """The picture of the array that the failing record names; None where nothing fails."""
    if outcome.answer is None or shown is None:
        return None
    return picture_of(outcome.gathered.facts, outcome.answer, shown.array)


def shown_by(
    script: Path | None, outcome: Outcome, failing: Sequence[Comparison], subject: str
) -> str:
    """The script that shows a failure, where one is asked for."""
    return "" if script is None else script_of(outcome, leading(failing), subject, script)


def in_grid(outcome: Outcome, subject: Subject) -> Iterator[Outcome]:
    """What the layer came to in the quick grid, by which a check judges what is wrong: an opinion
    has to hold in all of it. A case of the grid is not asked anew."""
    layer, text = outcome.task.layer, str(outcome.task.case)
    tasks = list(tasks_of(layer, "quick", subject, Options()))
    with Gatherer(subject, {}, recorded=False) as gatherer:
        for gathered in gatherer.gather([t for t in tasks if str(t.case) != text]):
            yield outcome_of(gatherer, gathered)
    if any(str(t.case) == text for t in tasks):
        yield outcome


def layer_for(subject: Subject, case: Case, options: Options) -> Layer:
    """The layer that is asked: of several the one whose function was named."""
    chosen = chosen_layers(subject, options.ops)
    fitting = [layer for layer in chosen if layer.op == case.op]
    named = [n for n in fitting if any(is_named(name, options.ops) for name, _ in n.functions())]
    fitting = named or fitting
    if not fitting:
        raise UsageError(nothing_for(subject, case, options))
    return fitting[0]


def nothing_for(subject: Subject, case: Case, options: Options) -> str:
    """Why nobody can be asked: no function of the file's, or none of those that were named."""
    own = [n for layer in subject.layers if layer.op == case.op for n, _ in layer.functions()]
    if own:
        named, there = ", ".join(options.ops), ", ".join(dict.fromkeys(own))
        return (
            f"--op {named} is not for {case.op}, which the case is of; expected any of: {there}; "
            "name one of them, or leave --op away"
        )
    has = ", ".join(dict.fromkeys(layer.op for layer in subject.layers)) or "none"
    return f"{subject.name} has no function for {case.op}; it has: {has}"


def parts_asked(layer: Layer, options: Options) -> set[str]:
    """Which parts the verdict is about: both, or that of the function that was named."""
    named = [parts for name, parts in layer.functions() if is_named(name, options.ops)]
    named = [] if layer.op in options.ops and layer.op in OPS else named
    every = [parts for _, parts in layer.functions()]
    return {part for parts in named or every for part in parts}


def given(gathered: Gathered, subject: str) -> Iterator[Given]:
    """Inputs, the exact result, and every answer, array by array."""
    case = gathered.task.case
    for name, value in {**case.inputs, "dout": case.question.dout}.items():
        yield Given("input", name, value)
    for name, value in gathered.facts.truth.arrays.items():
        yield Given("exact", name, value)
    for who, reply in {subject: gathered.reply, **gathered.replies}.items():
        yield from answered(who, in_full(reply))


def probed(layer: Layer, outcome: Outcome, name: str) -> Iterator[Given]:
    """What came of a probe: its arrays, and how many are as they should be."""
    who = f"{PROBE} {name}"
    if not is_probed(layer, outcome, BY_NAME[name]):
        yield Given(who, "", "not put: only an ordinary case that passes is, and no random mask")
        return
    before = len(outcome.judged.own)
    held = [one for one in put_one(layer, outcome, BY_NAME[name]) if isinstance(one, Held)]
    for one in held:
        yield Given(who, f"{one.array}, {one.when}:", one.got)
    alike = sum(same(one.got, one.expected) for one in held)
    if held:
        told = f"{alike} of {len(held)} arrays are bit for bit those of the same call alone"
        yield Given(who, "", told)
    failed = len(outcome.judged.own) - before
    yield Given(who, "", f"{failed} failures, see below" if failed else "nothing failed")
    for text in (text for texts in outcome.judged.notes.values() for text in texts):
        yield Given(who, "", f"note: {text}")


def answered(who: str, reply: Reply) -> Iterator[Given]:
    """One answer, or why there is none."""
    if isinstance(reply, Refusal):
        yield Given(who, "", reply.reason)
    elif isinstance(reply, Answer):
        for name, value in reply.arrays.items():
            yield Given(who, name, value.reason if isinstance(value, Omitted) else value)
        for part, failure in reply.failures.items():
            yield Given(who, f"({part})", str(failure))
        if reply.called:
            yield Given(who, "", f"called with {reply.called}")
    else:
        yield Given(who, "", str(reply))
