"""Several files of one student: which counts, and what is told of the others."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from submitted import HONEST
from test_class_troubles import TABLE, WRONG, grade

FORWARD, _, BACKWARD = HONEST.partition("def relu_backward")
BACKWARD = f"def relu_backward{BACKWARD}"
TEMPLATE = "def relu_forward(x):\n    pass\n\n\ndef relu_backward(dout, cache):\n    pass\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    (tmp_path / "score.toml").write_text(TABLE, encoding="utf-8")
    return made


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def rows(folder: Path) -> dict[str, dict[str, str]]:
    """The table, by the student."""
    assert grade(folder) in (0, 1)
    text = (folder.parent / "out" / "grades.csv").read_text(encoding="utf-8")
    return {row["student"]: row for row in csv.DictReader(text.splitlines())}


def test_a_template_beside_what_was_written_is_no_submission(folder: Path) -> None:
    write(folder, anna__all_py=TEMPLATE, anna__relu_py=HONEST, bob__a_py=TEMPLATE)
    told = rows(folder)
    assert (told["anna"]["score"], told["bob"]["score"]) == ("2", "0")
    assert "that of relu.py counts" in told["anna"]["told"]


def test_each_function_may_be_written_elsewhere(folder: Path) -> None:
    half = FORWARD + "def relu_backward(dout, cache):\n    pass\n"
    write(folder, anna__a_py=half, anna__b_py=HONEST)
    assert rows(folder)["anna"]["score"] == "2"


def test_the_newest_copy_counts_right_or_wrong(folder: Path) -> None:
    (folder / "zoe_103_5003_layers.py").write_text(WRONG)
    (folder / "zoe_103_5004_layers-1.py").write_text(HONEST)
    (folder / "max_104_5005_layers.py").write_text(HONEST)
    (folder / "max_104_5006_layers-1.py").write_text(WRONG)
    told = rows(folder)
    assert [told[name]["score"] for name in ("max", "zoe")] == ["1", "2"]


def test_files_of_one_name_have_a_link_each_and_the_marks_link_to_theirs(folder: Path) -> None:
    (folder / "zoe_103_5003_layers.py").write_text(WRONG)
    (folder / "zoe_103_5004_layers-1.py").write_text(HONEST)
    (folder / "max_104_5005_layers.py").write_text(HONEST)
    rows(folder)
    page = (folder.parent / "out" / "class.html").read_text(encoding="utf-8")
    page = re.sub("<wbr>|&shy;|\u00ad|\u200b", "", page)
    links = dict(re.findall(r'<a href="([^"]+\.html)"[^>]*>(layers\.py[^<]*)</a>', page))
    assert {"layers.py", "layers.py (2)"} <= {*links.values()}
    assert len(links) == 3


def test_a_backward_without_its_forward_is_told_by_the_file_that_has_it(folder: Path) -> None:
    kept = "def kept():\n    return {}\n"  # two files that define one name in two ways stay apart
    apart = f"{FORWARD}\n{kept.format(1)}"
    own = f"import numpy as np\n{kept.format(2)}{BACKWARD}"
    write(folder, anna__bwd_py=own, anna__fwd_py=apart)
    told = rows(folder)["anna"]
    assert told["score"] == "1"
    assert "does not pass: its forward relu_forward is not in this file" in told["told"]
    assert "though its assignment asks for it" not in told["told"]


def test_what_does_not_count_is_nothing_to_teach_again(folder: Path) -> None:
    write(folder, anna__deep__old_py=WRONG, anna__new_py=HONEST, bob__hw_py=HONEST)
    assert rows(folder)["anna"]["score"] == "2"
    page = (folder.parent / "out" / "class.html").read_text(encoding="utf-8")
    assert "2 times" not in page


def test_namesakes_have_their_numbers(folder: Path) -> None:
    (folder / "smithjohn_11_1_hw.py").write_text(HONEST)
    (folder / "smithjohn_12_2_hw.py").write_text(WRONG)
    (folder / "zoe_13_3_hw.py").write_text(HONEST)
    assert sorted(rows(folder)) == ["smithjohn (11)", "smithjohn (12)", "zoe"]


def test_reports_of_another_class_in_the_folder_are_told(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(folder, anna__hw_py=HONEST, max__hw_py=HONEST)
    rows(folder)
    assert "not in this class" not in capfd.readouterr().err
    for name in ("anna", "max"):
        (folder / name / "hw.py").unlink()
    write(folder, bob__hw_py=HONEST, zoe__hw_py=HONEST)
    rows(folder)
    assert "reports of files that are not in this class: anna" in capfd.readouterr().err


def test_an_archive_that_cannot_be_opened_is_unreadable(folder: Path) -> None:
    (folder / "anna.zip").write_bytes(b"PK\x03\x04 cut off")
    write(folder, bob__hw_py=HONEST)
    told = rows(folder)["anna"]
    assert "cannot be opened" in told["told"]
    page = (folder.parent / "out" / "class.html").read_text(encoding="utf-8")
    assert page.count("v-unreadable") >= 2
