"""Where the time of a run goes: no second is counted twice, and none is lost."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from layercheck import stages
from layercheck.cases.case import INPUTS, QUESTIONS
from layercheck.cli import commands as cli
from layercheck.errors import UsageError
from layercheck.stages import OTHER, START, Stages, stage

LINE = re.compile(r"  (?P<name>.+?) +(?P<seconds>\d+\.\d{3}) s +\d+%")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds, as a test sets them."""
    now = [10.0]
    monkeypatch.setattr(stages.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(stages, "BEGAN", 8.0)
    monkeypatch.setattr(stages, "STAGES", Stages())
    return now


def test_a_stage_is_without_those_within_it(clock: list[float]) -> None:
    @stage("inner")
    def inner() -> None:
        clock[0] += 1

    @stage("outer")
    def outer() -> None:
        clock[0] += 2
        inner()
        inner()

    stages.STAGES.begin()
    outer()
    clock[0] += 5
    assert stages.STAGES.seconds == {START: 2.0, "inner": 2.0, "outer": 2.0}
    assert stages.STAGES.calls["inner"] == 2
    told = {m["name"]: float(m["seconds"]) for m in map(LINE.match, stages.STAGES.lines()[1:]) if m}
    assert told == {OTHER: 5.0, START: 2.0, "inner": 2.0, "outer": 2.0}


def test_one_that_raises_is_counted_and_closed(clock: list[float]) -> None:
    @stage("failing")
    def failing() -> None:
        clock[0] += 3
        raise ValueError

    stages.STAGES.begin()
    for _ in range(2):
        with suppress(ValueError):
            failing()
    assert stages.STAGES.seconds["failing"] == 6.0
    assert stages.STAGES.within == []


def test_other_threads_and_runs_that_do_not_ask_count_nothing(clock: list[float]) -> None:
    @stage("aside")
    def aside() -> None:
        clock[0] += 1

    aside()
    stages.STAGES.begin()
    thread = threading.Thread(target=aside)
    thread.start()
    thread.join()
    assert "aside" not in stages.STAGES.seconds


def test_a_check_says_where_its_time_went(monkeypatch: pytest.MonkeyPatch) -> None:
    for store in (INPUTS, QUESTIONS):  # what another test drew is drawn here
        monkeypatch.setattr(store, "kept", OrderedDict())
    ran = CliRunner().invoke(
        cli, ["check", "ref_layers", "--oracle", "exact", "--op", "relu", "--profile-run"]
    )
    assert ran.exit_code == 0, ran.output
    head = re.search(r"where (\d+\.\d\d) s went", ran.stderr)
    told = [m for m in map(LINE.match, ran.stderr.splitlines()) if m]
    assert head
    assert {"exact results and bounds", "drawing values", "comparing", OTHER} <= {
        m["name"] for m in told
    }
    assert sum(float(m["seconds"]) for m in told) == pytest.approx(float(head[1]), abs=0.02)
    assert "where" not in ran.stdout


def test_of_several_files_it_is_refused(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("")
    out = str(tmp_path / "out")
    for subjects in ([str(tmp_path)], [str(tmp_path / "a.py"), str(tmp_path / "b.py")]):
        ran = CliRunner().invoke(cli, ["check", *subjects, "--out", out, "--profile-run"])
        assert isinstance(ran.exception, UsageError)
        assert "got --profile-run with several files" in str(ran.exception)
