"""The formats that other programs read, each as its reader wants it."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from command_line import ROOT, layercheck
from conftest import required
from large_report import large
from sample_reports import LARGE, bad, check, failing, homework, passing, report_of

from layercheck.cli import commands
from layercheck.reporting.earlier import is_replaceable
from layercheck.reporting.formats import csv as table
from layercheck.reporting.formats import formats, github, jsonl, junit, markdown
from layercheck.reporting.records import Change, Comparison
from layercheck.reporting.report import Report
from layercheck.reporting.words import on_one_line

HOSTILE = 'a|b `c` <script> \x1b[2J ::error::x\n]]>& "q"'


def hostile() -> Report:
    """A report whose names and texts try to be more than text."""
    wrong = bad(LARGE, reason=HOSTILE, array=HOSTILE, called=HOSTILE)
    return report_of([wrong], [check(HOSTILE, "wrong", 1, 1, first_wrong=wrong, note=HOSTILE)])


def regressed() -> Report:
    """One that fails, with more that is worse than in its baseline."""
    change = Change("gone", HOSTILE, "compared", "not given", is_regression=True)
    return failing().held_against([change, replace(change, what="conv2d", is_regression=False)])


def failed(report: Report) -> int:
    """How much there is that a run fails by."""
    return len(report.failing_checks) + len(report.new_defects) + len(report.regressions)


REPORTS = {
    "regressed": regressed,
    "passing": passing,
    "failing": failing,
    "homework": homework,
    "large": lambda: large(3),
    "hostile": hostile,
}


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest) -> Report:
    return REPORTS[request.param]()  # type: ignore[no-any-return]


def test_junit_is_what_its_readers_take(report: Report) -> None:
    suites = required("junitparser").JUnitXml.fromstring(junit.render(report).encode())
    (suite,) = list(suites)
    cases = list(suite)
    assert [c.name for c in cases if c.is_passed] == [
        " ".join(one.target.split("\n")) for one in report.checks if one.passed
    ]
    told = [kind for case in cases for kind in case.result]
    failures = [one for one in told if type(one).__name__ in ("Failure", "Error")]
    assert len(failures) == suites.failures + suites.errors
    assert len(failures) == failed(report)
    assert suite.tests == len(cases)
    assert suite.skipped == len(report.not_checked)


ALLOWED = {
    "testsuites": {"name", "tests", "failures", "errors", "time", "disabled"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"name", "classname", "time", "file", "line", "assertions", "status"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set(),
}
"""Elements and attributes of Jenkins's junit-10.xsd that a document of ours may have."""


def test_junit_has_no_more_than_the_schema_of_jenkins(report: Report) -> None:
    for element in ET.fromstring(junit.render(report)).iter():
        assert set(element.attrib) <= ALLOWED[element.tag]


def test_csv_has_a_row_for_each_comparison(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(table.render(report))))
    assert len(rows) == len(report.comparisons)
    entries = list(report.entries(of_subject=False))
    assert [(r["case"], r["array"], r["verdict"]) for r in rows] == [
        (e.case, on_one_line(e.array), str(e.verdict)) for e in entries
    ]


def test_markdown_shows_every_function_and_nothing_else(report: Report) -> None:
    text = markdown.render(report)
    body = text.partition("| --- |")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(body) == len(report.checks)
    assert all(line.replace("\\|", "").count("|") == 5 for line in body)
    assert "<script>" not in text
    assert "\x1b" not in text
    assert markdown.plain("a&lt;b") == "a\\&lt;b"
    assert markdown.plain("by @octocat") == "by @<!-- -->octocat"


def test_github_gets_a_command_for_each_failure_and_no_other(report: Report) -> None:
    lines = github.render(report).splitlines()
    errors = [line for line in lines if line.startswith("::error ")]
    assert len(errors) == failed(report)
    assert len(lines) == len(errors) + 1
    assert lines[-1].startswith("::notice title=layercheck ")
    assert all(line.count("::error::") == 0 or "%0A" in line for line in errors)


def test_github_points_at_the_functions_line_and_adds_to_the_summary(tmp_path: Path) -> None:
    file = "examples/homework/layers_with_mistakes.py"
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    ran = layercheck(
        *("check", file, "--op", "batchnorm_backward", "--report", "github"),
        GITHUB_STEP_SUMMARY=str(summary),
        GITHUB_WORKSPACE=str(ROOT),
    )
    line = next(
        n
        for n, text in enumerate((ROOT / file).read_text().splitlines(), 1)
        if text.startswith("def batchnorm_backward(")
    )
    assert ran.stdout.startswith(
        f"::error file={file},line={line},title=batchnorm_backward wrong::"
    )
    assert "WRONG           batchnorm_backward  in " in ran.stderr
    assert summary.read_text().startswith("before\n## layercheck: ")


def test_jsonl_has_every_comparison_of_the_run_in_full(tmp_path: Path) -> None:
    both = [tmp_path / "r.jsonl", tmp_path / "r.json"]
    told = CliRunner().invoke(
        commands,
        [
            *("check", "ref_layers", "--oracle", "exact", "--op", "relu", "--grid", "quick"),
            *("--report", f"jsonl={both[0]}", "--report", f"json={both[1]}"),
            *("--report", f"csv={tmp_path / 'r.csv'}"),
        ],
        standalone_mode=False,
    )
    assert told.return_value == 0, told.output
    first, *lines = map(json.loads, both[0].read_text().splitlines())
    whole = json.loads(both[1].read_text())
    assert first == jsonl.HEAD
    compared = [line for line in lines if "array" in line]
    assert len(compared) == whole["summary"]["comparisons"] > 20
    assert {key for line in compared for key in line} <= set(Comparison.__dataclass_fields__)
    assert [line["check"] for line in lines if "check" in line] == whole["checks"]
    assert lines[-1]["summary"] == whole["summary"]
    assert len((tmp_path / "r.csv").read_text().splitlines()) == len(compared) + 1


@pytest.mark.parametrize("name", formats())
def test_a_report_is_written_over_an_earlier_one_and_over_nothing_else(
    name: str, tmp_path: Path
) -> None:
    for number, made in enumerate((passing(), failing())):
        path = tmp_path / f"{number}"
        formats()[name].write(made, path)
        assert is_replaceable(path), path.read_text()[:80]
    (tmp_path / "mine").write_text("my notes")
    assert not is_replaceable(tmp_path / "mine")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["docx=a"], "got --report docx=a; expected FORMAT=FILE with one of: csv, github, html"),
        (["junit"], "got --report junit; expected a file: --report junit=report.xml"),
        (["csv=a.csv", "csv=b.csv"], "got --report csv twice"),
        (["csv=-", "github"], "standard output takes one report"),
        (["csv=layers.py"], "that is a source's name"),
    ],
)
def test_formats_that_cannot_be_meant_are_refused(
    given: list[str], told: str, tmp_path: Path
) -> None:
    named = [part for one in given for part in ("--report", one)]
    run = layercheck("check", "ref_layers", *named, cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert run.returncode == 2
    assert told in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_the_old_report(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    jsonl.write(passing(), path)
    before = path.read_bytes()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "layercheck", "check", "ref_layers", "--oracle", "exact"),
            *("--op", "conv2d", "--report", f"jsonl={path}"),
        ],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert process.stderr is not None
    try:
        process.stderr.readline()  # a tenth of the cases is done
        halves = [p for p in tmp_path.iterdir() if p != path]
        assert len(halves) == 1
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert path.read_bytes() == before
