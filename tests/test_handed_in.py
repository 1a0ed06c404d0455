"""What a class hands in: exports, archives and folders, each student's files apart."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from submitted import HONEST, zipped

from layercheck.errors import UsageError
from layercheck.pipeline.classroom.run import Grading, stage
from layercheck.pipeline.classroom.staging import Staging
from layercheck.reporting.classroom.records import Required
from layercheck.submissions.handed_in import archives, folders
from layercheck.submissions.handed_in.archives import members_of
from layercheck.submissions.handed_in.entries import pieces_of
from layercheck.submissions.handed_in.names import Placed, Who
from layercheck.submissions.handed_in.pieces import LeftOut, Piece

RELU = Required({"relu_forward": 1.0, "relu_backward": 1.0})
MOODLE = "Anna Ada_12_assignsubmission_file_"


def whose(folder: Path, every: bool = True) -> dict[str, list[str]]:
    """The readable files of each student."""
    found: dict[str, list[str]] = {}
    for piece in pieces_of(folder, folder / "out", every):
        if isinstance(piece, Piece):
            files = found.setdefault(piece.placed.who.name, [])
            files += [] if piece.problem or piece.is_other else [piece.placed.path]
    return found


def test_each_platforms_names_are_understood(tmp_path: Path) -> None:
    (tmp_path / MOODLE).mkdir()
    (tmp_path / MOODLE / "layers.py").write_text("")
    (tmp_path / "adaanna_LATE_12_99_layers-1.py").write_text("")
    (tmp_path / "plain.py").write_text("")
    (tmp_path / "eve.zip").write_bytes(zipped({"cs231n/layers.py": "", "cs231n/im2col.py": ""}))
    assert whose(tmp_path) == {
        "Anna Ada": ["layers.py"],
        "adaanna": ["layers.py"],
        "plain.py": ["plain.py"],
        "eve.zip": ["cs231n/layers.py", "cs231n/im2col.py"],
    }
    late = [
        p for p in pieces_of(tmp_path, tmp_path, True) if isinstance(p, Piece) and p.placed.is_late
    ]
    assert [piece.placed.who.name for piece in late] == ["adaanna"]


MOODLES = {
    "Bo B_7_assignsubmission_file_/hw/layers.py": "",
    "Cy C_8_assignsubmission_file_/x.docx": "",
}
GRADESCOPES = {
    "assignment_5_export/submission_31/layers.py": "",
    "assignment_5_export/submission_metadata.yml": (
        "submission_31:\n  :submitters:\n  - :name: Dee D\nsubmission_32:\n"
    ),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("export", "told"),
    [
        (MOODLES, {"Bo B": ["hw/layers.py"], "Cy C": []}),
        (GRADESCOPES, {"Dee D": ["layers.py"]}),
    ],
)
def test_an_export_is_a_student_each(
    export: dict[str, str], told: dict[str, list[str]], packed: bool, tmp_path: Path
) -> None:
    lay(tmp_path, "export", export, packed)
    assert whose(tmp_path) == told


@pytest.mark.parametrize("packed", [False, True])
def test_an_unpacked_gradescope_export_tells_its_names(packed: bool, tmp_path: Path) -> None:
    lay(tmp_path, "export", GRADESCOPES, packed)
    given = tmp_path / ("export.zip" if packed else "export/assignment_5_export")
    assert whose(given) == {"Dee D": ["layers.py"]}


@pytest.mark.parametrize("packed", [False, True])
def test_nobody_hands_in_for_another(packed: bool, tmp_path: Path) -> None:
    """What has the form of an export is its owner's where others' submissions lie beside it."""
    (tmp_path / "Anna Ada_12_assignsubmission_file_").mkdir()
    (tmp_path / "Anna Ada_12_assignsubmission_file_" / "layers.py").write_text("")
    lay(tmp_path, "mallory", {"Anna Ada_12_assignsubmission_file_/aaa.py": ""}, packed)
    found = whose(tmp_path)
    assert found["Anna Ada"] == ["layers.py"]
    assert len(found) == 2


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_students_own_metadata_names_nobody(wrapped: bool, tmp_path: Path) -> None:
    forged = "submission_31:\n  :submitters:\n  - :name: Mallory\n"
    export = GRADESCOPES | {"assignment_5_export/submission_32/submission_metadata.yml": forged}
    if not wrapped:
        export = {path.partition("/")[2]: text for path, text in export.items()}
    lay(tmp_path, "export", export, packed=True)
    assert whose(tmp_path).keys() == {"Dee D", "submission_32"}


@pytest.mark.parametrize("packed", [False, True])
def test_numbers_in_a_files_name_are_no_students(packed: bool, tmp_path: Path) -> None:
    for name in ("anna", "bob", "carl"):
        lay(tmp_path, name, {"Exercise_2_1_layers.py": ""}, packed)
    assert len(whose(tmp_path)) == 3
    flat = tmp_path / "flat"
    flat.mkdir()
    for name in ("hw_3_20451_anna.py", "hw_3_20452_bob.py"):
        (flat / name).write_text("")
    assert len(whose(flat)) == 2


@pytest.mark.parametrize("packed", [False, True])
def test_one_students_many_files_hide_nobody(
    packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    monkeypatch.setattr(folders, "MOST_FILES", 5)
    monkeypatch.setattr(archives, "MOST_IN_ALL", 100)
    many = {f"submission_1/{n:04}.py": "x" * 90 for n in range(9)}
    lay(tmp_path, "export", many | {"submission_2/z.py": "x = 1"}, packed)
    found = whose(tmp_path)
    assert found["submission_2"] == ["z.py"]
    assert len(found["submission_1"]) == (1 if packed else 5)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("place", ["env/layers.py", ".hidden/layers.py", ".layers.py"])
def test_what_is_passed_over_is_told(place: str, packed: bool, tmp_path: Path) -> None:
    lay(tmp_path, "anna", {place: ""}, packed)
    (student,) = stage(tmp_path, tmp_path / "out", Grading(RELU)).students
    assert [place in told and "rename it" in told for told in student.told()] == [True]


def test_a_linked_folder_and_a_name_that_is_passed_over_are_told(tmp_path: Path) -> None:
    lay(tmp_path, "env", {"layers.py": ""}, packed=False)
    lay(tmp_path, "anna", {"layers.py": ""}, packed=False)
    (tmp_path / "link").symlink_to(tmp_path / "anna")
    staged = stage(tmp_path, tmp_path / "out", Grading(RELU))
    told = {student.who.name: student.told() for student in staged.students}
    assert told == {"anna": [], "link": ["link: it is a link; hand in the file itself"]}
    assert staged.left_out == [("env", "its name is passed over; rename it")]


@pytest.mark.parametrize("packed", [False, True])
def test_who_has_nothing_to_check_has_a_row_all_the_same(packed: bool, tmp_path: Path) -> None:
    export = {
        f"{name}_{n}_assignsubmission_file_/{place}": ""
        for n, (name, place) in enumerate(
            [("Anna A", "layers.py"), ("Bo B", "env/layers.py"), ("Cy C", ".layers.py")], 11
        )
    }
    lay(tmp_path, "export", {**export, "desktop.ini": ""}, packed)
    staged = stage(tmp_path, tmp_path / "out", Grading(RELU))
    told = {student.who.name: student.told() for student in staged.students}
    assert told["Anna A"] == []
    assert told["Bo B"] == ["env/layers.py: a folder env is passed over; rename it"]
    assert told["Cy C"] == [
        ".layers.py: .layers.py begins with a dot, so that it is hidden; rename it"
    ]
    assert [name for name, _ in staged.left_out] == ["desktop.ini"]


def test_an_empty_folder_of_an_export_is_a_row(tmp_path: Path) -> None:
    lay(tmp_path, "export", {"submission_1/layers.py": "", "submission_2/layers.py": ""}, False)
    (tmp_path / "export" / "submission_3").mkdir()
    assert len(whose(tmp_path)) == 3


def test_canvas_writes_texts_and_anonymous_names(tmp_path: Path) -> None:
    names = ("adaanna_11_101_layers.py", "bob_12_102_layers.py", "carl_13_text.html")
    lay(tmp_path, "canvas", dict.fromkeys(names, ""), packed=True)
    assert whose(tmp_path).keys() == {"adaanna", "bob", "carl"}
    anonymous = tmp_path / "anonymous"
    anonymous.mkdir()
    names = ("anon_x7y3z_101_layers.py", "anon_LATE_q1w2e_102_layers.py")
    lay(anonymous, "canvas", dict.fromkeys(names, ""), packed=True)
    assert whose(anonymous).keys() == {"anon x7y3z", "anon q1w2e"}


def test_a_canvas_name_with_a_number_is_nobody_elses(tmp_path: Path) -> None:
    names = ("adaanna_11_101_layers.py", "adaanna_11_77_105_layers.py", "bob_12_102_layers.py")
    lay(tmp_path, "canvas", dict.fromkeys(names, ""), packed=True)
    assert whose(tmp_path).keys() == {"adaanna", "adaanna_11", "bob"}


def test_several_exports_and_notes_beside_them(tmp_path: Path) -> None:
    lay(tmp_path, "one", MOODLES, packed=True)
    lay(tmp_path, "two", {"Di D_9_assignsubmission_file_/layers.py": ""}, packed=True)
    (tmp_path / "notes.txt").write_text("")
    lay(tmp_path, "old grades", {"class.html": "", "grades.csv": ""}, packed=False)
    assert whose(tmp_path).keys() == {"Bo B", "Cy C", "Di D", "old grades"}


def test_exports_in_an_archive_are_told(tmp_path: Path) -> None:
    (tmp_path / "both.zip").write_bytes(
        zipped({"a.zip": zipped(MOODLES), "b.zip": zipped(MOODLES)})
    )
    (student,) = stage(tmp_path, tmp_path / "out", Grading(RELU)).students
    assert sum("an export of other students" in told for told in student.problems) == 2


def test_what_cannot_be_looked_into_as_a_whole_is_refused(tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(b"PK no archive")
    with pytest.raises(UsageError, match=r"cannot read .*class.zip: it cannot be opened"):
        stage(tmp_path / "class.zip", tmp_path / "out", Grading(RELU))
    with pytest.raises(UsageError, match=r"cannot read .*nowhere: No such file"):
        stage(tmp_path / "nowhere", tmp_path / "out", Grading(RELU))


@pytest.mark.parametrize("order", [1, -1])
def test_a_file_and_a_folder_of_one_name_are_both_there(order: int, tmp_path: Path) -> None:
    both = {"a.py": "x = 1", "a.py/layers.py": "x = 2"}
    (tmp_path / "mallory.zip").write_bytes(zipped(dict(list(both.items())[::order])))
    (tmp_path / "anna.py").write_text("x = 1")
    for _ in range(2):
        staged = stage(tmp_path, tmp_path / "out", Grading(RELU))
        assert [len(student.files) for student in staged.students] == [1, 2]
        assert all(file.is_file() for file in staged.files)


def lay(folder: Path, name: str, files: dict[str, str], packed: bool) -> None:
    """A folder, or an archive, with these files."""
    if packed:
        (folder / f"{name}.zip").write_bytes(zipped(files))
    for path, text in () if packed else files.items():
        place = folder / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def test_a_students_archive_within_an_export_is_opened_and_no_deeper(tmp_path: Path) -> None:
    inner = zipped({"layers.py": "x = 1", "deeper.zip": zipped({"layers.py": ""})})
    (tmp_path / "all.zip").write_bytes(zipped({f"{MOODLE}/hw.zip": inner}))
    pieces = [p for p in pieces_of(tmp_path, tmp_path, True) if isinstance(p, Piece)]
    assert [(p.placed.path, p.data) for p in pieces if not p.problem] == [
        ("hw/layers.py", b"x = 1")
    ]
    assert [p.problem for p in pieces if p.problem] == ["hw/deeper.zip: an archive in an archive"]


def a_link() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        member = zipfile.ZipInfo("layers.py")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/passwd")
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"no archive", "no .zip, or cut off"),
        (zipped({"layers.py": "x"})[:-30], "no .zip, or cut off"),
        (zipped({"../../layers.py": "x"}), "leads out"),
        (zipped({"/layers.py": "x"}), "leads out"),
        (zipped({"..\\layers.py": "x"}), "leads out"),
        (zipped({"C:/layers.py": "x"}), "leads out"),
        (a_link(), "it is a link"),
        (zipped({"a/" * 40 + "layers.py": "x"}), "too long"),
        (zipped({"layers.py": b"#" * ((1 << 20) + 1)}), "too large"),
        (zipped({"Qlayers.py": "x"}).replace(b"Qlayers.py", b"\0layers.py"), "has no name"),
    ],
    ids=[
        "no archive",
        "cut off",
        "up",
        "root",
        "backslash",
        "drive",
        "link",
        "long",
        "large",
        "NUL",
    ],
)
def test_no_archive_does_harm(data: bytes, told: str) -> None:
    members = list(members_of(data))
    assert [told in member.problem for member in members] == [True]
    assert members[0].data == b""


def test_a_bomb_is_not_believed_what_it_says_of_itself() -> None:
    """Its header says 5 bytes; it unpacks to 64 MB."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("layers.py", b"\0" * (64 << 20))
    bomb = data.getvalue().replace((64 << 20).to_bytes(4, "little"), (5).to_bytes(4, "little"))
    (member,) = members_of(bomb)
    assert len(member.data) <= 5


def test_a_bomb_takes_no_more_memory_than_is_read() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("layers.py", b"\0" * (64 << 20))
    tracemalloc.start()
    (member,) = members_of(data.getvalue())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "too large" in member.problem
    assert peak < 16 << 20


def test_members_and_bytes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zipped({f"h{number}.py": "#" * 100 for number in range(10)})
    monkeypatch.setattr(archives, "MOST_IN_ALL", 350)
    assert [bool(member.problem) for member in members_of(data)] == [False] * 3 + [True] * 7
    monkeypatch.setattr(archives, "MOST_FILES", 9)
    assert len(list(members_of(data))) == 9
    monkeypatch.setattr(archives, "MOST_DIRECTORY", 100)
    (member,) = members_of(data)
    assert "table of contents" in member.problem


def test_nothing_handed_in_is_lost_and_nothing_lies_outside(tmp_path: Path) -> None:
    """Whatever it is called: it has a student, or is told as left out."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "évé & co.py").write_text("x = 1")
    (folder / "old.tar.gz").write_bytes(b"")
    (folder / "notes.txt").write_text("")
    (folder / "link.py").symlink_to("/etc/passwd")
    (folder / "self.py").symlink_to("self.py")
    (folder / "...py").write_text("x = 1")
    (folder / ".DS_Store").write_bytes(b"")
    (folder / "._notes.py").write_bytes(b"")
    (folder / "mallory.zip").write_bytes(
        zipped({"../../../../evil.py": "x", "a?b/c:d.py": "x = 2"})
    )
    staged = stage(folder, out, Grading(RELU))
    told = {student.who.name: student.told() for student in staged.students}
    assert told.keys() == {"évé & co.py", "old.tar.gz", "link.py", "self.py", "mallory.zip"}
    assert all(told[name] for name in ("old.tar.gz", "link.py", "self.py", "mallory.zip"))
    assert "it is a link" in told["link.py"][0]
    assert staged.left_out == [
        ("...py", "its name begins with a dot, so that it is hidden; rename it"),
        ("notes.txt", "expected a Python file, a notebook or a .zip of them"),
    ]
    files = [path for path in tmp_path.rglob("*.py") if folder not in path.parents]
    assert len(files) == 2
    assert all(re.fullmatch(r"[\w.+ /-]+", str(path), re.ASCII) for path in files)
    assert not [path for path in out.rglob("*") if path.is_symlink()]


def test_a_copy_lies_below_its_students_folder(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "out", alone=True)
    (student,) = staging.take([Piece(Placed(Who("../../mallory"), "../../../x.py"), b"x")])
    (file,) = student.files
    assert tmp_path / "out" / "layercheck-submissions" == file.resolve().parent.parent
    assert file.read_bytes() == b"x"


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "out" / "layercheck-submissions"
    theirs.mkdir(parents=True)
    (theirs / "precious.py").write_text("")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.py").write_text("")
    with pytest.raises(UsageError, match="choose another --out"):
        stage(tmp_path / "in", tmp_path / "out", Grading(RELU))
    assert (theirs / "precious.py").exists()


def test_a_folder_beside_files_is_told_where_nothing_is_required(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HONEST)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.py").write_text(HONEST)
    found = list(pieces_of(tmp_path, tmp_path / "out", every=False))
    assert [one.name for one in found if isinstance(one, LeftOut)] == ["more"]
