"""A class whose machine, folder or names make trouble: nobody's grade is another's, or the machine's."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from submitted import HONEST

from layercheck.cli import main
from layercheck.errors import NoSandbox
from layercheck.pipeline import crew, many
from layercheck.pipeline.classroom import run
from layercheck.pipeline.classroom.pseudonyms import parts_of
from layercheck.pipeline.crew import ENDED
from layercheck.pipeline.many import UNWRITTEN
from layercheck.pipeline.options import Options
from layercheck.reporting.classroom.records import Required
from layercheck.reporting.summary import Row
from layercheck.reporting.words import on_one_line, visible
from layercheck.submissions.handed_in.names import Who

WRONG = HONEST.replace("(cache > 0)", "(cache > 0) * 2")
TABLE = "\ufeff[score]\nrelu_forward = 1\nrelu_backward = 1\n"
"""With the mark that Windows puts before a text in UTF-8."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two students, and what counts."""
    made = tmp_path / "in"
    made.mkdir()
    (made / "anna.py").write_text(HONEST)
    (made / "bob.py").write_text(WRONG)
    (tmp_path / "score.toml").write_text(TABLE, encoding="utf-8")
    return made


def grade(folder: Path, *more: str) -> object:
    """The exit status."""
    out, table = folder.parent / "out", folder.parent / "score.toml"
    with pytest.raises(SystemExit) as ended:
        main(["check", str(folder), "--require", str(table), "--out", str(out), *more])
    return ended.value.code


def scores(folder: Path) -> list[str]:
    text = (folder.parent / "out" / "grades.csv").read_text(encoding="utf-8")
    return [row["score"] for row in csv.DictReader(text.splitlines())]


def edited(change: Callable[[dict[str, object]], object]) -> Callable[[Path], object]:
    def edit(report: Path) -> None:
        data = json.loads(report.read_text(encoding="utf-8"))
        change(data)
        report.write_text(json.dumps(data), encoding="utf-8")

    return edit


DAMAGE = {
    "no checks": edited(lambda data: data.update(checks=[])),
    "verdicts": edited(lambda data: data.update(passed=True)),
    "another's form": edited(lambda data: data.pop("checks")),
    "no text": lambda report: report.write_bytes(b"\xff\x00\xfe"),
    "cut": lambda report: report.write_bytes(report.read_bytes()[:200]),
    "page cut": lambda report: os.truncate(report.with_suffix(".html"), 100),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_report_that_was_changed_is_made_anew(damage: str, folder: Path) -> None:
    grade(folder)
    (report,) = (folder.parent / "out").glob("bob*.json")
    DAMAGE[damage](report)
    (folder.parent / "out" / "grades.csv").unlink()
    assert grade(folder) == 1
    assert scores(folder) == ["2", "1"]


def test_what_is_no_file_in_a_reports_place_is_refused_and_not_waited_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grade(folder)
    (report,) = (folder.parent / "out").glob("bob*.json")
    report.unlink()
    os.mkfifo(report)
    assert grade(folder) == 2
    assert "it is no regular file; remove it" in capsys.readouterr().err


def test_a_full_disk_gives_nobody_a_zero(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(paths: list[Path], *_: object, **__: object) -> many.Summed:
        rows = [Row(str(path), problem=f"{UNWRITTEN}: No space left on device") for path in paths]
        return many.Summed(rows, len(rows))

    monkeypatch.setattr(run, "check_many", full)
    assert grade(folder) == 2
    assert "No space left on device; 2 reports of 2 could not be written" in capsys.readouterr().err
    assert not (folder.parent / "out" / "grades.csv").exists()


def test_who_is_judged_by_a_process_that_ends_is_judged_once_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = crew.Crew.row, list[Path]()

    def row(self: crew.Crew, path: Path, base: Path, options: Options) -> Row:
        asked.append(path)
        first = path.name == "anna.py" and asked.count(path) == 1
        return (
            Row(str(path), problem=f"{ENDED}: crashed: SIGKILL")
            if first
            else real(self, path, base, options)
        )

    monkeypatch.setattr(crew.Crew, "row", row)
    grade(folder)
    assert scores(folder) == ["2", "1"]
    assert sorted(path.name for path in asked) == ["anna.py", "anna.py", "bob.py"]


def test_that_no_sandbox_starts_is_the_machines_doing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it is tried once more, and nobody has points less for it."""

    def none(*_: object) -> None:
        raise NoSandbox("no isolation here (bubblewrap: crashed: SIGKILL)")

    monkeypatch.setattr(many, "check_file", none)
    row = many.check_and_write(folder / "anna.py", Options(), folder.parent / "anna")
    assert row.problem.startswith(f"{ENDED}: no isolation here")


def test_how_often_it_is_tried_once_more_is_told_in_english() -> None:
    told = run.again(1, 2)
    assert (
        told == "1 file timed out and 2 judging processes ended: checked once more, one at a time"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("relu_forwrd", ["nothing has this name; there is relu_forward"]),
        ("my_layer", []),
    ],
)
def test_a_name_that_counts_and_is_nearly_there_is_told(
    name: str, told: list[str], folder: Path
) -> None:
    required = Required({name: 1.0}, False)
    path = folder / "anna.py"
    grade = run.grade_one(path, required, Options(hints="none"), 1, folder.parent / "out")
    assert [(mark.verdict, mark.reasons) for mark in grade.marks] == [("missing", told)]


def test_an_autograder_for_a_name_that_no_assignment_has_is_made_with_a_warning(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = folder.parent / "score.toml", folder.parent / "autograder.zip"
    table.write_text("[score]\nrelu_forwrd = 1\nmine = 1\n")
    with pytest.raises(SystemExit) as ended:
        main(["gradescope", "make", "--require", str(table), "--out", str(out)])
    assert (ended.value.code, out.is_file()) == (0, True)
    assert capsys.readouterr().err.splitlines() == [
        "relu_forwrd counts, and no assignment has that name; did you mean relu_forward?"
    ]


def test_a_table_by_which_nobody_has_points_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.parent / "score.toml").write_text("[score]\nrelu_forward = 0\n")
    assert grade(folder) == 2
    assert "every function has 0 points" in capsys.readouterr().err


def test_lines_that_no_case_ran_are_told_beside_the_grade(folder: Path) -> None:
    hidden = HONEST.replace(
        "    return np.max", "    if len(x) == 100003:\n        x = -x\n    return np.max"
    )
    (folder / "carl.py").write_text(hidden)
    grade(folder)
    told = (folder.parent / "out" / "grades.csv").read_text(encoding="utf-8")
    assert "relu_forward: line 6 (if len(x) == 100003) never run" in told


def test_what_fails_is_counted_also_where_a_note_is_known(folder: Path) -> None:
    nested = HONEST.replace("np.maximum(x, 0), x", "(np.maximum(x, 0) if x.size < 6 else x), x")
    (folder / "bob.py").write_text(nested)
    grade(folder)
    told = (folder.parent / "out" / "grades.csv").read_text(encoding="utf-8")
    assert "relu_forward wrong" in told
    assert "(beyond ordinary numbers" not in told


@pytest.mark.parametrize("name", ["s1234567.py", "12345678", "Li Wu"])
def test_a_login_is_a_name_too(name: str, folder: Path) -> None:
    words = parts_of(Who(name))
    login = {"Li Wu": "liwu"}.get(name, Path(name).stem)
    assert login in words
    place = folder / name
    if not name.endswith(".py"):
        place.mkdir()
        place = place / f"{login}_layers.py"
        (place.parent / "helper.py").write_text("import numpy\n")
    place.write_text(
        HONEST.replace("return np.max", f"raise ValueError('by {login}')\n    return np.max")
    )
    grade(folder, "--anonymous")
    out = folder.parent / "out"
    assert [p for p in out.rglob("*") if login in p.name] == []
    assert [p.name for p in out.glob("*.*") if login in p.read_text(encoding="utf-8")] == []


def test_printed_text_is_no_command_to_a_runner() -> None:
    told = visible("ValueError: boom\n   ::error file=a.py::no\n::stop-commands::x\na ##[error] b")
    assert told.splitlines() == [
        "ValueError: boom",
        r"   \x3a:error file=a.py::no",
        r"\x3a:stop-commands::x",
        r"a \x23#[error] b",
    ]
    assert on_one_line("::x::.py") == r"\x3a:x::.py"


@pytest.mark.parametrize("text", [b"# coding: rot13\n", b"# coding: cp1252\nx = '\x81'\n"])
def test_an_encoding_that_does_not_fit_is_named(
    text: bytes, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "anna.py").write_bytes(text)
    with pytest.raises(SystemExit):
        main(["check", str(folder / "anna.py")])
    name = text.split()[2].decode()
    assert f"names the encoding {name!r}, and is no text in it" in capsys.readouterr().err
