"""In Jupyter, Colab and IPython: `%load_ext layercheck`, then `%%check` above a cell."""

from __future__ import annotations

import ast
import atexit
import inspect
import json
import os
import shlex
import textwrap
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
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
from layercheck.submissions.profiles.target import Target

from .report import Report

NAME = f".layercheck-{os.getpid()}.ipynb"
"""The cells that have run, beside the notebook, whose modules they may import."""


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
    """The magics of the extension. place: where the copy of the cells is put: in the folder in
    which the extension was loaded, whatever becomes the working directory."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.place = Path.cwd() / NAME
        atexit.register(self.tidy)

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
            return self.checked(cell, vars(asked))
        except errors.UsageError as error:
            raise CellError(str(error)) from None

    def cells(self, last: str | None) -> list[str]:
        """What ran so far, as it was typed, and the cell that is being run."""
        ran = [raw for _, _, raw in self.shell.history_manager.get_range(raw=True)]
        is_there = last is None or (bool(ran) and last.strip() in ran[-1])
        return ran if is_there else [*ran, last or ""]

    def checked(self, cell: str | None, asked: dict[str, Any]) -> Report:
        """The report of what is named, else of what the cell defines; raises UsageError."""
        names, text = tuple(asked.pop("names")), as_notebook(self.cells(cell))
        known_names.install(op_table())
        source = notebooks.read(text).source
        read = reading.read(source, "", asked["profile"])
        if not names:
            names = layers_in(cell, read)
        for name in asked_of(read, names):
            check_held(name, source, self.shell.user_ns)
        put(text, self.place)
        near = self.place.parent == Path.cwd()
        options = Options(ops=names, every=True, **asked)
        report = Report.of(run.check(NAME if near else str(self.place), options))
        here = {check.target for check in report.checks} | defined_in(cell or "")
        report.not_checked = [one for one in report.not_checked if one.name in here]
        return report

    def tidy(self) -> None:
        """Leave no file behind."""
        with suppress(OSError):
            self.place.unlink()


def split(line: str) -> list[str]:
    """The words of a line, as a shell has them."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise CellError(f"got {line!r}: {error}; expected quotes in pairs") from None


def put(text: str, place: Path) -> None:
    """Write the cells; raises UsageError where nothing can be written."""
    try:
        place.write_text(text, "utf-8")
    except OSError as error:
        raise errors.UsageError(
            f"cannot write {place}: {error.strerror}; expected a folder for a copy of the cells: "
            "os.chdir(...) to one, and %reload_ext layercheck"
        ) from None


def asked_of(read: reading.Reading, names: Iterable[str]) -> set[str]:
    """The functions and classes that are asked where these are named."""
    wanted = {of_class(name.removesuffix("()")) for name in names}
    found = set()
    for target in (one.target for one in read.found):
        own = {of_class(name) for name in functions_of(target)}
        found |= own if target.op in wanted else own & wanted
    return found


def check_held(name: str, source: str, namespace: Mapping[str, Any]) -> None:
    """Raise UsageError where the kernel holds another function than the cells define: one that a
    cell which raised did not come to, that was deleted, or that %run or exec put there."""
    if name not in namespace:
        raise errors.UsageError(f"got {name}, which is not defined now; run its cell again")
    try:
        held = ast.parse(textwrap.dedent(inspect.getsource(namespace[name]))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return  # of a decorator, or of no text
    every = [node for node in ast.walk(ast.parse(source)) if isinstance(node, type(held))]
    own = [node for node in every if getattr(node, "name", None) == name]
    last = max(own, key=lambda node: getattr(node, "lineno", 0), default=None)
    if last is not None and ast.dump(held) != ast.dump(last):
        raise errors.UsageError(
            f"got {name}, which is not the one that the cells define last: a cell raised before it "
            "came to it, or something else defined it; run the cell that is meant again"
        )


def as_notebook(cells: Iterable[str]) -> str:
    """The cells that can be read, as a notebook's JSON."""
    every = list(cells)
    broken = notebooks.read(of_cells(every)).broken
    return of_cells(cell for n, cell in enumerate(every, 1) if f"cell {n}" not in broken)


def of_cells(cells: Iterable[str]) -> str:
    """Code cells as a notebook's JSON."""
    code: list[dict[str, Any]] = [
        {"cell_type": "code", "source": s, "metadata": {}, "outputs": [], "execution_count": None}
        for s in cells
    ]
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def layers_in(cell: str | None, read: reading.Reading) -> tuple[str, ...]:
    """The functions and classes of a cell that can be asked; raises UsageError for none."""
    if cell is None:
        raise errors.UsageError("got no name; expected an op or a function: %check conv2d")
    own = defined_in(cell)
    functions = [name for one in read.found for name in functions_of(one.target)]
    found = tuple(f"{name}()" for name in dict.fromkeys(functions) if of_class(name) in own)
    if not found:
        told = "".join(f"\n  {n}: {read.not_checked[n]}" for n in own if n in read.not_checked)
        raise errors.UsageError(
            "got a cell that defines no layer; expected a function that is called as an op or as "
            f"an assignment calls it, or @layercheck.implements(...) above it{told}"
        )
    return found


def functions_of(target: Target) -> list[str]:
    """Its forward, and its backward if it has one."""
    return [name for name in (target.forward, target.backward) if name]


def of_class(name: str) -> str:
    """The class of a method; of a function its name."""
    return name.partition(".")[0]


def defined_in(cell: str) -> set[str]:
    """The functions and classes of a cell, also those under a condition."""
    tree = ast.parse(notebooks.without_magics(cell))
    found, left = set(), list[ast.AST](tree.body)
    while left:
        node = left.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif not isinstance(node, ast.expr):
            left += ast.iter_child_nodes(node)
    return found


def load(shell: Any) -> None:
    """What `%load_ext layercheck` does."""
    shell.register_magics(Checks)
