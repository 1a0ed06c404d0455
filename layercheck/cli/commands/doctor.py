"""`layercheck doctor`: what this machine gives to keep other people's code in."""

from __future__ import annotations

import sys

import click

from ..streams import console


@click.command()
def command() -> None:
    """Say which protections this machine gives when it runs other people's code."""
    from rich.markup import escape
    from rich.table import Table

    from layercheck.submissions.sandbox.machine import protections

    table = Table("protection", "here", "detail", title="Isolation of submissions")
    for name, here, detail in protections():
        table.add_row(name, "yes" if here else "no", escape(detail))
    console(sys.stdout).print(table)
