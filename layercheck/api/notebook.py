"""In Jupyter, Colab and IPython: `%load_ext layercheck`, then `%%check` above a cell."""

from __future__ import annotations

import ast
import atexit
import json
import os
import shlex
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from IPython.core import magic
from IPython.core.error import UsageError as CellError

from layercheck import errors
from layercheck.cases.grids import GRIDS
from layercheck.pipeline import run
from layercheck.pipeline.options import Options
from layercheck.reporting.hints import HINTS
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import names as known_names
from layercheck.submissions.profiles import notebooks, reading

from .report import Report

PLACE = f".layercheck-{os.getpid()}.ipynb"
"""The cells that have run, in the folder of the notebook, whose modules they may import."""

written: set[Path] = set()
"""Where they were put: the working directory may be another one each time."""


class Line(ArgumentParser):
    """What stands behind %%check."""

    def error(self, message: str) -> NoReturn:
        """Told without a traceback, and without an end of the kernel."""
        raise CellError(f"{message}\n{self.format_usage()}")


def line_parser() -> Line:
    """The options of a check that mean something in a notebook."""
    parser = Line("%%check", add_help=False)
    told = "an op, a function or a class; by default those that the cell defines"
    parser.add_argument("names", nargs="*", metavar="NAME", help=told)
    parser.add_argument("--grid", choices=GRIDS, default="", help="which cases")
    parser.add_argument("--where", default="", help="only cases where this holds: 'stride > 1'")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="")
    parser.add_argument("--profile", default="", help="how functions are called: cs231n, ...")
    parser.add_argument("--hints", choices=HINTS, default="full", help="how much is told")
    parser.add_argument("--strict", action="store_true")
    return parser


@magic.magics_class
class Checks(magic.Magics):  # type: ignore[misc]
    """The magics of the extension."""

    @magic.line_cell_magic  # type: ignore[untyped-decorator]
    def check(self, line: str, cell: str | None = None) -> Report | None:
        """Run the cell, and check the layers that it defines; `%check NAME` one defined above.

        %%check [NAME ...] [--where CONDITION] [--grid quick] [--dtype float32] [--profile cs231n]
                [--hints none|condition|diagnosis|full] [--strict]

        NAME is an op (conv2d), a function (conv_forward_naive) or a class. Functions are called
        as in a file: by a known name, or as @layercheck.implements says. They run in the sandbox
        with the imports, constants, functions and classes of the cells that ran before.
        """
        asked = line_parser().parse_args(split(line))
        if cell is not None and not self.shell.run_cell(cell).success:
            return None  # what it raised is shown
        try:
            return checked(self.cells(cell), cell, vars(asked))
        except errors.UsageError as error:
            raise CellError(str(error)) from None

    def cells(self, last: str | None) -> list[str]:
        """What ran so far, as it was typed, and the cell that is being run."""
        ran = [raw for _, _, raw in self.shell.history_manager.get_range(raw=True)]
        is_there = last is None or (bool(ran) and last.strip() in ran[-1])
        return ran if is_there else [*ran, last or ""]


def split(line: str) -> list[str]:
    """The words of a line, as a shell has them."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise CellError(f"got {line!r}: {error}; expected quotes in pairs") from None


def checked(cells: Iterable[str], cell: str | None, asked: dict[str, Any]) -> Report:
    """The report of what is named, else of what the cell defines; raises UsageError."""
    names = tuple(asked.pop("names"))
    text = as_notebook(cells)
    if not names:
        if cell is None:
            raise errors.UsageError("got no name; expected an op or a function: %check conv2d")
        known_names.install(op_table())
        names = layers_in(cell, reading.read(notebooks.read(text).source, "", asked["profile"]))
    put(text)
    report = Report.of(run.check(PLACE, Options(ops=names, every=True, **asked)))
    here = {check.target for check in report.checks} | defined_in(cell or "")
    report.not_checked = [one for one in report.not_checked if one.name in here]
    return report


def put(text: str) -> None:
    """Write the cells; raises UsageError where nothing can be written."""
    try:
        Path(PLACE).write_text(text, "utf-8")
    except OSError as error:
        raise errors.UsageError(
            f"cannot write {Path(PLACE).absolute()}: {error.strerror}; expected a working "
            "directory for a copy of the cells: os.chdir(...)"
        ) from None
    written.add(Path(PLACE).absolute())


def as_notebook(cells: Iterable[str]) -> str:
    """The cells that can be read, as a notebook's JSON."""
    read = (cell for cell in cells if not notebooks.read(of_cells([cell])).broken)
    return of_cells(read)


def of_cells(cells: Iterable[str]) -> str:
    """Code cells as a notebook's JSON."""
    code: list[dict[str, Any]] = [
        {"cell_type": "code", "source": s, "metadata": {}, "outputs": [], "execution_count": None}
        for s in cells
    ]
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def layers_in(cell: str, read: reading.Reading) -> tuple[str, ...]:
    """The functions and classes of a cell that can be asked; raises UsageError for none."""
    own = defined_in(cell)
    targets = [one.target for one in read.found]
    functions = [name for t in targets for name in (t.forward, t.backward) if name]
    found = tuple(f"{name}()" for name in dict.fromkeys(functions) if of_class(name) in own)
    if not found:
        told = "".join(f"\n  {n}: {read.not_checked[n]}" for n in own if n in read.not_checked)
        raise errors.UsageError(
            "got a cell that defines no layer; expected a function that is called as an op or as "
            f"an assignment calls it, or @layercheck.implements(...) above it{told}"
        )
    return found


def of_class(name: str) -> str:
    """The class of a method; of a function its name."""
    return name.partition(".")[0]


def defined_in(cell: str) -> set[str]:
    """The functions and classes of a cell."""
    tree = ast.parse(notebooks.without_magics(cell))
    return {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}


def tidy() -> None:
    """Leave no file behind."""
    for path in written:
        with suppress(OSError):
            path.unlink()


def load(shell: Any) -> None:
    """What `%load_ext layercheck` does."""
    shell.register_magics(Checks)
    atexit.register(tidy)
