"""What tests share: one warm process for each framework, and what CI has to have and to end by."""

from __future__ import annotations

import compileall
import importlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from layercheck import submissions
from layercheck.errors import UsageError
from layercheck.implementations.framework import Framework
from layercheck.judging.kept.keeping import OFF
from layercheck.judging.kept.keeping import VARIABLE as KEPT_IN
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import names

REQUIRED = "LAYERCHECK_REQUIRE_ALL"
"""Set by tox: then what is missing fails the test that needs it, and is no reason to skip it."""

DEADLINE = "LAYERCHECK_TEST_DEADLINE"
"""Set by CI, in seconds since the epoch: what has not begun by then is told as skipped, since a run
that is cut off tells nothing."""

os.environ[KEPT_IN] = OFF  # until a test is known to break nothing: `_kept`

names.install(op_table())  # what the parent tells the child; tests call profiles in this process

_frameworks: dict[str, Framework] = {}


def pytest_configure() -> None:
    """What a sandbox's child imports is compiled once, as in an installed package: a child writes
    nothing, and would compile it again at each of its starts."""
    if "PYTEST_XDIST_WORKER" not in os.environ and not sys.dont_write_bytecode:
        compileall.compile_dir(Path(submissions.__file__).parent, quiet=2)


PATIENCE = 900.0
"""Seconds for what another worker makes; then it is made here."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes last, and of that the first test of each file first: what it makes
    for the others is there when another worker comes to them."""
    begun: set[Path] = set()

    def turn(item: pytest.Item) -> int:
        if item.get_closest_marker("slow") is None:
            return 0
        is_first = item.path not in begun
        begun.add(item.path)
        return 1 if is_first else 2

    turns = {id(item): turn(item) for item in items}
    items.sort(key=lambda item: turns[id(item)])


def pytest_runtest_setup() -> None:
    if time.time() > float(os.environ.get(DEADLINE, "inf")):
        pytest.skip("not begun: the time of this run was up")


@pytest.fixture(scope="session")
def kept_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where every worker of this run keeps facts about cases."""
    return str(shared(tmp_path_factory) / "kept")


def shared(factory: pytest.TempPathFactory) -> Path:
    """The folder of this run that all of its workers have."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker which needs it fills, for all of them; it fails in all of them
    where that fails."""
    place = shared(factory) / name
    told = place.with_suffix(".told")
    try:
        place.mkdir()
    except FileExistsError:
        return made_elsewhere(place, told) or filled(factory.mktemp(name), make)
    failed = "it was not finished"
    try:
        filled(place, make)
        failed = ""
    except Exception as error:
        failed = repr(error)
        raise
    finally:
        written = told.with_suffix(".part")
        written.write_text(failed)
        written.rename(told)
    return place


def filled(place: Path, make: Callable[[Path], object]) -> Path:
    """A folder, once it is filled."""
    make(place)
    return place


def made_elsewhere(place: Path, told: Path) -> Path | None:
    """What another worker makes; None where that takes too long."""
    until = time.monotonic() + PATIENCE
    while not told.exists():
        if time.monotonic() > until:
            return None
        time.sleep(0.1)
    if failed := told.read_text():
        pytest.fail(f"{place.name} could not be made: {failed}")
    return place


@pytest.fixture(autouse=True)
def _kept(request: pytest.FixtureRequest, kept_folder: str) -> Iterator[None]:
    """Facts that another test found are found again, but where a test patches code: what it broke
    is to be run, and not to be kept."""
    os.environ[KEPT_IN] = OFF if "monkeypatch" in request.fixturenames else kept_folder
    yield
    os.environ[KEPT_IN] = OFF


def lacking(what: str) -> NoReturn:
    """Skip the test, or fail it where everything has to be there."""
    if os.environ.get(REQUIRED):
        pytest.fail(f"{what}, and {REQUIRED} is set")
    pytest.skip(what, allow_module_level=True)


def required(module: str) -> Any:
    """An optional library."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        lacking(str(error))


def framework(name: str) -> Framework:
    """A running framework process."""
    if name not in _frameworks:
        started = Framework(name)
        try:
            started.start()
        except UsageError as error:
            lacking(str(error))
        _frameworks[name] = started
    return _frameworks[name]


@pytest.fixture
def torch() -> Framework:
    return framework("torch")


@pytest.fixture
def tensorflow() -> Framework:
    return framework("tensorflow")


@pytest.fixture(scope="session", autouse=True)
def _end_frameworks() -> Iterator[None]:
    yield
    for started in _frameworks.values():
        started.stop()
