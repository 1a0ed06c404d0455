"""`layercheck differ torch tensorflow`: where two frameworks differ, with what to write."""

from __future__ import annotations

from pathlib import Path

import click

from layercheck.reporting.words import many, on_one_line

from ..options import check_ops, op_option


@click.command()
@click.argument("one")
@click.argument("other")
@op_option
@click.option("--all", "every", is_flag=True, help="Also what they agree on.")
def command(one: str, other: str, ops: tuple[str, ...], every: bool) -> int:
    """Tell where two frameworks differ: ONE and OTHER are torch, tensorflow, keras or any route.

    Each row was executed; `layercheck atlas` does it again on this machine. Two files that
    `layercheck atlas --json FILE` wrote, before and after an update, say: what changed.
    """
    if one.endswith(".json") or other.endswith(".json"):
        return of_files(Path(one), Path(other), ops)
    from layercheck.atlas.differ import pairs
    from layercheck.atlas.row import rows
    from layercheck.atlas.told import line_of, lines_of

    check_ops(ops)
    found = pairs([row for op in (ops or [""]) for row in rows(op)], one, other)
    told = [pair for pair in found if every or pair.differs]
    for pair in (pair for pair in told if pair.is_asked_often):
        click.echo("\n".join(lines_of(pair, one, other)))
    beside = [row for row in rows() if ops and row.op not in ops]
    lines = [line_of(pair, one, other) for pair in pairs(beside, one, other) if pair.is_asked_often]
    if lines:
        click.echo("\n".join(["asked as often of other layers (--op NAME):", *lines, ""]))
    for pair in (pair for pair in told if not pair.is_asked_often):
        click.echo("\n".join(lines_of(pair, one, other)))
    alike = sum(not pair.differs for pair in found)
    click.echo(f"{len(found) - alike} differences; {alike} questions answered alike by both")
    return 0


def of_files(before: Path, after: Path, ops: tuple[str, ...]) -> int:
    """Tell what two runs of the atlas answer otherwise."""
    from layercheck.atlas.versions import NOT_ASKED, changes, moved, read

    check_ops(ops)
    one, other = read(before), read(after)
    click.echo(on_one_line(moved(one.versions, other.versions) or "the same versions"))
    made = [change for change in changes(one, other) if not ops or change.op in ops]
    asked = [change for change in made if NOT_ASKED not in (change.before, change.after)]
    for change in asked:
        click.echo(on_one_line(change.told))
    beside = (
        f"; {len(made) - len(asked)} asked in one of them only" if len(made) > len(asked) else ""
    )
    common = len(one.words.keys() & other.words.keys())
    click.echo(f"{len(asked)} of {many(common, 'answer')} changed{beside}")
    return 0
