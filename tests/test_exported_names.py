"""Who a student is by what the platforms export: names, ids and lateness, and nobody for another."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

import pytest
from submitted import zipped

from layercheck.errors import UsageError
from layercheck.pipeline.classroom.run import Grading, check_class, stage
from layercheck.pipeline.options import Options
from layercheck.reporting.classroom.records import Required
from layercheck.submissions.handed_in import archives
from layercheck.submissions.handed_in.entries import pieces_of
from layercheck.submissions.handed_in.gradescope import NUMBERS
from layercheck.submissions.handed_in.pieces import LeftOut, Piece

RELU = Required({"relu_forward": 1.0, "relu_backward": 1.0})
METADATA = """---
submission_31:
  :submitters:
  - :name: "Ada, Anna"
    :sid: 0301
    :email: anna@example.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone &1
    utc: 2026-11-28 10:20:30.000000000 Z
  :lateness: 3:12:05
  :results:
    tests: [{name: "submission_32: :name: Mallory"}]
  :history:
  - :created_at: *1
    :submitters:
    - :name: Mallory
submission_32:
  :submitters:
  - :name: &no 'No'
    :sid: ''
  - :name: Bo B
  :lateness: "00:00:00"
submission_33:
  :submitters:
  - :name: *no
    :sid: '7'
"""


def lay(folder: Path, metadata: str, packed: bool) -> Path:
    files = {f"submission_{number}/layers.py": "x = 1" for number in (31, 32, 33)}
    made = {f"export/{path}": text for path, text in files.items()}
    made["export/submission_metadata.yml"] = metadata
    if packed:
        (folder / "export.zip").write_bytes(zipped(made))
        return folder
    for path, text in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder / "export"


@pytest.mark.parametrize("packed", [False, True])
def test_gradescope_says_who_it_is_with_which_id_and_who_is_late(
    packed: bool, tmp_path: Path
) -> None:
    staged = stage(lay(tmp_path, METADATA, packed), tmp_path / "out", Grading(RELU))
    found = {(s.who.name, s.who.number): s.is_late for s in staged.students}
    assert found == {("Ada, Anna", "0301"): True, ("No, Bo B", "32"): False, ("No", "7"): False}
    assert not staged.left_out


@pytest.mark.parametrize("packed", [False, True])
def test_a_student_of_whom_an_export_has_nothing_has_a_row(packed: bool, tmp_path: Path) -> None:
    more = f"{METADATA}submission_34:\n  :submitters:\n  - :name: Nobody Here\n    :sid: '4'\n"
    more += "  :lateness: 00:00:00\n"
    staged = stage(lay(tmp_path, more, packed), tmp_path / "out", Grading(RELU))
    (lacking,) = (one for one in staged.students if one.who.name == "Nobody Here")
    assert "names submission_34, which is not in this export" in lacking.told()[0]
    assert len(staged.students) == 4


def test_grades_of_part_of_the_questions_say_so(tmp_path: Path) -> None:
    grading, out = Grading(RELU), tmp_path / "out"
    staged = stage(lay(tmp_path, METADATA, packed=False), out, grading)
    options = Options(where="N > 1", dtype="float64", ops=("relu",))
    check_class(staged, grading, options, 1, out, print)
    told = "only cases of dtype float64 where N > 1, only of relu"
    _, *rows = csv.reader((out / "grades.csv").read_text().splitlines())
    assert all(row[-1].startswith(told) for row in rows)
    page = (out / "class.html").read_text().replace("<wbr>", "").replace("&gt;", ">")
    assert f"The grades are of part of the questions: {told}." in page


def test_options_that_leave_no_case_are_nobodys_fault(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    for name in ("anna", "bo"):
        text = "import numpy as np\n\ndef relu_forward(x):\n    return np.maximum(x, 0), x\n"
        (tmp_path / "class" / f"{name}.py").write_text(text)
    grading, out = Grading(RELU), tmp_path / "out"
    staged = stage(tmp_path / "class", out, grading)
    with pytest.raises(UsageError, match="nobody was asked anything, and there are no grades: "):
        check_class(staged, grading, Options(where="N > 999"), 1, out, print)
    assert not (out / "grades.csv").exists()


def test_an_export_without_lateness_says_so(tmp_path: Path) -> None:
    """Nobody is late then: the teacher knows why, and does not take it for an answer."""
    silent = "".join(line for line in METADATA.splitlines(True) if ":lateness" not in line)
    staged = stage(lay(tmp_path, silent, packed=False), tmp_path / "out", Grading(RELU))
    assert {student.who.name for student in staged.students} == {"Ada, Anna", "No, Bo B", "No"}
    assert not any(student.is_late for student in staged.students)
    ((name, told),) = staged.left_out
    assert name == "submission_metadata.yml"
    assert "no lateness" in told


def test_the_grades_and_the_page_have_them(tmp_path: Path) -> None:
    grading, out = Grading(RELU), tmp_path / "out"
    staged = stage(lay(tmp_path, METADATA, packed=False), out, grading)
    check_class(staged, grading, Options(), 1, out, print)
    rows = list(csv.reader((out / "grades.csv").read_text().splitlines()))
    assert [row[:3] for row in rows[1:]] == [
        ["Ada, Anna", "0301", "late"],
        ["No", "7", ""],
        ["No, Bo B", "32", ""],
    ]
    page = (out / "class.html").read_text()
    assert "Ada, Anna" in page
    assert "submission_31" not in page


LAUGHS = "a: &a [lol, lol]\n" + "".join(
    f"{n}: &{n} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, n in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)
)
HOSTILE = {
    "laughs": (LAUGHS, "names no student"),
    "laughing names": (f"{LAUGHS}submission_31: {{':submitters': *p}}\n", "names no student"),
    "itself": ("submission_31: &x {':submitters': [*x]}\n", "names no student"),
    "nested": ("[" * 100 + "]" * 100, "nested over 50 times"),
    "nested without end": ("[" * 100_000, "is no YAML"),
    "python": ("submission_31: !!python/object/apply:os.abort []\n", "names no student"),
    "no YAML": ("submission_31: [\n", "is no YAML"),
    "control": ("submission_31: \x01\n", "is no YAML"),
    "large": ("#" * 5000, "at most 0 MB are"),
    "empty": ("", "names no student"),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("text", "told"), HOSTILE.values(), ids=HOSTILE)
def test_metadata_that_nobody_can_mean_is_told_and_does_no_harm(
    text: str, told: str, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if told.startswith("at most"):
        monkeypatch.setattr(archives, "MOST_METADATA", 1000)
    folder, began = lay(tmp_path, text, packed), time.monotonic()
    found = list(pieces_of(folder, tmp_path / "out", every=True))
    assert time.monotonic() - began < 20
    (left_out,) = [one for one in found if isinstance(one, LeftOut)]
    assert left_out.name == "submission_metadata.yml"
    assert told in left_out.reason
    assert NUMBERS in left_out.reason
    whos = {one.placed.who.name for one in found if isinstance(one, Piece)}
    assert whos == {"submission_31", "submission_32", "submission_33"}


def test_many_long_and_shared_names_are_cut(tmp_path: Path) -> None:
    name = "x" * 100_000
    shared = f"a: &a [{', '.join([f'{{:name: {name}}}'] * 50)}]\n"
    text = shared + "".join(f"submission_{n}: {{':submitters': *a}}\n" for n in range(31, 20_000))
    began = time.monotonic()
    found = list(pieces_of(lay(tmp_path, text, False), tmp_path / "out", every=True))
    assert time.monotonic() - began < 60
    assert max(len(one.placed.who.name) for one in found if isinstance(one, Piece)) < 5000


def test_without_a_reader_of_yaml_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    found = list(pieces_of(lay(tmp_path, METADATA, False), tmp_path / "out", every=True))
    (left_out,) = [one for one in found if isinstance(one, LeftOut)]
    assert "pip install 'layercheck[gradescope]'" in left_out.reason


@pytest.mark.parametrize("packed", [False, True])
def test_blackboards_files_are_their_students_the_newest_attempt_last(
    packed: bool, tmp_path: Path
) -> None:
    names = [
        "Homework_1_ada_anna_attempt_2026-11-28-10-20-30_layers.py",
        "Homework_1_ada_anna_attempt_2026-11-27-10-20-30_layers.py",
        "Homework_1_ada_anna_attempt_2026-11-28-10-20-30.txt",
        "Homework_1_bo_attempt_2026-11-28-10-20-31_my_layers.py",
        "Homework_1_cy_attempt_2026-11-28-10-20-31.txt",
    ]
    files = {name: f"# {name}" for name in names}
    if packed:
        (tmp_path / "export.zip").write_bytes(zipped(files))
    for name, text in () if packed else files.items():
        (tmp_path / name).write_text(text)
    staged = stage(tmp_path, tmp_path / "out", Grading(RELU))
    found = {s.who.name: list(s.places.values()) for s in staged.students}
    assert found == {"ada_anna": ["layers.py", "layers.py (2)"], "bo": ["my_layers.py"], "cy": []}
    (anna,) = [student for student in staged.students if student.who.name == "ada_anna"]
    newest = next(file for file, name in anna.places.items() if name == "layers.py (2)")
    assert "2026-11-28" in newest.read_text()


def test_one_student_alone_has_the_last_word_of_the_name(tmp_path: Path) -> None:
    (tmp_path / "Homework 1_ada_attempt_2026-11-28-10-20-30_layers.py").write_text("x = 1")
    (student,) = stage(tmp_path, tmp_path / "out", Grading(RELU)).students
    assert student.who.name == "ada"
