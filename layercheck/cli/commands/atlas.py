"""`layercheck atlas`: every row of the atlas executed, and held to what it says."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import check_ops, op_option


@click.command()
@op_option
@click.option("--route", "asked", multiple=True, help="Only these routes; may be repeated.")
@click.option("--update", is_flag=True, help="Write what is answered now into the rows.")
@click.option("--write", "folder", type=click.Path(file_okay=False), help="Write the pages there.")
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Write all of it there.")
def command(
    ops: tuple[str, ...], asked: tuple[str, ...], update: bool, folder: str | None, file: str | None
) -> int:
    """Execute the rows of the atlas: native calls of each framework beside the exact result.

    Exit status 1 if a row no longer says what is answered. On a processor with other instructions
    than the row's it is told, and does not count.
    """
    from layercheck.atlas import report
    from layercheck.atlas import update as updating
    from layercheck.atlas.row import rows
    from layercheck.atlas.run import execute

    check_ops(ops)
    wanted = [row for op in (ops or [""]) for row in rows(op)]
    executed = []
    for one in execute(wanted, asked, anew=update):
        executed.append(one)
        for name, (said, now) in one.changed.items() if not update else ():
            click.echo(
                f"{one.row.op} {one.row.id}: {name}: the row says {said!r}, it answers {now!r}"
                f"{elsewhere(one.row.cpu) if one.is_elsewhere else ''}"
            )
        for name, dish in one.spoilt.items():
            told = f"{one.row.op} {one.row.id}: the recipe for {name}"
            click.echo(f"{told} {dish.words} {dish.error}")
    if update:
        paths = updating.write(executed)
        click.echo(f"{len(executed)} rows written to {len(paths)} files")
        return 0
    if folder:
        report.write_pages([one.row for one in executed], Path(folder))
    if file:
        report.write_json(executed, Path(file))
    changed = sum(one.fails for one in executed)
    click.echo(f"{len(executed)} rows executed, {changed} changed")
    return 1 if changed else 0


def elsewhere(cpu: str) -> str:
    """Why a change does not count."""
    from layercheck.atlas.machine import widest

    return f" (seen with {cpu}; this processor has {widest() or 'none of the kind'})"
