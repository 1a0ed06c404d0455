"""Where little can be written, what was found is told, and what can be written is."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest
from submitted import HONEST

from layercheck.cli import main
from layercheck.judging.kept import keeping
from layercheck.judging.kept.keeping import Keeping, usual_folder
from layercheck.reporting.files import Growing

FULL = Path("/dev/full")
NO_ROOM = "No space left on device"

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    path = tmp_path / "layers.py"
    path.write_text(HONEST)
    return path


def status(*arguments: str) -> int:
    """The exit status of a command."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize("full", ["jsonl", "junit"])
def test_a_report_without_room_costs_no_other(
    full: str, homework: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor what is told on the terminal; at the end of the run, or in the middle of it."""
    reports = ["--report", f"{full}={FULL}", "--html", str(tmp_path / "r.html")]
    assert status("check", str(homework), "--quiet", *reports) == 2
    told = capsys.readouterr()
    assert "passed: 20 cases" in told.out
    assert f"wrote {tmp_path / 'r.html'}" in told.out
    assert f"wrote {FULL}" not in told.out
    assert told.err == f"layercheck: cannot write {FULL}: {NO_ROOM}\n"
    assert (tmp_path / "r.html").read_text().rstrip().endswith("</html>")


def test_a_file_that_grows_fails_at_its_end_and_leaves_nothing(tmp_path: Path) -> None:
    growing = Growing(tmp_path / "r.jsonl")
    assert growing.half is not None
    growing.file.close()
    growing.file = FULL.open("w", encoding="utf-8", buffering=1)
    for _ in range(3):
        growing.add("a line\n")
    with pytest.raises(OSError, match=NO_ROOM):
        growing.finish()
    growing.drop()
    assert list(tmp_path.iterdir()) == []


def test_where_no_temporary_folder_can_be_written_to_it_is_told_what_to_do(
    homework: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nowhere() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp', '/']")

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert status("check", str(homework), "--quiet") == 2
    told = capsys.readouterr().err
    assert told.startswith("layercheck: no folder for temporary files can be written to (No ")
    assert told.endswith("; expected one of at least 1 MB; set TMPDIR to it\n")


@pytest.mark.skipif(sys.platform == "win32", reason="users have numbers elsewhere")
def test_a_user_without_a_home_keeps_no_results_and_checks(
    homework: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a container whose user has a number and no name."""
    for name in ("HOME", "XDG_CACHE_HOME", keeping.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert usual_folder() is None
    assert Keeping().store() is None
    assert status("check", str(homework), "--quiet") == 0
    assert "passed: 20 cases" in capsys.readouterr().out
