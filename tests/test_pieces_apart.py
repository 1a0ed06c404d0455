"""A piece of a submission that is wrong in itself is told, fails, and costs nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import layercheck as command
from submitted import HONEST, check_of, check_text

from layercheck.errors import UsageError
from layercheck.pipeline.classroom.run import Grading, stage, timed_out
from layercheck.pipeline.many import check_file, check_many
from layercheck.pipeline.options import Options
from layercheck.reporting.classroom.records import Required
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict
from layercheck.submissions.sandbox.limits import Limits

RELU = """import numpy as np
import layercheck

def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
FUNCTION, CLASS = "def other(x):\n    return x", "class Other:\n    pass"
MARKS = [
    ("implements('convolution')", FUNCTION, "expected one of: add, "),
    ("implements('convolution')", CLASS, "expected one of: add, "),
    ("implements('relu', y='x')", FUNCTION, "relu has no 'y'"),
]


def notebook(folder: Path, *cells: str) -> Path:
    made = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    path = folder / "homework.ipynb"
    path.write_text(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def verdicts(report: Report) -> dict[str, Verdict]:
    return {check.target: check.verdict for check in report.checks}


@pytest.mark.parametrize(("mark", "what", "told"), MARKS)
def test_a_wrong_declaration_costs_its_function_alone(
    tmp_path: Path, mark: str, what: str, told: str
) -> None:
    report = check_text(f"{RELU}\n@layercheck.{mark}\n{what}\n", tmp_path)
    other = "other" if what.startswith("def") else "Other"
    assert told in check_of(report, other).note
    found = verdicts(report)
    assert found.pop(other) is Verdict.ERROR
    assert found == {"relu_forward": Verdict.EXACT, "relu_backward": Verdict.EXACT}
    assert not report.summary.passed
    assert other not in {one.name for one in report.not_checked}


def test_the_other_half_of_a_wrong_declaration_is_accounted_for(tmp_path: Path) -> None:
    text = RELU.replace("def relu_forward", "@layercheck.implements('rellu')\ndef relu_forward")
    report = check_text(f"{text}\ndef tanh(x):\n    return np.tanh(x)\n", tmp_path)
    assert verdicts(report)["relu_forward"] is Verdict.ERROR
    told = {one.name: one.reason for one in report.not_checked}
    assert told["relu_backward"] == "relu_forward, which belongs to it, cannot be read"


def test_a_cell_that_does_not_parse_costs_its_functions_alone(tmp_path: Path) -> None:
    path = notebook(tmp_path, RELU, "def affine_forward(:\n    pass\n")
    report = check_file(path, Options())
    assert verdicts(report) == {
        "relu_forward": Verdict.EXACT,
        "relu_backward": Verdict.EXACT,
        "cell 2": Verdict.ERROR,
    }
    assert "invalid syntax" in check_of(report, "cell 2").note
    told = {one.name: one.reason for one in report.not_checked}
    assert told["affine_forward"] == "its cell 2 does not parse"
    assert not report.summary.passed


def test_a_notebook_of_nothing_else_is_unread(tmp_path: Path) -> None:
    report = check_file(notebook(tmp_path, "def affine_forward(:\n    pass\n"), Options())
    (check,) = report.checks
    assert check.verdict is Verdict.ERROR
    assert check.note.startswith("cell 1: invalid syntax")


def test_an_anonymous_run_into_named_reports_leaves_them_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "in/anna").mkdir(parents=True)
    (tmp_path / "in/anna/layers.py").write_text(HONEST)
    out = tmp_path / "out"
    stage(tmp_path / "in", out, Grading(Required({"relu_forward": 1.0})))
    (out / "anna__layers-py.json").write_text("{}")
    before = sorted(out.rglob("*"))
    with pytest.raises(UsageError, match="is of a run that named students"):
        stage(tmp_path / "in", out, Grading(Required({"relu_forward": 1.0}), anonymous=True))
    assert sorted(out.rglob("*")) == before


def test_what_was_too_slow_to_load_is_checked_once_more(tmp_path: Path) -> None:
    slow, quick = tmp_path / "slow.py", tmp_path / "quick.py"
    slow.write_text(f"import time\ntime.sleep(60)\n{RELU}")
    quick.write_text(RELU)
    options = Options(ops=("relu",), limits=Limits(call_seconds=3.0))
    check_many([quick, slow], options, 1, tmp_path / "out", lambda text: None)
    found = timed_out([quick, slow], tmp_path / "out", 0.0)
    assert [one.name for one in found] == ["slow-py.json"]


def test_a_students_own_folder_is_graded(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(RELU)
    table = tmp_path / "points.toml"
    table.write_text("[score]\nrelu_forward = 1\n")
    run = command("grade", ".", "--require", str(table), cwd=tmp_path)
    assert "1 of 1 points" in run.stdout, run.stderr


def test_the_table_of_pseudonyms_is_nobodys_work(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/anna.py").write_text(HONEST)
    grading = Grading(Required({"relu_forward": 1.0}), anonymous=True)
    stage(tmp_path / "in", tmp_path / "out", grading)
    assert (tmp_path / "in/layercheck-pseudonyms.csv").is_file()
    again = stage(tmp_path / "in", tmp_path / "out", grading)
    assert again.left_out == []


def test_a_function_that_nobody_has_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/anna.py").write_text(RELU)
    (tmp_path / "in/bo.py").write_text("def relu_backward(dout, cache):\n    return dout\n")
    table = tmp_path / "points.toml"
    table.write_text("[score]\nrelu_forwrad = 1\nrelu_backward = 1\n")
    run = command("check", "in", "--require", "points.toml", "--out", "out", cwd=tmp_path)
    told = "relu_forwrad counts, and is in none of 2 submissions; did you mean relu_forward?"
    assert told in run.stderr
    grades = (tmp_path / "out/grades.csv").read_text()
    assert "does not pass: its forward relu_forward is not in this file" in grades


def test_of_a_file_with_none_of_what_counts_all_is_missing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/anna.py").write_text("def other(x):\n    return x\n")
    (tmp_path / "points.toml").write_text("[score]\nrelu_forward = 1\n")
    command("check", "in", "--require", "points.toml", "--out", "out", cwd=tmp_path)
    grades = (tmp_path / "out/grades.csv").read_text()
    assert "anna.py: defines other; missing: relu_forward" in grades
