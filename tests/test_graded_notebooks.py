"""Notebooks graded by otter-grader and by nbgrader, with what `layercheck otter make` and
`layercheck nbgrader make` wrote: the points are those of grades.csv."""

from __future__ import annotations

import csv
import json
import linecache
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import required
from submitted import OTHERS

import layercheck
from layercheck.cli import commands
from layercheck.errors import UsageError

ROOT = Path(__file__).parents[1]

TABLE = """
partial = true
[score]
relu_forward = 3
relu_backward = 2
affine_forward = 5
"ReLU.forward" = 1
softmax_loss = 4
"""

MOST = {
    "relu_forward": 3,
    "relu_backward": 2,
    "affine_forward": 5,
    "ReLU.forward": 1,
    "softmax_loss": 4,
}

HEAD = "import sys, warnings\nimport numpy as np\nZERO = 0"

RELU = """
def relu_forward(x):
    print("at", x.shape)
    print("at", x.shape, file=sys.stderr)
    warnings.warn("mine")
    return np.maximum(x, ZERO), x

def mine(dout, cache):
    return dout * (cache > 0)

relu_backward = mine

class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (self.x > 0)
"""

AFFINE = """
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(0)
"""

STUDENTS = {
    "right": (RELU, AFFINE),
    "wrong": (RELU.replace("cache > 0", "cache > 1"), AFFINE.replace("@ w + b,", "@ w + b[0],")),
    "broken": (RELU.replace("(x):", "(x:"), f"{AFFINE}\n1 / 0\n"),
}


def run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python module, with a home of its own."""
    own = {name: str(place / "home") for name in ("HOME", "IPYTHONDIR", "JUPYTER_DATA_DIR")}
    scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own |= {"PATH": scripts, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": ""}
    return subprocess.run(
        [sys.executable, *(() if "-c" in arguments else ("-m",)), *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **own},
    )


def ran_well(place: Path, *arguments: str) -> str:
    ran = run(place, *arguments)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def notebook(*cells: str) -> dict[str, Any]:
    """A notebook of nbformat 4.4, whose cells have no ids."""
    made = [
        {"cell_type": "code", "source": s, "metadata": {}, "outputs": [], "execution_count": None}
        for s in cells
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": made,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 4,
    }


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a teacher has, what students handed in, and their grades."""
    place = tmp_path_factory.mktemp("course")
    (place / "required.toml").write_text(TABLE)
    (place / "in").mkdir()
    for name, cells in STUDENTS.items():
        (place / "in" / f"{name}.ipynb").write_text(json.dumps(notebook(HEAD, *cells)))
    run(place, "layercheck", "check", "in", "--require", "required.toml", "--out", "out")
    assert (place / "out" / "grades.csv").is_file()
    return place


def of_table(place: Path) -> dict[str, dict[str, float]]:
    """The points of grades.csv, to two digits."""
    with (place / "out" / "grades.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {row["student"]: {name: float(row[name]) for name in MOST} for row in rows}


def made(place: Path, platform: str, out: str, *more: str) -> str:
    """What a command says that made something."""
    asked = [platform, "make", "--require", "required.toml", "--hints", "condition", "--out", out]
    return ran_well(place, "layercheck", *asked, *more)


# ---------------------------------------------------------------------- otter-grader


def otter_results(place: Path, student: str) -> dict[str, dict[str, Any]]:
    """What `otter run` writes for a student, by function."""
    (place / f"otter-{student}").mkdir()
    more = ["-a", "autograder.zip", "-o", f"otter-{student}", "--no-logo"]
    ran_well(place, "otter", "run", f"in/{student}.ipynb", *more)
    told = json.loads((place / f"otter-{student}" / "results.json").read_text())["tests"]
    return {test["name"]: test for test in told if test.get("max_score")}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what otter imports
def test_otter_gives_the_points_of_the_table(course: Path) -> None:
    required("otter")
    assert "partial = true gives no points" in made(course, "otter", "tests")
    with zipfile.ZipFile(course / "autograder.zip", "w") as archive:
        archive.writestr("otter_config.json", "{}")
        for path in (course / "tests").iterdir():
            archive.write(path, f"tests/{path.name}")
    for student, points in of_table(course).items():
        told = otter_results(course, student)
        whole = {name: most if points[name] == most else 0 for name, most in MOST.items()}
        assert {name: one["score"] for name, one in told.items()} == whole
        assert {name: one["max_score"] for name, one in told.items()} == MOST
        if student == "wrong":
            says = told["affine_forward"]["output"].partition("AssertionError: ")[2]
            assert_says_where_and_not_why(says)


def assert_says_where_and_not_why(says: str) -> None:
    """As the terminal with --hints condition."""
    assert says.startswith("  WRONG           affine_forward  in 18 of 22 cases")
    assert "out: got " in says
    assert "where: fails in 22 of 23 cases where " in says
    assert "why: " not in says


# ---------------------------------------------------------------------- nbgrader


def handed_in(place: Path, student: str) -> None:
    """A student's notebook: the one that was released, with the student's cells."""
    book = json.loads((place / "release" / "ps1" / "layers.ipynb").read_text())
    own = [cell for cell in book["cells"] if not is_graded(cell)]
    for cell, text in zip(own, (HEAD, *STUDENTS[student]), strict=True):
        cell["source"] = text
    folder = place / "submitted" / student / "ps1"
    folder.mkdir(parents=True)
    (folder / "layers.ipynb").write_text(json.dumps(book))


def is_graded(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


def outputs_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The outputs of a graded notebook's cells, by function."""
    cells = [cell for cell in json.loads(path.read_text())["cells"] if is_graded(cell)]
    names = [cell["metadata"]["nbgrader"]["grade_id"].partition("-")[2] for cell in cells]
    return dict(zip(names, (cell["outputs"] for cell in cells), strict=True))


@pytest.mark.slow
def test_nbgrader_gives_the_points_of_the_table_in_part_too(course: Path) -> None:
    required("nbgrader")
    (course / "source" / "ps1").mkdir(parents=True)
    (course / "own.ipynb").write_text(json.dumps(notebook("# yours", "# relu", "# affine")))
    made(course, "nbgrader", "source/ps1/layers.ipynb", "--notebook", "own.ipynb")
    (course / "nbgrader_config.py").write_text("c = get_config()\n")
    ran_well(course, "nbgrader", "generate_assignment", "ps1")
    for student in STUDENTS:
        handed_in(course, student)
    ran_well(course, "nbgrader", "autograde", "ps1")
    for student, points in of_table(course).items():
        scores = scores_of(course, student)
        assert {name: round(score, 2) for name, score in scores.items()} == points
        path = course / "autograded" / student / "ps1" / "layers.ipynb"
        for outputs in outputs_of(path).values():
            *streams, value = outputs
            assert {one.get("name") for one in streams} == {"stdout"}  # in one part or several
            assert value["output_type"] == "execute_result"
        if student == "wrong":
            assert 0 < points["affine_forward"] < MOST["affine_forward"]
            streams = outputs_of(path)["affine_forward"][:-1]
            assert_says_where_and_not_why("".join("".join(one["text"]) for one in streams))


GRADEBOOK = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    (own,) = book.find_submission("ps1", sys.argv[1]).notebooks
    print(json.dumps({one.cell.name: one.score for one in own.grades}))
"""


def scores_of(place: Path, student: str) -> dict[str, float]:
    """What the gradebook has of a student, by function."""
    (place / "gradebook.py").write_text(GRADEBOOK)
    code = f"import sys; sys.argv[1:] = [{student!r}]; exec(open('gradebook.py').read())"
    told = json.loads(ran_well(place, "-c", code).splitlines()[-1]).items()
    return {name.partition("-")[2].replace("ReLU-", "ReLU."): score for name, score in told}


# ---------------------------------------------------------------------- what a cell or a test asks


def namespace(*cells: str) -> dict[str, Any]:
    """What a kernel has after cells, whose text is found as a kernel's is."""
    made: dict[str, Any] = {"__name__": "__main__"}
    for number, text in enumerate(cells):
        name = f"<cell {number} of {id(made)}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec"), made)
    return made


@pytest.mark.filterwarnings("ignore:mine")
def test_a_namespace_is_asked_as_a_file_that_defines_the_same(tmp_path: Path) -> None:
    cells = (HEAD, *STUDENTS["wrong"])
    (tmp_path / "layers.py").write_text("\n".join(cells))
    here, file = layercheck.check(namespace(*cells)), layercheck.check(tmp_path / "layers.py")
    came_to = [(c.target, c.verdict, c.cases, c.compared, c.failed) for c in here.checks]
    assert came_to == [(c.target, c.verdict, c.cases, c.compared, c.failed) for c in file.checks]
    assert {one.name for one in here.not_checked} == {one.name for one in file.not_checked}
    alone = layercheck.check(namespace(*cells), ops="affine_backward()")
    assert [check.target for check in alone.checks] == ["affine_backward"]


def test_a_namespace_without_a_layer_is_refused() -> None:
    with pytest.raises(UsageError, match=r"defines no layer; expected a namespace such as globals"):
        layercheck.check({"x": 3})


@pytest.mark.filterwarnings("ignore:mine")
def test_a_mark_has_points_and_says_what_the_terminal_says(
    capfd: pytest.CaptureFixture[str],
) -> None:
    own = namespace(HEAD, *STUDENTS["wrong"])
    right = layercheck.mark(own, "relu_forward", 3)
    assert (right.passed, right.points, right.most) == (True, 3.0, 3.0)
    assert right.text == "  ok              relu_forward  exact in 19 cases"
    assert capfd.readouterr() == ("", "")  # it prints, and warns
    for tell, head in (("none", ""), ("condition", "where: "), ("full", "why: ")):
        wrong = layercheck.mark(own, "affine_forward", 5, tell=tell)
        assert (wrong.passed, wrong.points) == (False, 0.0)
        assert head in wrong.text
        assert ("where: " in wrong.text) == (tell != "none")
        assert ("why: " in wrong.text) == (tell == "full")
        assert "relu" not in wrong.text
    part = layercheck.mark(own, "affine_forward", 5, partial=True)
    assert part.points == 5 * (4 / 22)


@pytest.mark.parametrize(
    ("function", "verdict", "text"),
    [
        ("softmax_loss", "missing", "softmax_loss is not there; expected a function of that name"),
        ("affine_forward", "missing", "affine_forward is not there; expected a function of that"),
        ("mine", "missing", "mine: missing\na helper of relu_backward"),
        ("conv_forward_naive", "missing", "conv_forward_naive: missing\nit is declared as relu"),
        ("max_pool_forward_naive", "narrowed", "max_pool_forward_naive: narrowed\nit takes no"),
    ],
)
def test_a_mark_says_why_a_function_is_not_what_is_required(
    function: str, verdict: str, text: str
) -> None:
    mark = layercheck.mark(namespace(HEAD, RELU, OTHERS), function)
    assert (mark.verdict, mark.points) == (verdict, 0)
    assert mark.text.startswith(text)


def test_what_is_made_goes_over_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "required.toml").write_text(TABLE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "relu_forward.py").write_text("mine")
    (tmp_path / "mine.ipynb").write_text(json.dumps(notebook("mine")))
    refused = command(tmp_path, "otter", "make", "--out", "tests")
    assert "is there and none of our tests" in refused
    assert [path.name for path in (tmp_path / "tests").iterdir()] == ["relu_forward.py"]
    assert "no cells of ours" in command(tmp_path, "nbgrader", "make", "--out", "mine.ipynb")
    more = ("--out", "new.ipynb", "--notebook", "mine.ipynb")
    assert "wrote new.ipynb" in command(tmp_path, "nbgrader", "make", *more)
    first = (tmp_path / "new.ipynb").read_text()
    again = ("--out", "new.ipynb", "--notebook", "new.ipynb")
    assert "wrote new.ipynb" in command(tmp_path, "nbgrader", "make", *again)
    assert (tmp_path / "new.ipynb").read_text() == first  # its cells stand once
    (tmp_path / "required.toml").write_text('[score]\n"../x" = 1\n')
    for platform, out in (("otter", "new"), ("nbgrader", "new.ipynb")):
        told = command(tmp_path, platform, "make", "--out", out)
        assert "got '../x' among the functions that count; expected a name" in told


def command(place: Path, *arguments: str) -> str:
    """What a command says, in this process."""
    asked = [*arguments, "--require", "required.toml"]
    before = Path.cwd()
    os.chdir(place)
    try:
        told = CliRunner().invoke(commands, asked)
    finally:
        os.chdir(before)
    return told.output + (str(told.exception) if told.exception else "")
