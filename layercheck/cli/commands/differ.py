"""`layercheck differ torch tensorflow`: where two frameworks differ, with what to write."""

from __future__ import annotations

import click

from ..options import check_ops, op_option


@click.command()
@click.argument("one")
@click.argument("other")
@op_option
@click.option("--all", "every", is_flag=True, help="Also what they agree on.")
def command(one: str, other: str, ops: tuple[str, ...], every: bool) -> int:
    """Tell where two frameworks differ: ONE and OTHER are torch, tensorflow, keras or any route.

    Each row was executed; `layercheck atlas` does it again on this machine.
    """
    from layercheck.atlas.differ import pairs
    from layercheck.atlas.row import rows
    from layercheck.atlas.told import lines_of

    check_ops(ops)
    found = pairs([row for op in (ops or [""]) for row in rows(op)], one, other)
    told = [pair for pair in found if every or pair.differs]
    for pair in told:
        for line in lines_of(pair, one, other):
            click.echo(line)
    alike = sum(not pair.differs for pair in found)
    click.echo(f"{len(found) - alike} differences; {alike} questions answered alike by both")
    return 0
