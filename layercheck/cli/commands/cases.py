"""`layercheck cases`: the questions, one line each."""

from __future__ import annotations

import click

from ..options import case_options, choose_cases


@click.command()
@case_options
def command(grid: str | None, ops: tuple[str, ...], dtype: str | None, where: str) -> None:
    """List the cases of a grid (by default the standard one), one a line."""
    for case in choose_cases(ops, dtype or "", where, grid or "standard"):
        click.echo(str(case))
