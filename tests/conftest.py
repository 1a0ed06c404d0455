"""What tests share: one warm process for each framework, and judged cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from layercheck.case import Case
from layercheck.errors import UsageError
from layercheck.judge import Facts, facts
from layercheck.worker import Worker

_workers: dict[str, Worker] = {}


def framework(name: str) -> Worker:
    """A running framework process; the test is skipped where the framework is missing."""
    if name not in _workers:
        worker = Worker(name)
        try:
            worker.start()
        except UsageError as error:
            pytest.skip(str(error))
        _workers[name] = worker
    return _workers[name]


@pytest.fixture
def torch() -> Worker:
    return framework("torch")


@pytest.fixture
def tensorflow() -> Worker:
    return framework("tensorflow")


@pytest.fixture(scope="session", autouse=True)
def _end_frameworks() -> Iterator[None]:
    yield
    for worker in _workers.values():
        worker.stop()


_last: dict[Case, Facts] = {}


def facts_of(case: Case) -> Facts:
    """The exact result and bounds; kept for the next test, which often asks for the same case."""
    if case not in _last:
        _last.clear()
        _last[case] = facts(case)
    return _last[case]
