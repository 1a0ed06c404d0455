"""A forward in one file of a student and its backward in another: one submission, and never two
students' files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from layercheck.pipeline.classroom.joining import together
from layercheck.pipeline.classroom.run import Grading, check_class, grade_one, stage
from layercheck.pipeline.many import Say
from layercheck.pipeline.options import Options
from layercheck.reporting.classroom.records import Grade, Required
from layercheck.submissions.profiles import notebooks

HEAD = "from __future__ import annotations\n\nimport numpy as np\n\n"
FORWARD = f"{HEAD}def relu_forward(x):\n    return np.maximum(x, 0), [x]\n"
BACKWARD = f"{HEAD}def relu_backward(dout, cache):\n    (x,) = cache\n    return dout * (x > 0)\n"
PLAIN = {
    "forward.py": f"{HEAD}def sigmoid(x):\n    s = 1 / (1 + np.exp(-x))\n    return s, [s]\n",
    "backward.py": "from forward import sigmoid\n\ndef sigmoid_backward(dout, cache):\n"
    "    return dout * cache[0] * (1 - cache[0])\n",
}
RELU = Required({"relu_forward": 1.0, "relu_backward": 1.0})
SIGMOID = Required({"sigmoid": 1.0, "sigmoid_backward": 1.0})


def graded(
    folder: Path, out: Path, required: Required | None, say: Say = print
) -> dict[str, Grade]:
    grading = Grading(required)
    _, whole = check_class(stage(folder, out, grading), grading, Options(), 1, out, say)
    assert whole is not None
    return {grade.name: grade for grade in whole.grades}


def hand_in(folder: Path, who: str, **files: str) -> None:
    (folder / who).mkdir(parents=True)
    for name, text in files.items():
        (folder / who / f"{name}.py").write_text(text)


def notebook(*cells: str) -> str:
    made = [{"cell_type": "code", "metadata": {}, "source": cell} for cell in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def hand_in_notebook(folder: Path, who: str, name: str, *cells: str) -> None:
    (folder / who).mkdir(parents=True, exist_ok=True)
    (folder / who / f"{name}.ipynb").write_text(notebook(*cells))


def test_a_backward_gets_the_cache_that_the_other_file_makes(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "anna", fwd=FORWARD, bwd=BACKWARD)
    hand_in(folder, "bo", fwd=FORWARD, bwd=BACKWARD.replace("x > 0", "x > 1"))
    hand_in(folder, "cy", fwd=FORWARD)
    hand_in(folder, "dee", bwd=BACKWARD, more=HEAD + "def tanh(x):\n    return np.tanh(x)\n")
    grades = graded(folder, out, RELU)
    assert {name: grade.points for name, grade in grades.items()} == {
        "anna": 2.0,
        "bo": 1.0,
        "cy": 1.0,
        "dee": 0.0,  # whose forward is somebody else's
    }
    assert grades["anna"].is_right
    assert not grades["anna"].notes
    assert "fwd.py and bwd.py" in grades["anna"].pages
    assert grades["bo"].marks[1].verdict == "wrong"
    assert "its forward relu_forward is not in this file" in grades["dee"].marks[1].reasons[0]
    again = graded(folder, out, RELU)
    assert {n: g.points for n, g in again.items()} == {n: g.points for n, g in grades.items()}


@pytest.mark.parametrize("required", [SIGMOID, None], ids=["required", "what most have"])
def test_a_file_that_imports_the_other_counts_too(
    required: Required | None, tmp_path: Path
) -> None:
    hand_in(tmp_path / "in", "anna", **{n.removesuffix(".py"): t for n, t in PLAIN.items()})
    (anna,) = graded(tmp_path / "in", tmp_path / "out", required).values()
    assert [(mark.function, mark.passed) for mark in anna.marks] == [
        ("sigmoid", True),
        ("sigmoid_backward", True),
    ]


def test_one_submission_alone_is_graded_alike(tmp_path: Path) -> None:
    hand_in(tmp_path, "anna", fwd=FORWARD, bwd=BACKWARD)
    grade = grade_one(tmp_path / "anna", RELU, Options(), 1, tmp_path / "out")
    assert (grade.points, grade.most) == (2.0, 2.0)


def test_files_that_define_one_name_in_two_ways_stay_apart(tmp_path: Path) -> None:
    first, second = tmp_path / "fwd.py", tmp_path / "bwd.py"
    for texts, is_one in (
        (("EPS = 1\n", "EPS = 1\n"), True),
        (("EPS = 1\n", "EPS = 2\n"), True),  # which nothing reads
        (("EPS = 1\ndef f(x):\n    return x + EPS\n", "EPS = 2\n"), False),
        (("x = 1\ndef f(x):\n    return x\n", "x = 2\ndef g(y):\n    x = y\n"), True),
        (("x = 1\ndef f(y, z=x):\n    return f(y, x)\n", "x = 2\n"), False),
        (("x = 1\nf = lambda y: x * y\n", "x = 2\n"), False),
        (("n = 1\ndef f(y):\n    for n, one in y:\n        print(n)\n", "n = 2\n"), True),
        (("x = 1\nclass A:\n    def f(self):\n        return x\n", "x = 2\n"), False),
        (("def pad(x): ...\n", "def pad(x, n): ...\n"), False),
        (("def pad(x): ...\n", "pad = None\n"), False),
        (("def pad(x, n):\n\n    return n\n\nK = 1\n", "def pad(x, n):\n\n    return n\n"), True),
        (("def pad(x, n):\n    return n\n", "def pad(x, n):\n    return x\n"), False),
        (("x = 1\n", "from fwd import (\n    x,\n)\ny = x\n"), True),
    ):
        first.write_text(texts[0])
        second.write_text(texts[1])
        made = together([first, second])
        assert (made is not None) is is_one, texts
    assert made == b"x = 1\n\n\n\ny = x\n"


def test_a_notebook_and_a_file_and_two_notebooks_are_joined_too(tmp_path: Path) -> None:
    """Where cells try things out, their names are nobody's: both have an `x` and a `dout`."""
    folder, out = tmp_path / "in", tmp_path / "out"
    tried = "%matplotlib inline\nx = np.linspace(-1, {0}, 3)\ndout = x * {0}\nprint(x)"
    imports = "from __future__ import annotations\nimport numpy as np"
    bare = {"f": FORWARD.removeprefix(HEAD), "b": BACKWARD.removeprefix(HEAD)}
    made = {
        "TABLE": "def table():\n    return [0, 1]\n\nZERO, ONE = table()\n",
        "forward": bare["f"].replace("maximum(x, 0)", "maximum(x, ZERO)"),
    }
    hand_in(folder, "anna", bwd=BACKWARD)
    hand_in_notebook(folder, "anna", "fwd", imports, bare["f"], tried.format(1))
    hand_in_notebook(folder, "bo", "fwd", imports, bare["f"], tried.format(1))
    hand_in_notebook(folder, "bo", "bwd", imports, tried.format(2), bare["b"])
    hand_in(folder, "cy", fwd=HEAD + made["TABLE"] + made["forward"])
    wrong = bare["b"].replace("x > 0", "x > 1")
    hand_in_notebook(folder, "cy", "bwd", imports, "%run fwd.py", wrong)
    hand_in_notebook(folder, "dee", "bwd", imports, bare["b"])
    said: list[str] = []
    grades = graded(folder, out, RELU, said.append)
    assert {name: grade.points for name, grade in grades.items()} == {
        "anna": 2.0,
        "bo": 2.0,
        "cy": 1.0,
        "dee": 0.0,
    }
    assert grades["cy"].marks[1].verdict == "wrong"
    assert "fwd.ipynb and bwd.ipynb" in grades["bo"].pages
    assert not [line for line in said if "there already" in line]
    assert "3 backwards whose forward stands in another file: checked with it" in said
    said.clear()
    assert {n: g.points for n, g in graded(folder, out, RELU, said.append).items()} == {
        name: grade.points for name, grade in grades.items()
    }
    assert [line for line in said if "there already" in line] == [
        "7 of 7 reports are there already"
    ]


def test_a_file_among_cells_is_run_as_a_whole_and_a_cell_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("TABLE = made()\n")
    (tmp_path / "b.ipynb").write_text(notebook("TABLE2 = made()", "%timeit f()", "A = 1"))
    made = together([tmp_path / "a.py", tmp_path / "b.ipynb"])
    assert made is not None
    source = notebooks.read(made.decode()).source
    assert re.findall(r"^[A-Z].*", source, re.MULTILINE) == ["TABLE = made()", "A = 1"]
