"""Lines on a console: whatever text they hold, it is shown and does nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..verdict import Verdict
from ..words import on_one_line, visible

if TYPE_CHECKING:
    from rich.console import Console

    from ..picture.record import Picture

STYLES = {
    Verdict.EXACT: "green",
    Verdict.ROUNDING: "green",
    Verdict.CONVENTION: "cyan",
    Verdict.CONSISTENT: "cyan",
    Verdict.INACCURATE: "yellow",
    Verdict.CONTRADICTED: "yellow",
    Verdict.NARROWED: "yellow",
    Verdict.NOT_IMPLEMENTED: "yellow",
    Verdict.INCOMPLETE: "bold yellow",
    Verdict.WRONG: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.NOT_JUDGED: "dim",
    Verdict.SKIPPED: "dim",
}


LONGEST_NAME = 80
"""Of a function, in characters."""


def say(console: Console, text: str = "", style: str = "") -> None:
    """One line as it stands: no markup, no wrapping."""
    from rich.text import Text

    console.print(Text(shown(text, console), style), soft_wrap=True, highlight=False)


def entry(console: Console, name: str, text: str, keep: bool = False, style: str = "") -> None:
    """`  name      text`, wrapped under itself; `keep` leaves a line whole for the clipboard."""
    head = f"  {name:<8}  "
    if keep:
        return say(console, head + text, style)
    parts = [
        line
        for paragraph in text.splitlines() or [""]
        for line in textwrap.wrap(paragraph, max(20, console.width - len(head))) or [""]
    ]
    return say(console, head + f"\n{' ' * len(head)}".join(parts), style)


def show(picture: Picture | None, console: Console, indent: str, case: str = "") -> None:
    """A picture, where there is one; case: the one that was told already."""
    if picture is not None:
        from ..picture.terminal import print_picture

        print_picture(picture, console, indent, case)


def column(names: Iterable[str], console: Console) -> list[str]:
    """Names as the console shows them, each on one line and all equally wide."""
    from rich.cells import cell_len

    told = [shorter(shown(on_one_line(name), console)) for name in names]
    width = max(map(cell_len, told), default=0)
    return [name + " " * (width - cell_len(name)) for name in told]


def shorter(name: str) -> str:
    """A name that leaves room for what is told beside it, its middle left out."""
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[: half - 2]}...{name[1 - half :]}"


def shown(text: str, console: Console) -> str:
    """What the console's encoding can show; the dot of an empty cell has an ASCII stand-in."""
    encoding = console.encoding
    if not encoding.lower().startswith("utf"):
        text = text.replace("·", "-")
    return visible(text).encode(encoding, "backslashreplace").decode(encoding)
