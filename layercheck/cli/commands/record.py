"""`layercheck record`: the frameworks' answers recorded anew."""

from __future__ import annotations

import click

from ref_layers import OPS

from ..options import check_ops, op_option


@click.command()
@op_option
def command(ops: tuple[str, ...]) -> None:
    """Record torch, TensorFlow and the exact result over the quick grid (for maintainers)."""
    from layercheck.upkeep.record import record_all

    check_ops(ops)
    record_all(ops or list(OPS), click.echo)
