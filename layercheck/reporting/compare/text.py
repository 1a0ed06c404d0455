"""What changed, for a terminal, for a pull request, and as a page."""

from __future__ import annotations

from ..formats.markdown import plain
from ..page.environment import environment
from ..records import Change
from ..words import on_one_line, visible
from .changes import Changes

MOST = 200
"""How many changes are told."""


def render(changes: Changes) -> str:
    """Lines of text."""
    lines = [visible(f"{mark(change)} {on_one_line(change.told)}") for change in shown(changes)]
    return "\n".join([*lines, *more(changes), visible(changes.headline)]) + "\n"


def markdown(changes: Changes) -> str:
    """A table."""
    lines = [f"## layercheck: {plain(changes.old)} compared", "", f"**{plain(changes.headline)}**"]
    if changes.found:
        lines += ["", "| | what | before | after | case |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {'❌' if one.is_regression else '·'} {one.kind} | {plain(one.what)} | "
        f"{plain(one.before)} | {plain(one.after)} | {plain(one.case)} |"
        for one in shown(changes)
    ]
    return "\n".join([*lines, *more(changes)]) + "\n"


def html(changes: Changes) -> str:
    """A page."""
    page = environment().get_template("compare.html.j2")
    return page.render(changes=changes, shown=shown(changes))


def mark(change: Change) -> str:
    """What stands before a change."""
    return f"{'REGRESSION' if change.is_regression else 'changed':<10} {change.kind:<7}"


def shown(changes: Changes) -> list[Change]:
    """Those that are told."""
    return changes.found[:MOST]


def more(changes: Changes) -> list[str]:
    """How many are not."""
    left = len(changes.found) - MOST
    return [f"and {left} more"] if left > 0 else []
