"""`layercheck differ torch tensorflow`: where two frameworks differ, with what to write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from layercheck.errors import UsageError
from layercheck.reporting.words import many, on_one_line

from ..options import check_ops, op_option

if TYPE_CHECKING:
    from layercheck.atlas.row import Row


@click.command()
@click.argument("one")
@click.argument("other")
@op_option
@click.option("--all", "every", is_flag=True, help="Also what they agree on.")
@click.option("--answers", metavar="FILE", help="Of a run elsewhere, by `atlas --json FILE`.")
def command(one: str, other: str, ops: tuple[str, ...], every: bool, answers: str | None) -> int:
    """Tell where two frameworks differ: ONE and OTHER are torch, tensorflow, keras or any route.

    Each row was executed; `layercheck atlas` does it again on this machine. Two files that
    `layercheck atlas --json FILE` wrote, before and after an update, say: what changed.
    """
    if one == other or Path(one).resolve() == Path(other).resolve():
        raise UsageError(f"{one!r} cannot be held against itself; name another framework or file")
    if one.endswith(".json") or other.endswith(".json"):
        return of_files(Path(one), Path(other), ops)
    from layercheck.atlas.differ import pairs
    from layercheck.atlas.row import rows
    from layercheck.atlas.told import line_of, lines_of

    check_ops(ops)
    known = seen_elsewhere(Path(answers)) if answers else rows()
    found = pairs([row for row in known if not ops or row.op in ops], one, other)
    told = [pair for pair in found if every or pair.differs]
    for pair in (pair for pair in told if pair.is_asked_often):
        click.echo("\n".join(lines_of(pair, one, other)))
    beside = [row for row in known if ops and row.op not in ops]
    lines = [line_of(pair, one, other) for pair in pairs(beside, one, other) if pair.is_asked_often]
    if lines:
        click.echo("\n".join(["asked as often of other layers (--op NAME):", *lines, ""]))
    for pair in (pair for pair in told if not pair.is_asked_often):
        click.echo("\n".join(lines_of(pair, one, other)))
    if not found:
        raise UsageError(nothing_of(known, (one, other), answers))
    alike = sum(not pair.differs for pair in found)
    click.echo(f"{len(found) - alike} differences; {alike} questions answered alike by both")
    return 0


def nothing_of(known: Sequence[Row], sides: Sequence[str], answers: str | None) -> str:
    """That no question was answered by both, and who has no answers."""
    from layercheck.atlas.differ import side

    lacking = [
        name for name in sides if not any(f in row.answers for row in known for f in side(name))
    ]
    place = answers or "the atlas"
    who = f"{place} has no answers of {' and '.join(lacking)}" if lacking else ""
    return (
        f"no question here is answered by both: {who or 'other ops may have some'}; expected "
        "routes that were asked, such as by `layercheck atlas --route R --json FILE`"
    )


def seen_elsewhere(file: Path) -> list[Row]:
    """The rows with the answers of another run; its versions are told."""
    from layercheck.atlas.row import rows
    from layercheck.atlas.versions import read

    run = read(file)
    told = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    click.echo(on_one_line(f"answers of {told}"))
    return [run.row(row) for row in rows()]


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
