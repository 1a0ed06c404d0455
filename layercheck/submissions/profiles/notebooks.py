"""A notebook's definitions: functions, classes, imports and constants, without its other cells."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from .syntax import syntax_text

RUNS_THE_CELL = ("%%time", "%%timeit", "%%capture")
"""Cell magics whose cell is Python all the same."""


def source_of(path: str | Path) -> str:
    """The notebook's definitions as a module's source; `# cell 3` stands above those of a cell.

    Cells count from 1, code cells only; a line keeps its place in its cell. Raises ValueError if
    the file is no notebook, SyntaxError if a cell that defines something does not parse.
    """
    return source_of_text(Path(path).read_text(encoding="utf-8"))


def source_of_text(text: str) -> str:
    """The same, of a notebook's JSON."""
    known: set[str] = set()
    parts = [definitions(number, cell, known) for number, cell in enumerate(cells(text), 1)]
    return "".join(parts)


def cells(text: str) -> Iterator[str]:
    """The sources of the code cells."""
    try:
        notebook = json.loads(text)
        sheets = notebook.get("worksheets", [notebook])  # nbformat 3 has worksheets
        found = [cell for sheet in sheets for cell in sheet["cells"]]
    except (ValueError, KeyError, AttributeError, TypeError):
        raise ValueError("not a notebook: expected JSON with cells") from None
    for cell in found:
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            yield source if isinstance(source, str) else "".join(source)


def definitions(number: int, cell: str, known: set[str]) -> str:
    """A cell with everything but its definitions blanked out."""
    source = without_magics(cell)
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        if re.search(r"^\s*(def|class)\s", source, re.MULTILINE):
            raise SyntaxError(f"cell {number}: {syntax_text(error, source)}") from None
        return ""
    kept = [node for node in tree.body if is_kept(node, known)]
    if not kept:
        return ""
    body = blanked(source.splitlines(), tree.body, kept)
    return "\n".join([f"# cell {number}", *body, "", ""])


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
    """Lines of the notebook's own (%, !, ?) become `pass`; a cell of another language is empty."""
    lines = cell.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and not first.startswith(RUNS_THE_CELL):
        return ""
    return "\n".join(re.sub(r"^(\s*)([%!?].*|[\w.]+\?+\s*)$", r"\1pass", line) for line in lines)


def is_kept(node: ast.stmt, known: set[str]) -> bool:
    """Whether a statement defines something and does nothing else; its names become known."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        known.add(node.name)
        return True
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Try):
        return all(is_kept(part, known) or isinstance(part, ast.Pass) for part in node.body)
    return isinstance(node, (ast.Assign, ast.AnnAssign)) and keeps_assignment(node, known)


def keeps_assignment(node: ast.Assign | ast.AnnAssign, known: set[str]) -> bool:
    """`eps = 1e-5`, `f = lambda x: ...`, `conv = conv2d`, `Layer.forward = forward`."""
    assigned = node.targets if isinstance(node, ast.Assign) else [node.target]
    places = [p for one in assigned for p in (one.elts if isinstance(one, ast.Tuple) else [one])]
    value = node.value
    if value is None or not all(isinstance(p, (ast.Name, ast.Attribute)) for p in places):
        return False
    simple = isinstance(value, ast.Lambda) or is_constant(value)
    simple = simple or (isinstance(value, ast.Name) and value.id in known)
    attached = [
        p.value.id for p in places if isinstance(p, ast.Attribute) and isinstance(p.value, ast.Name)
    ]
    kept = simple and all(name in known for name in attached)
    if kept:
        known.update(p.id for p in places if isinstance(p, ast.Name))
    return kept


def is_constant(node: ast.expr) -> bool:
    """A literal, or arithmetic of literals and of names such as np.pi."""
    allowed = (
        ast.Constant,
        ast.Tuple,
        ast.List,
        ast.Dict,
        ast.Set,
        ast.UnaryOp,
        ast.BinOp,
        ast.operator,
        ast.unaryop,
        ast.expr_context,
        ast.Attribute,
    )
    return all(
        isinstance(part, allowed)
        or (isinstance(part, ast.Name) and part.id in ("np", "numpy", "math"))
        for part in ast.walk(node)
    )


def lines_of(node: ast.stmt) -> range:
    """The lines of a statement, its decorators included."""
    marks = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(mark.lineno for mark in marks)])
    return range(first, (node.end_lineno or first) + 1)
