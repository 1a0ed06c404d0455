"""The tests that a subject's cases are."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from layercheck.api.report import Report
from layercheck.cases.sentence import sentence
from layercheck.errors import UsageError
from layercheck.pipeline.by_case import ByCase, LayerByCase
from layercheck.pipeline.outcome import Outcome
from layercheck.reporting.records import Check
from layercheck.reporting.words import blame, never_run

from . import NEVER_RUN, OPENED
from .expected import Expected, expected_in
from .settings import Settings, settings_of

UNRUN = "what no other case runs"
"""What the test says that looks for further cases."""

ASKED = "it can be asked"
"""What the test says that is of what no case can be put to."""

KEPT = "nothing is kept between calls"
"""What the test says that puts the probes."""


def collected(session: pytest.Session, config: pytest.Config) -> list[pytest.Item]:
    """Every case of every subject, and what is wrong with the list of expected failures."""
    settings = settings_of(config)
    if not (config.getoption("layercheck") or names_no_files(config)):
        return []
    config.stash[OPENED] = []
    subjects = dict.fromkeys(settings.subjects)
    items = [item for name in subjects for item in of_subject(session, name, settings)]
    entries = expected_of(config.rootpath, settings)
    for entry in entries:
        expect(session, items, entry)
    return items


def names_no_files(config: pytest.Config) -> bool:
    """Whether all is to be collected: no file or test is named on the command line."""
    return config.args_source is not pytest.Config.ArgsSource.ARGS


def of_subject(session: pytest.Session, name: str, settings: Settings) -> Iterator[pytest.Item]:
    """The tests of one subject, collected as pytest collects."""
    node = SubjectNode.from_parent(session, name=name, nodeid=name, settings=settings)
    return session.genitems(node)


def expected_of(root: Path, settings: Settings) -> list[Expected]:
    """The expected failures; raises pytest.UsageError."""
    try:
        return expected_in(root / settings.expected) if settings.expected else []
    except UsageError as error:
        raise pytest.UsageError(f"layercheck: {error}") from None


def expect(session: pytest.Session, items: list[pytest.Item], entry: Expected) -> None:
    """Mark what an entry is about; an entry about nothing is a test that fails."""
    judged = (item for item in items if isinstance(item, Judged))
    fitting = [item for item in judged if entry.fits(item.name, item.nodeid)]
    for item in fitting:
        if item.expected is not None:
            raise pytest.UsageError(
                f"layercheck: {item.name!r} fits two expected failures, id = {item.expected.id!r} "
                f"and id = {entry.id!r}; expected one: narrow either"
            )
        item.expected = entry
        item.add_marker(pytest.mark.xfail(reason=entry.told, strict=True, raises=AsExpected))
    if not fitting:
        items.append(Stale.from_parent(session, name=entry.id, nodeid=f"expected::{entry.id}"))


def expect_items(items: Iterable[pytest.Item]) -> None:
    """Tell each layer which of its cases will be asked for."""
    for item in items:
        if isinstance(item, CaseItem):
            item.layer.due.append(item.number)


class Failed(AssertionError):
    """A case that fails: its text is what the terminal says."""


class AsExpected(Failed):
    """One that fails as its entry says."""


class SubjectNode(pytest.Collector):
    """A module, a file or an oracle."""

    def __init__(self, settings: Settings, **given: Any) -> None:
        super().__init__(**given)
        self.settings = settings

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each case, and of each layer one for what it keeps, and one for what no case
        ran."""
        try:
            run = ByCase(self.name, self.settings.options)
        except UsageError as error:
            raise self.CollectError(f"layercheck: {error}") from None
        self.config.stash[OPENED].append(run)
        if run.subject.problem:
            raise self.CollectError(f"layercheck: {run.subject.name}: {run.subject.problem}")
        several = {layer.layer.op: 0 for layer in run.layers}
        for layer in run.layers:
            several[layer.layer.op] += 1
        for layer in run.layers:
            own = f"{layer.layer.forward}: " if several[layer.layer.op] > 1 else ""
            for number, task in enumerate(layer.tasks):
                name = f"{own}{sentence(task.case)}"
                yield CaseItem.from_parent(self, name=name, run=run, layer=layer, number=number)
            if not run.subject.is_oracle:
                name = f"{own}{layer.layer.op}: {KEPT}"
                yield KeptItem.from_parent(self, name=name, run=run, layer=layer)
            if layer.layer.code.places:
                name = f"{own}{layer.layer.op}: {UNRUN}"
                yield UnrunItem.from_parent(self, name=name, run=run, layer=layer)
        for check in run.without_case():
            name = f"{check.target}: {ASKED}"
            yield UnaskedItem.from_parent(self, name=name, check=check)


class Judged(pytest.Item):
    """A test that fails by what it came to. expected: the entry that says that it does."""

    def __init__(self, run: ByCase, layer: LayerByCase, **given: Any) -> None:
        super().__init__(**given)
        self.run, self.layer = run, layer
        self.expected: Expected | None = None

    def fail(self, outcomes: Sequence[Outcome]) -> None:
        """Fail with what the terminal says; as expected, if it is."""
        text = Report.of(self.run.report(outcomes)).failures_text()
        verdicts = {str(self.run.verdict(one)) for one in outcomes}
        if self.expected is None:
            raise Failed(text)
        if verdicts == {self.expected.verdict}:
            raise AsExpected(text)
        raise Failed(f"expected to be {self.expected.verdict} ({self.expected.told}), but\n{text}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """No traceback of ours."""
        if isinstance(excinfo.value, Failed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path | str, int | None, str]:
        """The function under check, where it is written."""
        function = function_of(self.layer)
        if function is None:
            return self.path, None, self.name
        return function.__code__.co_filename, function.__code__.co_firstlineno - 1, self.name


class CaseItem(Judged):
    """One case of one layer."""

    def __init__(self, number: int, **given: Any) -> None:
        super().__init__(**given)
        self.number = number

    def runtest(self) -> None:
        """Fails as its case does, and where a function has no answer to it; skipped where an oracle
        has none."""
        outcome = self.layer.outcome(self.number)
        if self.run.fails(outcome):
            if outcome.beyond:
                pytest.xfail(f"goes beyond what is asked: {outcome.beyond}")
            self.fail([outcome])
        gaps = self.run.gaps(outcome)
        if gaps:
            reasons = dict.fromkeys(c.reason for c in outcome.judged.own if c.reason)
            told = "; ".join(reasons) or "nothing was compared"
            raise Failed(f"{', '.join(gaps)} gave nothing to compare: {told}")
        if self.run.verdict(outcome).is_silent:
            reasons = dict.fromkeys(c.reason for c in outcome.judged.own if c.reason)
            pytest.skip("; ".join(reasons) or "nothing was compared")


class KeptItem(Judged):
    """A layer asked in other orders, with views, and many times."""

    def runtest(self) -> None:
        """Fails where a call depends on an earlier one."""
        found = self.layer.probed()
        if found:
            self.fail(found)


class UnrunItem(Judged):
    """What no case of a layer ran, as a run of the command line looks for it."""

    def runtest(self) -> None:
        """Fails where a case that runs it does; where it is strict, of any that is left."""
        left = self.run.never_run(self.layer)
        for check in left:
            self.user_properties.append((NEVER_RUN, f"{check.target}: {never_run(check)}"))
        found = self.layer.hunted()
        failing = [one for one in found if self.run.fails(one) and not one.beyond]
        if failing:
            self.fail(failing)
        short = [c for c in left if any(n.counts for n in c.never_run) and not c.passed]
        if self.run.options.strict and short:
            told = [f"{check.target} {check.verdict}: {never_run(check)}" for check in short]
            raise Failed("\n".join(told))


class Plain(pytest.Item):
    """A test of no case."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """No traceback of ours."""
        return str(excinfo.value)


class UnaskedItem(Plain):
    """What ought to be asked and cannot be, or cannot be read."""

    def __init__(self, check: Check, **given: Any) -> None:
        super().__init__(**given)
        self.check = check

    def runtest(self) -> None:
        """Fails, with the reason."""
        raise Failed(f"{blame(self.check)}: {self.check.note}")


class Stale(Plain):
    """An expected failure that is about nothing."""

    is_stale = True

    def runtest(self) -> None:
        """Fails."""
        raise Failed(
            f"no test that was collected fits id = {self.name!r}; expected an id as it is printed, "
            "with * for any text; correct it, or remove it from the expected failures"
        )


def function_of(layer: LayerByCase) -> Any:
    """The function that was written, where there is one in this process."""
    found = getattr(layer.layer.implementation, "functions", None)
    forward = found(layer.layer.op)[0] if found is not None else None
    made = inspect.unwrap(forward) if forward is not None else None
    return made if inspect.isfunction(made) else None
