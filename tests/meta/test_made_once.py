"""What the workers of a run share is made by one of them, and fails in each where it fails."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import conftest
import pytest
from conftest import made_once


def factory(folder: Path) -> Any:
    """One worker's temporary folders, below those of the run."""
    own = folder / threading.current_thread().name
    own.mkdir(exist_ok=True)

    def mktemp(name: str) -> Path:
        (own / name).mkdir()
        return own / name

    return SimpleNamespace(getbasetemp=lambda: own, mktemp=mktemp)


@pytest.fixture(autouse=True)
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")


def test_it_is_made_once_and_whole_before_another_takes_it(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(place: Path) -> None:
        made.append(place)
        time.sleep(0.3)
        (place / "page").write_text("there")

    def taken() -> str:
        return (made_once(factory(tmp_path), "pages", make) / "page").read_text()

    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(taken) for _ in range(2)]
        assert [one.result() for one in found] == ["there", "there"]
    assert made == [tmp_path / "pages"]


def test_what_could_not_be_made_fails_in_each(tmp_path: Path) -> None:
    def make(place: Path) -> None:
        raise AssertionError("a link leads nowhere")

    with pytest.raises(AssertionError, match="nowhere"):
        made_once(factory(tmp_path), "pages", make)
    with pytest.raises(pytest.fail.Exception, match="pages could not be made.*nowhere"):
        made_once(factory(tmp_path), "pages", make)


def test_what_a_worker_left_unfinished_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "PATIENCE", 0.2)
    (tmp_path / "pages").mkdir()
    place = made_once(factory(tmp_path), "pages", lambda place: (place / "page").write_text("new"))
    assert (place / "page").read_text() == "new"
    assert list((tmp_path / "pages").iterdir()) == []


def test_the_first_slow_test_of_each_file_comes_before_the_others() -> None:
    def item(file: str, name: str, is_slow: bool) -> Any:
        marker = object() if is_slow else None
        return SimpleNamespace(path=file, name=name, get_closest_marker=lambda _: marker)

    items = [item("a", "a1", True), item("a", "a2", True), item("b", "b1", False)]
    items += [item("b", "b2", True), item("b", "b3", True)]
    conftest.pytest_collection_modifyitems(items)
    assert [one.name for one in items] == ["b1", "a1", "b2", "a2", "b3"]
