"""A class: what is handed in, what counts, and what teachers, students and platforms are told."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from submitted import AFFINE, HONEST, OTHERS, WRONG_FORWARD, zipped

from layercheck.cli import main
from layercheck.errors import UsageError
from layercheck.pipeline import many
from layercheck.pipeline.classroom import checked
from layercheck.pipeline.classroom.autograder import made
from layercheck.pipeline.classroom.required import required_by
from layercheck.pipeline.classroom.run import Grading, check_class, stage
from layercheck.pipeline.options import Options
from layercheck.reporting.classroom import page, table
from layercheck.reporting.classroom.grading import common_mistakes, grade_of
from layercheck.reporting.classroom.platforms import platforms
from layercheck.reporting.classroom.records import Asked, Checked, Class, Required
from layercheck.submissions.sandbox.limits import Limits

RELU = Required({"relu_forward": 1.0, "relu_backward": 1.0})
MOODLE = "Anna Ada_12_assignsubmission_file_"
HOSTILE = "<script>alert(1)</script>=HYPERLINK(1)\x1b[2J"


# ---------------------------------------------------------------------- what counts


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[score]\nrelu_forwards = 1\n",
            "relu_forwards is not required .*did you mean relu_forward?",
        ),
        ("[scores]\nrelu_forward = 1\n", "unknown key 'scores'; did you mean score?"),
        ("[score]\nrelu_forward = '1'\n", "expected points from 0"),
        ("[score]\nrelu_forward = -1\n", "expected points from 0"),
        ("[score]\nrelu_forward = nan\n", "expected points from 0"),
        ("[score]\nrelu_forward = true\n", "expected points from 0"),
        ("partial = 1\n", "expected true or false"),
        ("score = 3\n", "expected a table"),
        ("[score\n", "cannot read"),
    ],
)
def test_a_table_of_points_is_understood_or_refused_in_one_line(
    text: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "all.toml").write_text("[score]\nrelu_forward = 1\nrelu_backward = 1\n")
    (tmp_path / "score.toml").write_text(text)
    with pytest.raises(UsageError, match=told) as refused:
        required_by(str(tmp_path / "all.toml"), str(tmp_path / "score.toml"), Options())
    assert len(str(refused.value).splitlines()) == 1


def test_what_counts_is_read_from_a_file_a_table_or_an_assignment(tmp_path: Path) -> None:
    (tmp_path / "template.py").write_text(HONEST.replace("return np.maximum(x, 0), x", "pass"))
    (tmp_path / "score.toml").write_text("partial = true\n[score]\nrelu_backward = 3\n")
    of_file = required_by(str(tmp_path / "template.py"), str(tmp_path / "score.toml"), Options())
    relu = Asked("relu")
    both = {"relu_forward": relu, "relu_backward": relu}
    assert of_file == Required({"relu_forward": 1.0, "relu_backward": 3.0}, True, both)
    of_table = required_by(str(tmp_path / "score.toml"), "", Options())
    assert of_table == Required({"relu_backward": 3.0}, True, {"relu_backward": relu})
    of_course = required_by("cs231n", "", Options())
    assert of_course is not None
    assert {"conv_backward_naive", "softmax_loss"} <= of_course.points.keys()
    assert of_course.asked["conv_backward_naive"] == Asked(
        "conv2d", frozenset({"stride", "padding"})
    )
    assert required_by("", "", Options()) is None
    for named, score, ops in (
        ("nothing", "", ()),
        ("", "score.toml", ()),
        ("cs231n", "", ("relu",)),
    ):
        with pytest.raises(UsageError, match="expected"):
            required_by(named, score, Options(ops=ops))


def a_check(target: str, **given: Any) -> dict[str, Any]:
    plain = {
        "target": target,
        "op": "relu",
        "verdict": "exact",
        "passed": True,
        "cases": 4,
        "compared": 4,
    }
    return {
        **plain,
        "failed": 0,
        "note": "",
        "first_wrong": None,
        "diagnoses": [],
        "answers": "",
        **given,
    }


def wrong_check(
    target: str, failed: int = 1, text: str = "It is twice too large."
) -> dict[str, Any]:
    why = {"kind": "mistake", "text": text, "hint": "Halve it.", "names": []}
    where = {"kind": "condition", "text": "fails where N > 1", "hint": "", "names": []}
    return a_check(target, verdict="wrong", passed=False, failed=failed, diagnoses=[where, why])


def report_with(*checks: dict[str, Any]) -> dict[str, Any]:
    return {
        "checks": list(checks),
        "not_checked": [{"name": "relu_backward", "reason": "it is a stub"}],
    }


def test_a_function_that_is_missing_has_0_points_and_says_so() -> None:
    grade = grade_of("anna", [Checked("a.py", report_with(a_check("relu_forward")))], RELU)
    assert (grade.points, grade.most) == (1.0, 2.0)
    assert [(m.verdict, m.points, m.reasons) for m in grade.marks] == [
        ("exact", 1.0, []),
        ("missing", 0.0, ["it is a stub"]),
    ]
    nothing = grade_of("bo", [], RELU)
    assert [m.verdict for m in nothing.marks] == ["missing"] * 2
    broken = grade_of("cy", [Checked("a.py", None, "invalid syntax")], RELU)
    assert [m.verdict for m in broken.marks] == ["unreadable"] * 2
    assert broken.notes == ["a.py: invalid syntax"]


@pytest.mark.parametrize(
    ("failed", "compared", "points"),
    [(1, 4, 7.5), (4, 4, 0.0), (0, 4, 7.5), (0, 2, 5.0), (3, 2, 0.0)],
)
def test_partial_credit_is_the_share_of_its_cases_that_pass_and_never_all(
    failed: int, compared: int, points: float
) -> None:
    check = {**wrong_check("relu_forward", failed), "compared": compared}
    files = [Checked("a.py", report_with(check))]
    partly = grade_of("anna", files, Required({"relu_forward": 10.0}, partial=True))
    assert partly.points == points
    assert grade_of("anna", files, Required({"relu_forward": 10.0})).points == 0


def test_of_several_files_that_counts_which_has_most() -> None:
    old = Checked("old.py", report_with(wrong_check("relu_forward")))
    new = Checked("layers.py", report_with(a_check("relu_forward"), a_check("relu_backward")))
    grade = grade_of("anna", [old, new], RELU)
    assert grade.points == 2
    assert grade.notes == ["relu_forward in several files: that of layers.py counts"]


def test_each_student_counts_once_for_a_mistake_and_five_are_told() -> None:
    both = [wrong_check("relu_forward"), wrong_check("relu_backward")]
    many = [[wrong_check("relu_forward", text=f"Mistake {n}.")] for n in range(6)]
    grades = [
        grade_of(str(n), [Checked("a.py", report_with(*checks))], RELU)
        for n, checks in enumerate([both, both, *many])
    ]
    found = common_mistakes(grades)
    assert len(found) == 5
    assert (found[0].text, found[0].students) == ("It is twice too large.", 2)
    assert found[0].functions == ["relu_backward", "relu_forward"]
    assert "condition" not in {mistake.text for mistake in found}


# ---------------------------------------------------------------------- what is told


def hostile_class() -> Class:
    check = wrong_check("relu_forward", text=HOSTILE)
    files = [Checked(HOSTILE, report_with(check), HOSTILE, f"{HOSTILE}.html")]
    names = ["=1+1", "+1", "-1", "@SUM(1)", HOSTILE]
    grades = [grade_of(name, files, RELU, number="=2", notes=[HOSTILE]) for name in names]
    return Class(RELU, True, grades, common_mistakes(grades), [(HOSTILE, HOSTILE)])


def test_names_and_messages_act_nowhere() -> None:
    whole = hostile_class()
    text = page.render(whole)
    assert text.count("<script") == 1
    assert "\x1b" not in text
    for cell in [cell for row in csv.reader(io.StringIO(table.render(whole))) for cell in row]:
        assert not cell.startswith(("=", "+", "-", "@"))
        assert cell.isprintable()
    for platform in platforms().values():
        told = platform.render(whole.grades[-1])
        assert "\\u001b" not in told
        assert json.loads(told)["tests"]


def test_the_page_says_verdicts_in_words_and_stands_alone() -> None:
    text = page.render(hostile_class())
    assert re.search(r"v-wrong.*?</i> wrong</span>", text)
    assert "⚠" in text
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", text)
    assert "default-src &#39;none&#39;; script-src &#39;sha256-" in text


def test_the_platforms_say_what_their_documentation_asks_for() -> None:
    grade = grade_of("anna", [Checked("a.py", report_with(wrong_check("relu_forward")))], RELU)
    told = json.loads(platforms()["gradescope"].render(grade))
    assert told["score"] == 0
    assert [test["status"] for test in told["tests"]] == ["failed", "failed"]
    for test in told["tests"]:
        assert {"name", "score", "max_score", "status", "output", "visibility"} <= test.keys()
    told = json.loads(platforms()["prairielearn"].render(grade))
    assert told["gradable"] is True
    assert 0 <= told["score"] <= 1
    for test in told["tests"]:
        assert {"name", "points", "max_points", "message", "output"} <= test.keys()


# ---------------------------------------------------------------------- a class, from end to end

ANNAS = "# Anna Ada\n" + WRONG_FORWARD.replace(
    "def relu_backward(dout, cache):",
    "def relu_backward(dout, cache):\n    raise ValueError('by Anna_Ada')",
)
SECRET = "the-secret-of-bob"
BOB = HONEST + f'\ndef relu_words():\n    return "{SECRET}"\n'
SPY = """
import sys, os, glob
import numpy as np
for place in [".", "..", "../bob", os.path.dirname(os.path.abspath(__file__))]:
    sys.path.insert(0, place)
try:
    from bob import relu_words
    told = relu_words()
except Exception as error:
    told = str(error)
told += str([open(f).read() for f in glob.glob("/**/bob*/*.py")[:3]])

def relu_forward(x):
    raise ValueError(told)
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that was graded, with the grades in `out`."""
    place = tmp_path_factory.mktemp("class")
    folder = place / "in"
    folder.mkdir()
    (folder / MOODLE).mkdir()
    (folder / MOODLE / "Anna_layers.py").write_text(ANNAS)
    (folder / "bob.py").write_text(BOB)
    (folder / "eve.py").write_text(SPY)
    (folder / "cy_LATE_5_6_layers.py").write_text("def relu_forward(:\n")
    (folder / "dee.zip").write_bytes(
        zipped(
            {
                "hw/layers.py": "from hw_tools import twice\n" + HONEST,
                "hw/hw_tools.py": "def twice(x):\n    return 2 * x\n",
            }
        )
    )
    (place / "required.toml").write_text("[score]\nrelu_forward = 3\nrelu_backward = 1\n")
    assert run(place, "check", "in", "--out", "out") == 1
    return place


def run(place: Path, *arguments: str) -> int:
    """A command in this process, with what the class is asked for."""
    before = Path.cwd()
    os.chdir(place)
    try:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--require", "required.toml"])
    finally:
        os.chdir(before)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def grades_in(out: Path) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO((out / "grades.csv").read_text()))
    return {row["student"]: row for row in rows}


@pytest.mark.parametrize("allow", [(), ("narrowed",)])
def test_a_required_name_is_asked_for_its_own_layer_and_settings(
    allow: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "eve.py").write_text(OTHERS)
    options = Options(profile="", allow=allow)
    grading, out = Grading(required_by("cs231n", "", options)), tmp_path / "out"
    staged = stage(tmp_path / "in", out, grading)
    whole = check_class(staged, grading, options, 1, out, lambda text: None)[1]
    assert whole is not None
    marks = {mark.function: mark for mark in whole.grades[0].marks}
    conv, pool = marks["conv_forward_naive"], marks["max_pool_forward_naive"]
    assert (conv.points, conv.verdict) == (0, "missing")
    assert conv.reasons == ["it is declared as relu; conv2d is required by that name"]
    assert pool.points == (1 if allow else 0)
    if not allow:
        assert pool.verdict == "narrowed"
        assert pool.reasons == ["it takes no kernel_size, stride, which the required one takes"]


def test_a_platforms_results_go_over_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hw.py").write_text(HONEST)
    (tmp_path / "notes.md").write_text("mine")
    (tmp_path / "required.toml").write_text("[score]\nrelu_forward = 3\n")
    for name in ("hw.py", "notes.md", "required.toml"):
        assert run(tmp_path, "grade", "hw.py", "--results", f"gradescope={name}") == 2
        assert "expected a new file or an earlier report" in capsys.readouterr().err
    for _ in range(2):
        for form in ("gradescope", "prairielearn"):
            assert run(tmp_path, "grade", "hw.py", "--results", f"{form}={form}.json") == 0
    assert (tmp_path / "notes.md").read_text() == "mine"


def test_a_class_is_graded(graded: Path) -> None:
    rows = grades_in(graded / "out")
    assert {name: row["score"] for name, row in rows.items()} == {
        "Anna Ada": "0",
        "bob": "4",
        "cy": "0",
        "dee": "4",
        "eve": "0",
    }
    assert rows["cy"]["late"] == "late"
    assert "invalid syntax" in rows["cy"]["told"]
    assert "relu_backward" in rows["eve"]["told"]
    text = (graded / "out" / "class.html").read_text()
    assert "1 student:" in text
    for link in re.findall(r'href="([^"]+)"', text):
        assert (graded / "out" / link).is_file()


def test_a_problem_is_told_in_one_line_by_the_students_own_name_of_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "ann").mkdir(parents=True)
    (folder / "ann" / "mine.py").write_text("x = 'relu_forward'\n")
    (tmp_path / "required.toml").write_text("[score]\nrelu_forward = 1\n")
    assert run(tmp_path, "check", "in", "--out", "out") == 1
    told = "mine.py: defines no function or class; missing: relu_forward"
    assert grades_in(tmp_path / "out")["ann"]["told"] == told


def test_no_students_page_shows_anothers_data(graded: Path) -> None:
    for path in (graded / "out").rglob("*"):
        if path.is_file() and "bob" not in path.as_posix().removeprefix(str(graded)):
            assert SECRET not in path.read_text(errors="replace")


def test_run_again_it_judges_nobody_and_says_the_same(
    graded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (graded / "out" / "grades.csv").read_bytes()
    assert run(graded, "check", "in", "--out", "out") == 1
    assert "5 of 5 reports are there already" in capsys.readouterr().err
    assert (graded / "out" / "grades.csv").read_bytes() == before


def test_what_is_handed_in_late_is_added_and_what_is_gone_leaves(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.py").write_text(HONEST + f"# {name}\n")
    (tmp_path / "required.toml").write_text("[score]\nrelu_forward = 1\n")
    assert run(tmp_path, "check", "in", "--out", "out") == 0
    (folder / "b.py").unlink()
    (folder / "c.py").write_text(AFFINE)
    assert run(tmp_path, "check", "in", "--out", "out") == 1
    rows = grades_in(tmp_path / "out")
    assert {name: row["score"] for name, row in rows.items()} == {"a": "1", "c": "0"}
    copies = (tmp_path / "out" / "layercheck-submissions").rglob("*.py")
    assert sorted(path.name for path in copies) == ["a.py", "c.py"]


def test_an_anonymous_class_names_nobody(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(graded, "check", "in", "--out", "hidden", "--anonymous") == 1
    told = "".join(capsys.readouterr())
    written = {
        str(path.relative_to(graded)): path.read_text(errors="replace")
        for path in (graded / "hidden").rglob("*")
        if path.is_file()
    }
    for name, text in {**written, "terminal": told}.items():
        assert not re.search(r"anna|\bada\b|\bdee\b", f"{name}\n{text}", re.IGNORECASE), name
    named, hidden = grades_in(graded / "out"), grades_in(graded / "hidden")
    who = list(
        csv.DictReader(io.StringIO((graded / "in" / "layercheck-pseudonyms.csv").read_text()))
    )
    by_name = {row["student"]: row["pseudonym"] for row in who}
    assert hidden[by_name["Anna Ada"]]["score"] == named["Anna Ada"]["score"]
    assert hidden[by_name["dee.zip"]]["score"] == named["dee"]["score"]
    again = stage(graded / "in", graded / "hidden2", Grading(RELU, anonymous=True))
    assert {student.folder.name for student in again.students} == hidden.keys()


def test_the_autograder_gives_the_grades_of_the_class(graded: Path, tmp_path: Path) -> None:
    """Run as Gradescope's documentation says, in a folder that stands for /autograder."""
    required = required_by(str(graded / "required.toml"), "", Options())
    assert required is not None
    (tmp_path / "source").mkdir()
    with zipfile.ZipFile(io.BytesIO(made(required, "--hints full"))) as archive:
        archive.extractall(tmp_path / "source")
    (tmp_path / "run_autograder").write_bytes((tmp_path / "source" / "run_autograder").read_bytes())
    (tmp_path / "run_autograder").chmod(0o755)
    for name, file in {
        "Anna Ada": f"{MOODLE}/Anna_layers.py",
        "cy": "cy_LATE_5_6_layers.py",
    }.items():
        place = tmp_path / "submission"
        place.mkdir(exist_ok=True)
        (place / "layers.py").write_bytes((graded / "in" / file).read_bytes())
        environment = {"AUTOGRADER_ROOT": str(tmp_path), "AUTOGRADER_PYTHON": sys.executable}
        done = subprocess.run(
            [str(tmp_path / "run_autograder")],
            cwd=tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        results = json.loads((tmp_path / "results" / "results.json").read_text())
        row = grades_in(graded / "out")[name]
        assert f"{results['score']:g}" == row["score"], done.stderr
        assert {t["name"]: f"{t['score']:g}" for t in results["tests"]} == {
            function: row[function] for function in required.points
        }


DOUBLED = WRONG_FORWARD + AFFINE.replace("dout.sum(axis=0)", "dout.mean(axis=0) * np.e")


def test_whose_wrong_answers_agree_is_a_hint_that_is_asked_for(tmp_path: Path) -> None:
    """In two functions, bit for bit; a slip that differs in the last bits is another answer."""
    folder = tmp_path / "in"
    folder.mkdir()
    other = DOUBLED.replace("2 * x", "x + x + 1e-9").replace("* np.e", "* 2.7182817")
    for name, text in {"a": DOUBLED, "b": f"# mine\n{DOUBLED}", "c": other, "d": HONEST}.items():
        (folder / f"{name}.py").write_text(text)
    (tmp_path / "required.toml").write_text("[score]\nrelu_forward = 1\naffine_backward = 1\n")
    assert run(tmp_path, "check", "in", "--out", "out", "--similar") == 1
    text = (tmp_path / "out" / "class.html").read_text()
    assert "a, b: affine_<wbr>backward, relu_<wbr>forward" in text
    assert not re.search(r"<p>[abcd, ]*\b[cd]\b[abcd, ]*:", text)
    assert run(tmp_path, "check", "in", "--out", "out") == 1
    assert "agree" not in (tmp_path / "out" / "class.html").read_text()


def test_what_timed_out_is_asked_once_more_alone(tmp_path: Path) -> None:
    """A file that never answers stays blamed, after a second look; a report of an earlier run is not
    looked at again."""
    slow = HONEST.replace("return np.maximum(x, 0), x", "while True: pass")
    (tmp_path / "slow.py").write_text(slow)
    (tmp_path / "quick.py").write_text(HONEST)
    options = Options(limits=Limits(call_seconds=1.0, total_seconds=3.0))
    said: list[str] = []
    for again in (True, False):
        staged, out = stage(tmp_path, tmp_path / "out", Grading(RELU)), tmp_path / "out"
        _, whole = check_class(staged, Grading(RELU), options, 2, out, said.append)
        assert whole is not None
        assert [grade.points for grade in whole.grades] == [2.0, 0.0]
        assert ("1 file timed out: checked once more, one at a time" in said) is again
        said.clear()
        for path in out.glob("*.json"):
            os.utime(path, (0, 0))


def test_without_requirements_most_of_the_class_say_what_counts(tmp_path: Path) -> None:
    for name, text in {
        "a": HONEST,
        "b": HONEST,
        "c": HONEST.partition("def relu_backward")[0],
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    staged = stage(tmp_path, tmp_path / "out", Grading())
    _, whole = check_class(staged, Grading(), Options(), 1, tmp_path / "out", lambda text: None)
    assert whole is not None
    assert list(whole.required.points) == ["relu_forward", "relu_backward"]
    assert [grade.points for grade in whole.grades] == [2.0, 2.0, 1.0]


def test_a_report_is_read_once_and_the_summary_is_written_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("anna", "bo", "cy"):
        (tmp_path / "in" / f"{name}.py").write_text(HONEST)
    read, written = list[Path](), list[int]()
    real_read, real_write = checked.read_own, many.write_summary

    def reading(path: Path) -> Any:
        read.append(path)
        return real_read(path)

    def writing(rows: list[Any], *given: Any) -> None:
        written.append(len(rows))
        real_write(rows, *given)

    monkeypatch.setattr(many, "WHILE", 1e9)
    monkeypatch.setattr(checked, "read_own", reading)
    monkeypatch.setattr(many, "write_summary", writing)
    grading, out = Grading(RELU), tmp_path / "out"
    staged = stage(tmp_path / "in", out, grading)
    _, whole = check_class(staged, grading, Options(ops=("relu",)), 1, out, print)
    assert whole is not None
    assert [grade.points for grade in whole.grades] == [2.0] * 3
    assert len(read) == len(set(read)) == 3
    assert written == [1, 3]
