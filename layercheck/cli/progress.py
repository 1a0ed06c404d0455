"""How a run shows that it goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from layercheck.judging.judge import Judged

from .streams import console

LINES = 10
"""How many lines a whole run prints where there is no terminal."""

Step = Callable[[Judged], None]


class Progress:
    """Begun when a run knows how many cases it has; ended with the context."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.shown: AbstractContextManager[Step] = nullcontext(lambda judged: None)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: Any) -> None:
        self.shown.__exit__(*error)

    def begin(self, total: int) -> Step:
        """A bar if stderr is a terminal, else a line every tenth of the way."""
        if not self.quiet:
            self.shown = bar(total) if sys.stderr.isatty() else nullcontext(lines(total))
        return self.shown.__enter__()


@contextmanager
def bar(total: int) -> Iterator[Step]:
    """A progress bar."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Display

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Display(*columns, console=console(sys.stderr), transient=True) as display:
        task = display.add_task("starting", total=total)

        def step(judged: Judged) -> None:
            display.update(task, advance=1, description=judged.case.op)

        yield step


def lines(total: int) -> Step:
    """A line every tenth of the way."""
    done = failed = 0
    every = max(1, -(-total // LINES))

    def step(judged: Judged) -> None:
        nonlocal done, failed
        done += 1
        failed += judged.verdict.fails
        if done % every == 0 or done == total:
            told = f", {failed} failed" if failed else ""
            print(f"{done}/{total} cases{told} ({judged.case.op})", file=sys.stderr, flush=True)

    return step
