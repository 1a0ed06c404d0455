"""`layercheck doctor`: what this machine gives to keep other people's code in."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .sandbox.machine import Protection, protections


def print_doctor(console: Console | None = None) -> None:
    """Print a row for each protection, and the level that will be used."""
    found = protections()
    (console or Console()).print(table_of(found))


def table_of(found: list[Protection]) -> Table:
    table = Table("protection", "here", "detail", title="Isolation of submissions")
    for name, here, detail in found:
        table.add_row(name, "yes" if here else "no", escape(detail))
    return table
