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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the lines that no case ran; of workers of xdist, too."""
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
