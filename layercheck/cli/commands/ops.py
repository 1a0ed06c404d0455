"""`layercheck ops`: the arrays and attributes of every op."""

from __future__ import annotations

import click

from layercheck.cases.text import value_text
from ref_layers import OPS, Op
from ref_layers.op import REQUIRED


@click.command()
def command() -> None:
    """List the ops with their arrays and attributes."""
    for op in OPS.values():
        click.echo(described(op))


def described(op: Op) -> str:
    """An op's arrays with their symbolic shapes, and its attributes with their defaults."""
    arrays = ", ".join(
        f"{name} ({', '.join(tensor.symbols)}){' or none' if tensor.optional else ''}"
        for name, tensor in op.inputs.items()
    )
    attributes = ", ".join(
        name if default is REQUIRED else f"{name}={value_text(default)}"
        for name, default in op.attributes.items()
    )
    grads = ", ".join(f"d{name}" for name in op.differentiable)
    return (
        f"{op.name}\n  arrays      {arrays}\n  attributes  {attributes or 'none'}\n"
        f"  answers     {', '.join((*op.outputs, grads))}"
    )
