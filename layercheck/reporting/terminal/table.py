"""The table of a module or an oracle: a line for each op and oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..fields import VERDICTS
from ..numbers import number
from ..report import Report
from ..rows import Row, rows
from ..verdict import Verdict
from .lines import STYLES, say, shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def print_table(report: Report, console: Console) -> None:
    """Nothing where nothing was compared."""
    from rich import box
    from rich.table import Table

    lines = rows(report)
    if not lines:
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for name in ("op", "against"):
        table.add_column(name, no_wrap=True, vertical="bottom")
    table.add_column("cases", justify="right", no_wrap=True, vertical="bottom")
    table.add_column("verdicts", vertical="bottom")
    for name in ("limit\nused", "max\nulp", "needs\ntol"):
        table.add_column(name, justify="right", no_wrap=True, vertical="bottom")
    for row in lines:
        table.add_row(*cells(row, console))
    console.print(table)
    say(console)


def cells(row: Row, console: Console) -> list[Text]:
    """A row of the table."""
    from rich.text import Text

    figures = (row.limit_used, row.max_ulp, row.needed_tolerance)
    return [
        Text(shown(row.op, console), "bold" if row.failed else ""),
        Text(shown(row.against, console)),
        Text(f"{row.cases:,}"),
        verdicts_cell(row.verdicts),
        *(Text(number(figure, digits=2)) for figure in figures),
    ]


def verdicts_cell(verdicts: dict[str, int]) -> Text:
    """The verdicts that occurred, each count in its colour: `78 exact, 562 rounding`."""
    from rich.text import Text

    found = [v for v in VERDICTS if verdicts.get(v)]
    return Text(", ").join(Text(f"{verdicts[v]:,} {v}", STYLES[Verdict(v)]) for v in found)
