"""The pytest plugin: `pytest --layercheck=mypackage.layers` collects a test a case.

Nothing but pytest is imported here; the rest is when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .fixture import Layercheck


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--layercheck` and what belongs to it."""
    group = parser.getgroup("layercheck", "neural-network layers checked")
    add = group.addoption
    add(
        "--layercheck",
        action="append",
        metavar="SUBJECT",
        help="Collect a test for each case of this module, file or oracle:NAME (repeatable).",
    )
    add(
        "--layercheck-oracle",
        action="append",
        metavar="NAME",
        help="Compare with this live oracle, `exact` alone for none (repeatable; default: recorded "
        "answers).",
    )
    add("--layercheck-grid", metavar="GRID", help="Which cases (default: quick).")
    add("--layercheck-where", metavar="CONDITION", help="Only cases where this holds.")
    add("--layercheck-expected", metavar="FILE", help="A TOML file of failures that are expected.")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the cases, before anybody selects from what was collected."""
    if not (config.getoption("layercheck") or configured(config)):
        return
    from .nodes import collected

    items += collected(session, config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """What will be asked is known now."""
    opened = session.config.stash.get(OPENED, None)
    if opened is not None:
        from .nodes import expect_items

        expect_items(session.items)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count the expected failures about nothing that a selection leaves out."""
    left = sum(getattr(item, "is_stale", False) for item in items)
    if left:
        add_unseen(items[0].config, left)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the count to the process that tells it, where this is a worker of xdist."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[UNSEEN_OF_WORKER] = session.config.stash.get(UNSEEN, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker collects, and counts, the same."""
    output = getattr(node, "workeroutput", {})
    node.config.stash[UNSEEN] = output.get(UNSEEN_OF_WORKER, 0)


def add_unseen(config: pytest.Config, count: int) -> None:
    """So many more are not looked at."""
    config.stash[UNSEEN] = config.stash.get(UNSEEN, 0) + count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the lines that no case ran, of workers of xdist, too; and what was not looked at."""
    unseen = terminalreporter.config.stash.get(UNSEEN, 0)
    if unseen:
        ending = "" if unseen == 1 else "s"
        terminalreporter.write_line(
            f"layercheck: {unseen} expected failure{ending} that no test fits not looked at, as "
            "the selection (-k, -m, --deselect) leaves them out; a run of all tests fails on them"
        )
    reports = (one for some in terminalreporter.stats.values() for one in some)
    told = [tuple(pair) for one in reports for pair in getattr(one, "user_properties", ())]
    lines = dict.fromkeys(text for name, text in told if name == NEVER_RUN)
    if lines:
        terminalreporter.section("layercheck: what no case ran")
        for line in lines:
            terminalreporter.write_line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the processes of frameworks and sandboxes."""
    for run in config.stash.get(OPENED, ()):
        run.close()


NEVER_RUN = "layercheck: never run"
"""Under which name a test tells it."""

UNSEEN = pytest.StashKey[int]()
"""How many of those a selection leaves out."""

UNSEEN_OF_WORKER = "layercheck: not looked at"
"""Under which name a worker of xdist tells it."""

OPENED = pytest.StashKey[list[Any]]()
"""The runs whose cases were collected."""


def configured(config: pytest.Config) -> bool:
    """Whether the adopter's own pyproject.toml speaks of layercheck."""
    file = config.rootpath / "pyproject.toml"
    return file.is_file() and "[tool.layercheck" in file.read_text("utf-8", "replace")


@pytest.fixture
def layercheck(pytestconfig: pytest.Config) -> Layercheck:
    """`assert_agrees`, `check`, `cases`, `gradcheck`, with the oracles and the grid of this run."""
    from .fixture import Layercheck

    return Layercheck(pytestconfig)
