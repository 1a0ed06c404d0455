"""What a submission leaves in its folder is removed, however deep; nothing is where a link leads."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from layercheck.submissions.sandbox.emptied import remove

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders by their descriptors")


def made_deep(folder: Path, names: list[str]) -> None:
    """Folders in folders, by descriptors: no path is as long."""
    at = os.open(folder, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=at)
        below = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=below))
        os.close(at)
        at = below
    os.close(at)


def test_folders_deeper_than_a_path_and_than_recursion(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    made_deep(folder, ["x" * 250] * 30 + ["d"] * 1500)
    try:
        remove(str(folder))
        assert not folder.exists()
    finally:  # whoever empties the tests' folders cannot
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_names_that_folders_would_be_moved_to(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    for name in ("a/b/c", *(f"layercheck-moved-{number}/full" for number in range(5))):
        (folder / name).mkdir(parents=True)
    remove(str(folder))
    assert not folder.exists()


def test_folders_that_their_owner_may_not_use(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    (folder / "one" / "two" / "three").mkdir(parents=True)
    for name, mode in {"one/two/three": 0o000, "one/two": 0o500, "one": 0o300, ".": 0o100}.items():
        (folder / name).chmod(mode)
    remove(str(folder))
    assert not folder.exists()


def test_a_link_in_its_place_is_removed_alone(tmp_path: Path) -> None:
    (other := tmp_path / "other").mkdir()
    (closed := other / "closed").mkdir(mode=0o100)
    (other / "file").write_text("somebody's")
    (folder := tmp_path / "own").symlink_to(other)
    remove(str(folder))
    assert not os.path.lexists(folder)
    assert (other / "file").read_text() == "somebody's"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o100


def test_links_within_are_removed_alone(tmp_path: Path) -> None:
    (other := tmp_path / "other").mkdir()
    (other / "file").write_text("somebody's")
    (folder := tmp_path / "own").mkdir()
    (folder / "link").symlink_to(other)
    (folder / "below").mkdir()
    (folder / "below" / "link").symlink_to(other)
    remove(str(folder))
    assert not folder.exists()
    assert (other / "file").exists()
