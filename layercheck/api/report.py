"""A report in the hands of a program or a notebook."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layercheck.errors import UsageError
from layercheck.pipeline.places import check_places
from layercheck.reporting import report as records
from layercheck.reporting.formats import formats, suffixes
from layercheck.reporting.terminal import print_report
from layercheck.reporting.terminal.failures import print_failures
from layercheck.reporting.words import headline

if TYPE_CHECKING:
    from rich.console import Console


def printed(show: Callable[[Console], None], width: int) -> str:
    """What something prints on a console of so many columns."""
    from rich.console import Console

    shown = io.StringIO()
    show(Console(file=shown, width=width, no_color=True, force_jupyter=False, force_terminal=False))
    return shown.getvalue().rstrip()


def as_path(path: Any) -> Path:
    """Where something is written to; raises UsageError for what is no path."""
    if not isinstance(path, (str, os.PathLike)):
        raise UsageError(f"got {path!r}; expected a file's name, such as 'report.html'")
    return Path(path)


class Report(records.Report):
    """What a check found: `passed`, `checks`, `comparisons` and the other fields of its JSON form.

    >>> import layercheck
    >>> report = layercheck.check("ref_layers", ops="relu", oracles="exact", grid="quick")
    >>> report
    <passed: 20 cases, 40 comparisons>
    """

    @classmethod
    def of(cls, made: records.Report) -> Report:
        """The report of a run."""
        return cls(**vars(made))

    def __repr__(self) -> str:
        return f"<{headline(self)}>"

    def _repr_pretty_(self, shown: Any, cycle: bool) -> None:
        """What IPython shows where no page can be: as in the terminal."""
        shown.text(self.text())

    def __bool__(self) -> bool:
        raise TypeError("a report is neither true nor false; ask report.passed")

    def text(self, width: int = 100) -> str:
        """What the terminal shows."""
        return printed(lambda console: print_report(self, console), width)

    def failures_text(self, width: int = 100) -> str:
        """What it shows of every check that did not pass, and the last line."""
        failures = printed(lambda console: print_failures(self, console, verbose=False), width)
        return f"{failures}\n\n{headline(self)}".lstrip()

    def save(self, path: str | os.PathLike[str], form: str = "") -> None:
        """Write it in the format that the name ends with (`.html`, `.json`, `.csv`, `.md`, ...), or
        in the one that is named; raises OSError, and UsageError for a format that there is not, and
        where it would take the place of anything but an earlier report.
        """
        place = as_path(path)
        form = form or suffixes().get(place.suffix, "")
        if form not in formats():
            raise UsageError(
                f"got {place.name!r}; expected a name that ends with one of: "
                f"{', '.join(suffixes())}, or form= one of: {', '.join(formats())}"
            )
        check_places({form: place}, ())
        formats()[form].write(self, place)

    def to_dataframe(self) -> Any:
        """Every comparison as a row of a pandas.DataFrame; raises ImportError without pandas."""
        import pandas as pd

        return pd.DataFrame([vars(entry) for entry in self.entries(of_subject=False)])

    def _repr_html_(self) -> str:
        """The page in a notebook's cell: in a frame, so that neither changes the other's looks."""
        import html

        page = html.escape(formats()["html"].render(self), quote=True)
        style = "width:100%;height:40em;border:1px solid #ccc"
        return f'<iframe srcdoc="{page}" style="{style}" sandbox="allow-scripts"></iframe>'
