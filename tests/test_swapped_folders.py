"""A folder that somebody swaps for a link while the tool works leads to nobody else's files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from submitted import HONEST

from layercheck.pipeline.classroom import staging
from layercheck.pipeline.many import check_many, kept_row, reports_at
from layercheck.pipeline.options import Options
from layercheck.reporting import held, sealing
from layercheck.reporting.earlier import remove_reports
from layercheck.reporting.files import Growing, replace_with, write_text
from layercheck.reporting.held import settled
from layercheck.submissions import sources
from layercheck.submissions.handed_in.folders import read_file

pytestmark = pytest.mark.skipif(not held.CAN, reason="this system opens files by paths alone")

OTHERS = "somebody else's\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder within another one."""
    (folder := settled(tmp_path) / "above" / "out").mkdir(parents=True)
    return folder


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Somebody else's, with the same names in it."""
    (folder := settled(tmp_path) / "victim" / "out").mkdir(parents=True)
    (folder / "file").write_text(OTHERS)
    return folder


def swap(place: Path, victim: Path) -> None:
    """A link takes the place of the folder above."""
    place.parent.rename(place.parent.with_name("moved"))
    place.parent.symlink_to(victim.parent)


def test_nothing_is_written_where_a_link_leads_by_now(place: Path, victim: Path) -> None:
    swap(place, victim)
    with pytest.raises(OSError, match=held.TAKEN):
        replace_with(place / "file", "ours")
    assert (victim / "file").read_text() == OTHERS
    assert os.listdir(victim) == ["file"]


def test_what_grows_ends_where_it_began(place: Path, victim: Path) -> None:
    growing = Growing(place / "file")
    growing.add("ours")
    swap(place, victim)
    growing.finish()
    assert (victim / "file").read_text() == OTHERS
    assert (place.parent.with_name("moved") / "out" / "file").read_text() == "ours"


def test_a_link_in_a_reports_place_is_replaced_and_one_that_is_named_stays(
    place: Path, victim: Path
) -> None:
    for name in ("own", "named"):
        (place / name).symlink_to(victim / "file")
    replace_with(place / "own", "ours")
    assert (victim / "file").read_text() == OTHERS
    assert (place / "own").read_text() == "ours"
    write_text(place / "named", "named")
    assert (victim / "file").read_text() == "named"
    assert (place / "named").is_symlink()


def test_folders_that_are_links_when_they_are_named_may_be(place: Path) -> None:
    link = place.parent / "link"
    link.symlink_to(place)
    write_text(link / "new", "ours")
    assert (place / "new").read_text() == "ours"
    assert remove_reports([link / "new"]) == ""  # it is none


@pytest.mark.slow
def test_a_run_whose_folder_is_swapped_writes_nowhere_else(place: Path, victim: Path) -> None:
    files = [place.parent.parent / name for name in ("a.py", "b.py")]
    for file in files:
        file.write_text(HONEST)
    done: list[str] = []

    def say(text: str) -> None:
        done.append(text)
        if len(done) == 1:
            swap(place, victim)

    with pytest.raises(OSError, match=held.TAKEN):
        check_many(files, Options(), 1, place, say)
    assert "passed" in done[0]
    assert f"its report cannot be written: {held.TAKEN}" in done[1]
    assert os.listdir(victim) == ["file"]


def kept(place: Path) -> Path:
    """A file with its report, as a run leaves it."""
    file = place.parent.parent / "hw.py"
    file.write_text(HONEST)
    check_many([file], Options(), 1, place, lambda _: None)
    return file


@pytest.mark.slow
def test_a_kept_report_is_read_once_and_where_it_was(
    place: Path, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, base = kept(place), place / "hw-py"
    options, data = Options(together=True), reports_at(place / "hw-py")[1]
    honest = kept_row(file, options, base)
    assert honest is not None
    assert honest.passed

    def read(
        path: Path, most: int, real: Callable[[Path, int], bytes] = sealing.read_settled
    ) -> bytes:
        found = real(path, most)
        if path == data:  # it is another one a moment later
            data.write_bytes(found.replace(b'"functions', b'"forged').replace(b"true", b"false"))
        return found

    monkeypatch.setattr(sealing, "read_settled", read)
    assert kept_row(file, options, base) == honest
    monkeypatch.undo()
    assert kept_row(file, options, base) is None  # it does not fit its page


@pytest.mark.slow
def test_kept_reports_are_not_read_where_a_link_leads(place: Path, victim: Path) -> None:
    file, base, options = kept(place), place / "hw-py", Options(together=True)
    assert kept_row(file, options, base) is not None
    for path in reports_at(base):
        (victim / path.name).write_bytes(path.read_bytes())
    swap(place, victim)
    assert kept_row(file, options, base) is None


def test_what_is_handed_in_is_read_in_its_folder(place: Path, victim: Path) -> None:
    swap(place, victim)
    found = read_file(place / "file", "above/out/file", place.parent.parent)
    assert found.data == b""
    assert f"it cannot be read: {held.TAKEN}" in found.problem


def test_a_helper_is_read_in_its_package(
    place: Path, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "file.py").write_text("ours = 1\n")
    (victim / "file.py").write_text(OTHERS)
    assert sources.readable(place.parent.parent, "above/out/file.py") == b"ours = 1\n"

    def read(path: Path, most: int) -> bytes:
        swap(place, victim)
        return real(path, most)

    real = sources.read_settled
    monkeypatch.setattr(sources, "read_settled", read)
    assert sources.readable(place.parent.parent, "above/out/file.py") is None


def test_copies_are_removed_where_they_are(
    place: Path, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (place, victim):
        (folder / "hw.py").write_text(OTHERS)
    (place / staging.MARKER).write_text(staging.TOLD)
    real = staging.remove_file

    def remove(path: Path) -> None:
        swap(place, victim)
        real(path)

    monkeypatch.setattr(staging, "remove_file", remove)
    with pytest.raises(OSError, match=held.TAKEN):
        staging.remove_copies(place)
    assert (victim / "hw.py").exists()
