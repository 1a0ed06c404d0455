"""What is judged is what was read first: a file that is another one a moment later changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from submitted import HONEST, check_of, zipped

from layercheck.pipeline.many import check_file
from layercheck.pipeline.options import Options, settings_of
from layercheck.reporting import regular
from layercheck.submissions.handed_in.entries import pieces_of, pieces_of_one
from layercheck.submissions.handed_in.pieces import Piece
from layercheck.submissions.sources import Sources, fingerprint

NAMES = ("Bo B_7_assignsubmission_file_", "Cy C_8_assignsubmission_file_")
FIRST = zipped({f"{name}/layers.py": HONEST for name in NAMES})
LATER = zipped({"layers.py": "later"})


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[Path, bytes]]:
    """Files, and what stands in their place as soon as they were opened."""
    due: dict[Path, bytes] = {}
    read = regular.read_opened

    def read_opened(path: Path, number: int, most: int) -> bytes:
        text = due.pop(path, None)
        if text is not None:
            other = Path(f"{path}-other")
            other.write_bytes(text)
            os.replace(other, path)
        return read(path, number, most)

    monkeypatch.setattr(regular, "read_opened", read_opened)
    yield due
    assert not due, "nobody opened it"


def sources(pieces: Iterator[object]) -> dict[tuple[str, str], bytes]:
    """The sources that are judged, by their owner and path."""
    found = (piece for piece in pieces if isinstance(piece, Piece) and piece.data)
    return {(p.placed.who.name, p.placed.path): p.data for p in found}


def test_an_export_is_read_once(tmp_path: Path, later: dict[Path, bytes]) -> None:
    archive = tmp_path / "export.zip"
    archive.write_bytes(FIRST)
    later[archive] = LATER
    found = sources(pieces_of(archive, tmp_path / "out", True))
    assert found == {(name[:4], "layers.py"): HONEST.encode() for name in ("Bo B", "Cy C")}


def test_each_archive_of_a_folder_is_read_once(tmp_path: Path, later: dict[Path, bytes]) -> None:
    """One that looks like an export is trusted for what it held then."""
    for name in ("anna.zip", "bo.zip"):
        (tmp_path / name).write_bytes(zipped({"layers.py": HONEST}))
        later[tmp_path / name] = FIRST
    found = sources(pieces_of(tmp_path, tmp_path / "out", True))
    assert found == {(name, "layers.py"): HONEST.encode() for name in ("anna.zip", "bo.zip")}


def test_the_archive_of_one_student_is_read_once(tmp_path: Path, later: dict[Path, bytes]) -> None:
    archive = tmp_path / "anna.zip"
    archive.write_bytes(zipped({"layers.py": HONEST}))
    later[archive] = LATER
    assert list(sources(pieces_of_one(archive)).values()) == [HONEST.encode()]


def test_a_helper_is_read_once(tmp_path: Path, later: dict[Path, bytes]) -> None:
    (tmp_path / "base.py").write_bytes(b"first")
    later[tmp_path / "base.py"] = b"later"
    own = Sources(tmp_path / "layers.py")
    assert [own.helper("base"), own.helper("base")] == [b"first", b"first"]
    assert own.read["base.py"] == fingerprint(b"first")


def test_a_graders_table_is_read_once(tmp_path: Path, later: dict[Path, bytes]) -> None:
    """For all files of a run, and for what their reports say of it."""
    path, table = tmp_path / "layers.py", tmp_path / "table.toml"
    path.write_text("import numpy as np\n\ndef f(x):\n    return np.maximum(x, 0)\n")
    table.write_text("[tool.layercheck.relu]\nforward = 'f'\n")
    later[table] = b"[tool.layercheck.tanh]\nforward = 'f'\n"
    options = Options(declared=str(table))
    for _ in range(2):
        report = check_file(path, options)
        assert check_of(report, "f").op == "relu"
        assert report.manifest.settings == settings_of(options)
    assert settings_of(Options(declared=str(table))) != settings_of(options)


def test_where_a_function_is_written_is_told_of_the_text_that_was_judged(
    tmp_path: Path, later: dict[Path, bytes]
) -> None:
    """A pipe in its place would keep the tool waiting, and a large file take its memory."""
    path = tmp_path / "layers.py"
    path.write_text(HONEST)
    later[path] = b"\n\n\n\n\n" + HONEST.encode()
    report = check_file(path, Options())
    line = HONEST.splitlines().index("def relu_forward(x):") + 1
    forward = check_of(report, "relu_forward")
    assert (forward.file, forward.line) == (str(path), line)
    assert report.manifest.sources["layers.py"] == fingerprint(HONEST.encode())
