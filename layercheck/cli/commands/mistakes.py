"""`layercheck mistakes`: what people get wrong, and what catches it."""

from __future__ import annotations

import click

from layercheck.cases.grids import GRIDS
from ref_layers import OPS

from ..options import check_ops, op_option


@click.command()
@op_option
@click.option("--grid", type=click.Choice(["standard", "quick"]), default="standard")
def command(ops: tuple[str, ...], grid: str) -> int:
    """Hold every named mistake against the grid: each must be rejected."""
    from layercheck.upkeep.mutation import print_outcomes

    check_ops(ops)
    return print_outcomes(ops or list(OPS), GRIDS[grid], click.echo)
