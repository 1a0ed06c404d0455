"""A notebook's definitions: functions, classes, imports and constants, without its other cells."""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from layercheck.submissions.coverage.place import Code, Place

from .definitions import LIBRARIES, is_kept
from .syntax import parse

RUNS_THE_CELL = ("%%time", "%%timeit", "%%capture", "%%check")
"""Cell magics whose cell is Python all the same."""

MAGIC = re.compile(r"^(\s*)([%!?].*|[\w.]+\?+\s*|[\w, ]+=\s*[%!].*)$")
"""A line of the notebook's own."""

TIMED = re.compile(r"^\s*([\w., ]+=\s*)?%time\s+(.+)$")
"""A line magic that runs a statement; what %timeit assigns is not kept."""

DEFINED = re.compile(r"^\s*(?:async\s+def|def|class)\s+(\w*)", re.MULTILINE)
"""A line that defines a function or a class, in a cell that does not parse."""

NAMESPACES = ("globals()", "locals()", "vars()")
RUNS = ("exec", "eval", "get_ipython().run_cell")
"""What runs a text."""

WORD = re.compile(r"[A-Za-z_]\w*")
EXPECTED = "expected text, or a list of lines"


SUFFIX = ".ipynb"

WHOLE = "layercheck-whole"
"""In the metadata of a cell that is a Python file's text: all of it is run, as in a file."""


def is_notebook(name: str) -> bool:
    """Whether a file's name says that it is one, in large letters too."""
    return name.lower().endswith(SUFFIX)


def looks_like_one(text: str) -> bool:
    """Whether a text that is called otherwise is one: no Python begins so."""
    return text.lstrip().startswith("{") and '"cells"' in text and '"cell_type"' in text


@dataclass
class Notebook:
    """source: the definitions as a module's source · broken: the cells that define something and do
    not parse, with the reason · lost: the names that these define, with their cell · dropped: in
    which cell a name is assigned by a statement that is left out · changed: in which cell a
    function or a class is changed by such a one."""

    source: str = ""
    broken: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)


def source_of(path: str | Path) -> str:
    """The notebook's definitions; raises ValueError if the file is no notebook."""
    return read(Path(path).read_text(encoding="utf-8")).source


def read(text: str) -> Notebook:
    """A notebook's JSON; `# cell 3` stands above the definitions of a cell.

    Cells count from 1, code cells only; a line keeps its place in its cell. Raises ValueError for
    what is no notebook.
    """
    made, known = Notebook(), set(dir(builtins))
    for number, (cell, is_whole) in enumerate(marked_cells(text), 1):
        try:
            made.source += definitions(number, cell, known, made, is_whole)
        except SyntaxError as error:
            made.broken[f"cell {number}"] = str(error)
            made.lost |= {m[1]: f"cell {number}" for m in DEFINED.finditer(without_magics(cell))}
    return made


def cells(text: str) -> Iterator[str]:
    """The sources of the code cells."""
    return (source for source, _ in marked_cells(text))


def marked_cells(text: str) -> Iterator[tuple[str, bool]]:
    """The sources of the code cells, and whether all of a cell is run."""
    try:
        notebook = json.loads(text)
        sheets = notebook.get("worksheets", [notebook])  # nbformat 3 has worksheets
        found = [cell for sheet in sheets for cell in sheet["cells"]]
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise ValueError("not a notebook: expected JSON with cells") from None
    for cell in found:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            lines = [source] if isinstance(source, str) else source or []
            if not isinstance(lines, list) or not all(isinstance(one, str) for one in lines):
                got = type(source).__name__
                raise ValueError(f"not a notebook: the source of a code cell is {got}; {EXPECTED}")
            marks = cell.get("metadata")
            yield "".join(lines), isinstance(marks, dict) and marks.get(WHOLE) is True


def written(parts: Iterable[tuple[str, bool]]) -> str:
    """A notebook of these sources, each with whether all of it is run."""
    made = [
        {"cell_type": "code", "metadata": {WHOLE: True} if is_whole else {}, "source": source}
        for source, is_whole in parts
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def definitions(
    number: int, cell: str, known: set[str], made: Notebook, is_whole: bool = False
) -> str:
    """A cell with everything but its definitions blanked out, unless all of it is run."""
    source = cell if is_whole else without_magics(cell)
    try:
        tree = parse(source, f"cell {number}")
    except SyntaxError:
        if DEFINED.search(source):
            raise
        return ""
    kept = []
    for node in tree.body:
        if is_kept(node, known) or is_whole:
            kept.append(node)
            known.update(assigned(node) if is_whole else ())
            for name in defined_by(node):
                made.changed.pop(name, None)
        else:
            made.dropped.update(dict.fromkeys(assigned(node), number))
            made.changed.update({name: number for name in touched(node) if name in known})
    if not kept:
        return ""
    body = blanked(source.splitlines(), tree.body, kept)
    return "\n".join([f"# cell {number}", *body, "", ""])


def assigned(node: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a value."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id


def defined_by(node: ast.stmt) -> Iterator[str]:
    """The names of functions and classes that a statement defines anew."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name


def touched(node: ast.stmt) -> Iterator[str]:
    """The names that a statement binds anew, deletes, or gives other attributes."""
    for part in ast.walk(node):
        stores = isinstance(getattr(part, "ctx", None), (ast.Store, ast.Del))
        if isinstance(part, (ast.Name, ast.Attribute)) and stores:
            yield ast.unparse(part).partition(".")[0]
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield part.name
        elif isinstance(part, ast.Subscript) and ast.unparse(part.value) in NAMESPACES:
            yield from strings_in(part.slice)
        elif isinstance(part, ast.Call):
            function = ast.unparse(part.func)
            if function.rpartition(".")[2].strip("_") in ("setattr", "delattr"):
                yield from (ast.unparse(one).partition(".")[0] for one in part.args[:1])
            elif function.partition("()")[0] + "()" in NAMESPACES or function in RUNS:
                yield from (word for text in strings_in(part) for word in WORD.findall(text))


def strings_in(node: ast.AST) -> Iterator[str]:
    """The texts that an expression holds."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def blanked(lines: list[str], nodes: list[ast.stmt], kept: list[ast.stmt]) -> list[str]:
    """The kept statements on their own lines; one that shares a line is written out anew."""
    others = {line for node in nodes if node not in kept for line in lines_of(node)}
    body = [""] * len(lines)
    for node in kept:
        own = lines_of(node)
        if others & set(own):
            body[own[0] - 1] = "; ".join(filter(None, [body[own[0] - 1], ast.unparse(node)]))
        else:
            body[own[0] - 1 : own[-1]] = lines[own[0] - 1 : own[-1]]
    return body


def without_magics(cell: str) -> str:
    """Lines of the notebook's own (%, !, ?) become `pass`, or what they run; a cell of another
    language is empty.

    Only where Python stumbles over one: the same text may stand in a string or go on a line.
    """
    lines = cell.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first.split()[0] not in RUNS_THE_CELL:
        return ""
    for _ in lines:
        stumbled = stumbling_line(lines)
        magic = MAGIC.match(lines[stumbled]) if stumbled is not None else None
        if stumbled is None or magic is None:
            break
        lines[stumbled] = magic[1] + (timed_statement(lines[stumbled]) or "pass")
    return "\n".join(lines)


def timed_statement(line: str) -> str:
    """The statement that a `%time` runs, which keeps what it assigns; empty for other magics."""
    timed = TIMED.match(line)
    if timed is None:
        return ""
    statement = f"{timed[1] or ''}{timed[2]}".strip()
    return "" if stumbling_line([statement]) is not None else statement


def stumbling_line(lines: list[str]) -> int | None:
    """The line at which Python stumbles; None if it does not, or at no line."""
    try:
        ast.parse("\n".join(lines))
    except SyntaxError as error:
        place = (error.lineno or 0) - 1
        return place if 0 <= place < len(lines) else None
    except (ValueError, RecursionError, MemoryError):
        pass
    return None


def lines_of(node: ast.stmt) -> range:
    """The lines of a statement, its decorators included."""
    marks = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(mark.lineno for mark in marks)])
    return range(first, (node.end_lineno or first) + 1)


def lost_in(book: Notebook, names: Container[str]) -> dict[str, str]:
    """The functions and classes that stand in a cell which does not parse, and nowhere else."""
    lost = {name: cell for name, cell in book.lost.items() if name and name not in names}
    return {name: f"its {cell} does not parse" for name, cell in lost.items()}


def told_of(book: Notebook, names: Container[str]) -> dict[str, str]:
    """What is told of the functions and classes that a statement changes which is not run."""
    what = (
        "is given another value or attributes there, by a statement that is not run; the one above"
    )
    return {
        f"{name} (cell {cell})": f"{name} {what} is checked"
        for name, cell in book.changed.items()
        if name in names or name in LIBRARIES
    }


CELL = re.compile(r"# cell (\d+)$", re.MULTILINE)


def in_cells(code: Code, source: str) -> Code:
    """The places with the lines of their cells, which they name."""
    heads = [(source.count("\n", 0, m.start()) + 1, m[1]) for m in CELL.finditer(source)]

    def moved(place: Place) -> Place:
        head, cell = max((one for one in heads if one[0] <= place.first), default=(0, "1"))
        what = f"cell {cell}, {place.what}"
        return replace(place, first=place.first - head, last=place.last - head, what=what)

    return replace(code, places=tuple(map(moved, code.places)))
