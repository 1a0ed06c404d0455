"""A forward in one file of a student and its backward in another: one submission, and never two
students' files."""

from __future__ import annotations

from pathlib import Path

import pytest

from layercheck.pipeline.classroom.joining import together
from layercheck.pipeline.classroom.run import Grading, check_class, grade_one, stage
from layercheck.pipeline.options import Options
from layercheck.reporting.classroom.records import Grade, Required

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


def graded(folder: Path, out: Path, required: Required | None) -> dict[str, Grade]:
    grading = Grading(required)
    _, whole = check_class(stage(folder, out, grading), grading, Options(), 1, out, print)
    assert whole is not None
    return {grade.name: grade for grade in whole.grades}


def hand_in(folder: Path, who: str, **files: str) -> None:
    (folder / who).mkdir(parents=True)
    for name, text in files.items():
        (folder / who / f"{name}.py").write_text(text)


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
        (("EPS = 1\n", "EPS = 2\n"), False),
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
