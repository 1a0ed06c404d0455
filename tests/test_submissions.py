"""Submissions judged end to end: files in, verdicts and reports out."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import required

from layercheck.cases.quick import quick
from layercheck.errors import UsageError
from layercheck.mistakes import mistakes
from layercheck.pipeline.many import check_file, check_many, end_frameworks
from layercheck.pipeline.options import Options
from layercheck.reporting.formats.json import plain_report
from layercheck.reporting.records import Check
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict
from layercheck.submissions.sandbox.limits import Limits
from layercheck.upkeep.choose_quick import MOST
from layercheck.upkeep.mutation import try_mistakes
from ref_layers import OPS

ROOT = Path(__file__).parents[1]
HOMEWORK = ROOT / "examples" / "homework"
REWRITES = sorted(
    p for p in (ROOT / "tests" / "rewrites").glob("*.*") if p.suffix in (".py", ".ipynb")
)
ATTACKS = sorted(p for p in (ROOT / "tests" / "attacks").glob("*.py") if p.stem != "__init__")


def layercheck(
    *arguments: str, cwd: Path = ROOT, path: str = str(ROOT)
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "layercheck", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )


def failing(report: Report) -> dict[str, Verdict]:
    return {check.target: check.verdict for check in report.failing_checks}


def check_of(report: Report, function: str) -> Check:
    (found,) = (check for check in report.checks if check.target == function)
    return found


# ---------------------------------------------------------------------- right and wrong homework


def test_a_correct_homework_passes() -> None:
    run = layercheck("check", "examples/homework/layers.py")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "conv_backward_naive" in run.stdout
    assert "recorded answers" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_five_typical_mistakes_are_named_by_function_and_array() -> None:
    assert not failing(check_file(HOMEWORK / "layers.py", Options()))
    report = check_file(HOMEWORK / "layers_with_mistakes.py", Options())
    assert failing(report) == {
        "conv_forward_naive": "wrong",
        "conv_backward_naive": "wrong",
        "max_pool_backward_naive": "wrong",
        "batchnorm_backward": "wrong",
        "layernorm_backward": "wrong",
    }
    for check in report.failing_checks:
        assert check.first_wrong is not None
        assert check.first_wrong.case.startswith(f"{check.op} ")
        assert check.first_wrong.array in check.arrays_wrong


@pytest.mark.parametrize("path", REWRITES, ids=lambda p: p.stem)
def test_a_correct_rewrite_raises_no_alarm(path: Path) -> None:
    """`inaccurate` is not a pass, and is not given here; what is left out has a reason."""
    report = check_file(path, Options())
    assert not failing(report), report.failing_checks
    assert report.passed
    assert all(check.cases > 0 and check.compared == check.cases for check in report.checks)
    assert all(left.reason for left in report.not_checked)


def test_there_are_at_least_forty_rewrites() -> None:
    assert len(REWRITES) >= 40


@pytest.mark.parametrize("op", OPS)
def test_the_quick_grid_rejects_every_mistake_three_times(op: str) -> None:
    outcomes = try_mistakes(list(mistakes([op])), quick(op), enough=3)
    assert outcomes
    few = {o.mistake.name: len(o.rejected) for o in outcomes if len(o.rejected) < 3}
    assert not few
    assert len(quick(op)) <= MOST


@pytest.mark.parametrize("op", OPS)
def test_the_quick_grid_has_wide_values_only_where_nothing_else_shows_a_mistake(op: str) -> None:
    wide = [case for case in quick(op) if case.fill == "wide"]
    assert not wide or not OPS[op].linear
    others = [case for case in quick(op) if case.fill != "wide"]
    needed = [
        o for o in try_mistakes(list(mistakes([op])), others, enough=3) if len(o.rejected) < 3
    ]
    assert bool(wide) == bool(needed)


# ---------------------------------------------------------------------- verdicts told


HONEST = """
import numpy as np

def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
AFFINE = """
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
"""
WRONG_FORWARD = """
import numpy as np

def relu_forward(x):
    return np.where(x > 0, 2 * x, 0), x  # twice too large

def relu_backward(dout, cache):
    return np.where(cache > 0, 2 * dout, 0)  # right for that forward
"""


def check_text(text: str, folder: Path, **options: Any) -> Report:
    path = folder / "layers.py"
    path.write_text(text)
    return check_file(path, Options(**options))


def test_a_gradient_of_a_wrong_forward_is_told_from_a_wrong_gradient(tmp_path: Path) -> None:
    report = check_text(WRONG_FORWARD, tmp_path)
    assert check_of(report, "relu_forward").verdict == "wrong"
    backward = check_of(report, "relu_backward")
    assert (backward.verdict, backward.passed) == ("consistent", True)
    assert backward.note == "dx is right for its own forward; the forward is wrong"
    assert not report.passed
    other = check_text(WRONG_FORWARD.replace("2 * dout", "3 * dout"), tmp_path)
    backward = check_of(other, "relu_backward")
    assert (backward.verdict, backward.passed) == ("wrong", False)
    assert "its own forward" not in backward.note


UNFINISHED = """
def relu_forward(x):
    out = None
    cache = x
    return out, cache

def relu_backward(dout, cache):
    raise NotImplementedError

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, None

def affine_backward(dout, cache):
    raise NotImplementedError

def conv_forward_naive(x, w, b, conv_param):
    raise NotImplementedError
"""


def test_what_is_not_implemented_says_so_and_does_not_pass(tmp_path: Path) -> None:
    report = check_text(UNFINISHED, tmp_path)
    told = {c.target: (c.verdict, c.passed) for c in report.checks}
    assert told["relu_forward"] == told["conv_forward_naive"] == ("not implemented", False)
    assert told["affine_backward"] == ("not implemented", False)
    assert told["relu_backward"] == ("not judged", False)  # nothing to work on
    assert told["affine_forward"][1]
    assert told["max_pool_forward_naive"] == ("not implemented", False)  # the template has it
    assert not report.passed


def test_a_crash_costs_its_function_only(tmp_path: Path) -> None:
    text = """
import numpy as np, os

def affine_forward(x, w, b):
    os._exit(0)

def affine_backward(dout, cache):
    return None

def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
    report = check_text(text, tmp_path)
    told = {c.target: c.verdict for c in report.checks}
    assert told["affine_forward"] == "error"
    assert told["affine_backward"] == "not judged"
    assert told["relu_forward"] == "exact"
    assert told["relu_backward"] in ("exact", "rounding")
    wrong = check_of(report, "affine_forward").first_wrong
    assert wrong is not None
    assert wrong.reason == "exited: exit status 0"


def test_a_backward_that_crashes_leaves_its_forward_alone(tmp_path: Path) -> None:
    text = HONEST.replace("return dout * (cache > 0)", "__import__('os')._exit(0)")
    told = {c.target: c.verdict for c in check_text(text, tmp_path, ops=("relu",)).checks}
    assert told == {"relu_forward": "exact", "relu_backward": "error"}


def test_state_between_calls_is_an_error(tmp_path: Path) -> None:
    text = """
import numpy as np
calls = [0]

def relu_forward(x):
    calls[0] += 1
    return np.maximum(x, 0) + (calls[0] > 5), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
    assert check_of(check_text(text, tmp_path), "relu_forward").verdict == "error"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def relu_forward(x):\n    print 'x'\n", "Python 2 print statement, line 2"),
        ("def relu_forward(x:\n", "line 1: def relu_forward(x:"),
        ("def relu_forward(x):\n    return x, x\nraise RuntimeError('boom')\n", "boom"),
        ("def relu_forward(x):\n    return x, x\nexit(0)\n", "exited: called exit(0)"),
        ("def relu_forward(x):\n    return x, x\nimport os; os._exit(3)\n", "exit status 3"),
    ],
)
def test_a_file_that_does_not_load_says_why(text: str, told: str, tmp_path: Path) -> None:
    report = check_text(text, tmp_path, profile="cs231n")
    assert not report.passed
    (check,) = report.checks
    assert (check.verdict, check.passed) == ("error", False)
    assert told in check.note


def test_fresh_seeds_judge_alike_and_need_no_recording(tmp_path: Path) -> None:
    text = (HOMEWORK / "layers.py").read_text()
    report = check_text(text, tmp_path, fresh=20261121)
    assert not failing(report)
    assert report.manifest.answers == "live"
    again = check_text(text, tmp_path, fresh=20261122)
    assert not {*again.cases.text} & {*report.cases.text}


# ---------------------------------------------------------------------- the same bits


def test_two_runs_give_the_same_report() -> None:
    first, second = (check_file(HOMEWORK / "layers_with_mistakes.py", Options()) for _ in range(2))
    assert plain_report(first) == plain_report(second)


def test_live_and_recorded_answers_give_the_same_verdicts_and_figures() -> None:
    for name in ("torch", "tensorflow"):
        required(name)
    try:
        live = check_file(HOMEWORK / "layers_with_mistakes.py", Options(live=True))
    finally:
        end_frameworks()
    kept = check_file(HOMEWORK / "layers_with_mistakes.py", Options())
    assert (live.manifest.answers, kept.manifest.answers) == ("live", "recorded")
    assert live.manifest.digest != kept.manifest.digest
    pairs = zip(live.entries(of_subject=False), kept.entries(of_subject=False), strict=True)
    for one, other in pairs:
        assert [getattr(one, name) for name in TOLD] == [getattr(other, name) for name in TOLD]
        if one != other:  # another processor may move a framework's last bit, and no verdict
            assert {one.subject, one.against} & {"torch", "tensorflow"}
    for part in ("environment", "summary", "checks", "not_checked", "defects", "cases"):
        assert plain_report(live)[part] == plain_report(kept)[part]


TOLD = ("case", "op", "array", "subject", "against", "verdict")


# ---------------------------------------------------------------------- many


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "good.py": HONEST + AFFINE,
        "bad.py": WRONG_FORWARD + AFFINE,
        "broken.py": "def f(:\n",
        "empty.py": "",
        "binary.py": "\0\1\2",
    }.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def reports_of(folder: Path, out: Path, jobs: int) -> dict[str, Any]:
    check_many(sorted(folder.glob("*.py")), Options(), jobs, out, lambda text: None)
    return {p.name: p.read_bytes() for p in sorted(out.iterdir()) if p.suffix != ".html"}


def test_many_files_make_a_report_each_and_a_summary(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = layercheck("check", *(str(p) for p in sorted(folder.glob("*.py"))), "--out", str(out))
    assert run.returncode == 1, run.stderr
    table = (out / "summary.csv").read_text().splitlines()
    rows = {Path(r["subject"]).name: r for r in csv.DictReader(table)}
    assert len(rows) == 5
    assert {name for name, row in rows.items() if row["passed"] == "True"} == {"good.py"}
    assert rows["bad.py"]["failing"] == "relu_forward"
    assert "defines no function" in rows["empty.py"]["problem"]
    assert "good-py.html" in (out / "summary.html").read_text()
    assert json.loads((out / "good-py.json").read_text())["profile"] == "cs231n"


def test_one_and_two_jobs_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    one, two = (reports_of(folder, tmp_path / str(jobs), jobs) for jobs in (1, 2))
    assert {"good-py.json", "bad-py.json", "summary.csv"} <= one.keys()
    assert one == two


def test_started_again_it_does_only_what_is_missing(folder: Path, tmp_path: Path) -> None:
    out, said = tmp_path / "out", []
    paths = sorted(folder.glob("[bg]*d.py"))
    check_many(paths, Options(), 1, out, said.append)
    times = {p.name: p.stat().st_mtime_ns for p in out.glob("*.json")}
    said.clear()
    (folder / "bad.py").write_text(WRONG_FORWARD + AFFINE + "\n# changed\n")
    check_many(paths, Options(), 1, out, said.append)
    assert said[0] == "1 of 2 reports are there already"
    again = {p.name: p.stat().st_mtime_ns for p in out.glob("*.json")}
    assert again["good-py.json"] == times["good-py.json"]
    assert again["bad-py.json"] != times["bad-py.json"]


# ---------------------------------------------------------------------- attacks


SHORT = Limits(call_seconds=5.0, total_seconds=20.0)


@pytest.mark.parametrize("path", ATTACKS, ids=lambda p: p.stem)
def test_no_attack_passes_and_the_next_submission_is_judged_normally(
    path: Path, tmp_path: Path
) -> None:
    honest = "Expected: right" in path.read_text()  # odd, but its numbers are right
    if path.stem == "raises_at_import":  # it defines nothing that could be checked
        with pytest.raises(UsageError, match="defines no function"):
            check_file(path, Options(limits=SHORT))
    else:
        assert check_file(path, Options(limits=SHORT)).passed is honest
    told = {c.target: c.verdict for c in check_text(HONEST, tmp_path, ops=("relu",)).checks}
    assert told == {"relu_forward": "exact", "relu_backward": "exact"}


def test_there_are_at_least_thirty_attacks() -> None:
    assert len(ATTACKS) >= 30


# ---------------------------------------------------------------------- usage


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing_here.py"], "no file nothing_here.py"),
        (
            ["examples/homework/layers.py", "--profile", "cs999"],
            "unknown profile 'cs999'; expected one of",
        ),
        (["examples/homework/layers.py", "--op", "cheese"], "unknown op 'cheese'; expected one of"),
        (
            ["examples/homework/layers.py", "--op", "tanh"],
            "examples/homework/layers.py has nothing for tanh; it has: affine_backward, ",
        ),
        (
            ["examples/homework/layers.py", "examples/homework/layers_with_mistakes.py"],
            "need --out DIR",
        ),
        (["ref_layers", "--live"], "--live is for files"),
    ],
)
def test_wrong_usage_is_one_clear_line(arguments: list[str], told: str) -> None:
    run = layercheck("check", *arguments)
    assert run.returncode == 2, run.stdout + run.stderr
    assert told in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


def test_it_works_where_there_is_nothing_but_numpy(tmp_path: Path) -> None:
    """No framework, no python-flint: stand-ins that cannot be imported shadow them."""
    for name in ("torch", "tensorflow", "keras", "flint", "scipy"):
        (tmp_path / f"{name}.py").write_text(
            f"raise ModuleNotFoundError(\"No module named '{name}'\")\n"
        )
    shutil.copy(HOMEWORK / "layers.py", tmp_path / "mine.py")
    run = layercheck("check", "mine.py", cwd=tmp_path, path=f"{tmp_path}:{ROOT}")
    assert run.returncode == 0, run.stdout + run.stderr
