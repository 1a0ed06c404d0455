"""`layercheck choose-quick`: the quick grid chosen anew."""

from __future__ import annotations

import click

from ref_layers import OPS

from ..options import check_ops, op_option


@click.command()
@op_option
def command(ops: tuple[str, ...]) -> None:
    """Choose the quick grid anew and write it into the package (for maintainers)."""
    from layercheck.cases.quick import FOLDER
    from layercheck.upkeep.choose_quick import write

    check_ops(ops)
    for op in ops or OPS:
        click.echo(f"{op}: {write(op, FOLDER)} cases")
