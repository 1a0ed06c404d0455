"""`layercheck atlas`: every row of the atlas executed, and held to what it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from layercheck.errors import UsageError

from ..options import check_ops, op_option

if TYPE_CHECKING:
    from layercheck.atlas.run import Executed


@click.command()
@op_option
@click.option("--route", "asked", multiple=True, help="Only these routes; may be repeated.")
@click.option("--update", is_flag=True, help="Write what is answered now into the rows.")
@click.option("--write", "folder", type=click.Path(file_okay=False), help="Write the pages there.")
@click.option("--half", is_flag=True, help="The tables of float16 and bfloat16 in their place.")
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Write all of it there.")
def command(
    ops: tuple[str, ...],
    asked: tuple[str, ...],
    update: bool,
    folder: str | None,
    half: bool,
    file: str | None,
) -> int:
    """Execute the rows of the atlas: native calls of each framework beside the exact result.

    Exit status 1 if a row no longer says what is answered, or if its kind or its note says what its
    answers do not. On a processor with other instructions than the row's it is told, and does not
    count.
    """
    from layercheck.atlas import report
    from layercheck.atlas import update as updating
    from layercheck.atlas.row import rows
    from layercheck.atlas.run import execute

    check_ops(ops)
    if half:
        return tables(ops, asked, folder)
    wanted = [row for op in (ops or [""]) for row in rows(op)]
    executed = []
    for one in execute(wanted, asked, anew=update):
        executed.append(one)
        tell(one, update)
    if update:
        paths = updating.write(executed)
        click.echo(f"{len(executed)} rows written to {len(paths)} files")
        return 0
    if folder:
        report.write_pages([one.row for one in executed], Path(folder))
    if file:
        report.write_json(executed, Path(file))
    return concluded(executed)


def concluded(executed: Sequence[Executed]) -> int:
    """Tell what the rows say and their answers do not, and how many changed; the exit status."""
    from layercheck.atlas.doubts import doubts

    changed = sum(one.fails for one in executed)
    doubted = list(doubts([one.row for one in executed]))
    click.echo("\n".join([*doubted, f"{len(executed)} rows executed, {changed} changed"]))
    return 1 if changed or doubted else 0


def tell(one: Executed, update: bool) -> None:
    """What of a row no longer holds; where it is written anew, its recipes alone."""
    for name, (said, now) in one.changed.items() if not update else ():
        click.echo(
            f"{one.row.op} {one.row.id}: {name}: the row says {said!r}, it answers {now!r}"
            f"{elsewhere(one.row.cpu) if one.is_elsewhere else ''}"
        )
    for name, dish in one.spoilt.items():
        told = f"{one.row.op} {one.row.id}: the recipe for {name}"
        click.echo(f"{told} {dish.words} {dish.error}")


def elsewhere(cpu: str) -> str:
    """Why a change does not count."""
    from layercheck.atlas.machine import widest

    return f" (seen with {cpu}; this processor has {widest() or 'none of the kind'})"


def tables(ops: tuple[str, ...], families: tuple[str, ...], folder: str | None) -> int:
    """Every number of the 16-bit formats, as a page: into a folder, or told."""
    from layercheck.atlas.half import lines
    from layercheck.atlas.half_page import page
    from layercheck.atlas.machine import widest
    from layercheck.atlas.report import versions
    from layercheck.cases.elementwise import activations
    from layercheck.reporting.files import write_text

    wrong = [name for name in ops if name not in activations()]
    if wrong:
        known = ", ".join(activations())
        raise UsageError(f"got --op {wrong[0]} with --half; expected one of: {known}")
    text = page(list(lines(families, ops)), versions(), widest())
    if folder:
        write_text(Path(folder) / "half.md", text)
    else:
        click.echo(text)
    return 0
