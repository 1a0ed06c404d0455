"""`layercheck search`: look for defects of the frameworks that nobody has written down yet."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layercheck.errors import UsageError

from ..options import check_ops, op_option

if TYPE_CHECKING:
    from layercheck.search.run import Came

EVERY = 15.0
"""Seconds between two lines of progress where there is no terminal."""


@click.command()
@op_option
@click.option("--route", "asked", multiple=True, help="Only these routes; may be repeated.")
@click.option("--minutes", default=10.0, show_default=True, help="For how long.")
@click.option("--out", default="search", show_default=True, help="The folder of what is found.")
@click.option("--seed", default=0, show_default=True, help="Other questions with another number.")
@click.option("--routes-from", "more", default="", help="A folder with <name>_routes.py of yours.")
@click.option("--hang", default=60.0, show_default=True, help="Seconds after which a call hangs.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    default="",
    help="Ask on the Dask cluster of this scheduler, such as tcp://host:8786.",
)
@click.option("--all", "every", is_flag=True, help="Also what is written down already.")
def command(
    ops: tuple[str, ...],
    asked: tuple[str, ...],
    minutes: float,
    out: str,
    seed: int,
    more: str,
    hang: float,
    scheduler: str,
    every: bool,
) -> int:
    """Look for defects of torch, TensorFlow, Keras, JAX and ONNX Runtime that nobody has told of.

    Goes on where an earlier run in the same folder ended, however it ended. Exit status 0: nothing
    was found; 1: something was; 2: wrong usage.
    """
    from layercheck.search.run import Wanted, search

    check_ops(ops)
    for name, number in (("minutes", minutes), ("hang", hang)):
        if not 0 < number < float("inf"):
            raise UsageError(f"got --{name} {number:g}; expected a number above 0")
    if sys.platform == "win32":
        raise UsageError("search needs fork, which Windows lacks; run it on Linux")
    wanted = Wanted(ops, asked, minutes, Path(out), seed, more, hang, every, scheduler)
    came = search(wanted, Progress())
    tell(came, Path(out))
    if not came.tallies.get("answered"):
        raise UsageError(unanswered(came))
    return 1 if came.new else 0


def unanswered(came: Came) -> str:
    """What to do where nothing was found as nothing was answered."""
    told = ", ".join(f"{n} {name}" for name, n in came.tallies.items() if " " not in name)
    why = "; ".join(f"{route}: {words}" for route, words in came.unanswered.items())
    return (
        f"no question was answered ({told or 'none was put'}); expected routes that answer on this "
        f"machine{f'; last of all: {why}' if why else ''}"
    )


class Progress:
    """A line that says how it goes: ever the same in a terminal, else a new one now and then."""

    def __init__(self) -> None:
        self.last = 0.0

    def __call__(self, came: Came) -> bool:
        """Tell it where it is time to; it is never enough."""
        terminal = sys.stderr.isatty()
        if terminal or time.monotonic() - self.last >= EVERY:
            self.last = time.monotonic()
            end = "\r" if terminal else "\n"
            print(f"{counts(came)}, {len(came.new)} found", end=end, file=sys.stderr, flush=True)
        return False


def counts(came: Came) -> str:
    """How much was asked, and how fast."""
    asked = came.tallies.get("answered", 0)
    return f"{asked} cases, {came.rate:.0f} a second of one core"


def tell(came: Came, out: Path) -> None:
    """The findings, the worst first; what is explained; how much was asked."""
    for one in came.new:
        click.echo(f"{one['kind']}: {one['op']} by {', '.join(one['routes'])}: {words(one)}")
        click.echo(f"    {out / 'findings' / one['folder']}")
    explained = sorted({one["explained"] for one in came.explained})
    if explained:
        click.echo(f"{len(came.explained)} more are written down: {'; '.join(explained)}")
    for failed in came.failed:
        click.echo(f"could not go on: {failed}", err=True)
    waiting = f"; {came.waiting} suspicions to be examined by the next run" * (came.waiting > 0)
    click.echo(f"{counts(came)}; {len(came.new)} findings{waiting}")


def words(one: dict[str, Any]) -> str:
    """The arrays, dtypes and condition of a finding."""
    parts = [" ".join(filter(None, one["arrays"])), " ".join(one["dtypes"])]
    under = f"where {one['condition']}" if one["condition"] else ""
    return "; ".join(part for part in [*parts, under] if part)
