"""How a run shows that it goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reports.report import PASSING

from .judge import Judged

LINES = 10
"""How many lines a whole run prints where there is no terminal."""


@contextmanager
def show(total: int) -> Iterator[Callable[[Judged], None]]:
    """A bar if stderr is a terminal, else a line every tenth of the way; yields the step."""
    if sys.stderr.isatty():
        with bar(total) as step:
            yield step
    else:
        yield lines(total)


@contextmanager
def bar(total: int) -> Iterator[Callable[[Judged], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("starting the frameworks", total=total)

        def step(judged: Judged) -> None:
            display.update(task, advance=1, description=judged.case.op)

        yield step


def lines(total: int) -> Callable[[Judged], None]:
    done = failed = 0
    every = max(1, -(-total // LINES))

    def step(judged: Judged) -> None:
        nonlocal done, failed
        done += 1
        failed += judged.verdict not in PASSING | {"skipped"}
        if done % every == 0 or done == total:
            told = f", {failed} failed" if failed else ""
            print(f"{done}/{total} cases{told} ({judged.case.op})", file=sys.stderr, flush=True)

    return step
