"""A notebook's definitions: functions, classes, imports and constants, without its other cells."""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from layercheck.submissions.coverage.place import Code, Place

from .syntax import syntax_text

RUNS_THE_CELL = ("%%time", "%%timeit", "%%capture")
"""Cell magics whose cell is Python all the same."""

MAGIC = re.compile(r"^(\s*)([%!?].*|[\w.]+\?+\s*|[\w, ]+=\s*[%!].*)$")
"""A line of the notebook's own."""

TIMED = re.compile(r"^\s*([\w., ]+=\s*)?%time\s+(.+)$")
"""A line magic that runs a statement; what %timeit assigns is not kept."""

EXPECTED = "expected text, or a list of lines"

LIBRARIES = ("np", "numpy", "math", "functools", "random", "itertools", "operator", "partial")
READS = re.compile(r"load|open|from(file|txt)|genfrom|memmap|input|read")


@dataclass
class Notebook:
    """source: the definitions as a module's source · problem: why a cell that defines something
    does not parse, empty if all do · dropped: in which cell a name is assigned by a statement that
    is left out."""

    source: str = ""
    problem: str = ""
    dropped: dict[str, int] = field(default_factory=dict)


def source_of(path: str | Path) -> str:
    """The notebook's definitions; raises ValueError if the file is no notebook."""
    return read(Path(path).read_text(encoding="utf-8")).source


def read(text: str) -> Notebook:
    """A notebook's JSON; `# cell 3` stands above the definitions of a cell.

    Cells count from 1, code cells only; a line keeps its place in its cell. Raises ValueError for
    what is no notebook.
    """
    made, known = Notebook(), set(dir(builtins))
    for number, cell in enumerate(cells(text), 1):
        try:
            made.source += definitions(number, cell, known, made.dropped)
        except SyntaxError as error:
            made.problem = made.problem or str(error)
            made.source += cell + "\n"
    return made


def cells(text: str) -> Iterator[str]:
    """The sources of the code cells."""
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
            yield "".join(lines)


def definitions(number: int, cell: str, known: set[str], dropped: dict[str, int]) -> str:
    """A cell with everything but its definitions blanked out."""
    source = without_magics(cell)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if re.search(r"^\s*(def|class)\s", source, re.MULTILINE):
            told = syntax_text(error, source) if isinstance(error, SyntaxError) else str(error)
            raise SyntaxError(f"cell {number}: {told}") from None
        return ""
    kept = [node for node in tree.body if is_kept(node, known)]
    for node in tree.body:
        if node not in kept:
            dropped.update(dict.fromkeys(assigned(node), number))
    if not kept:
        return ""
    body = blanked(source.splitlines(), tree.body, kept)
    return "\n".join([f"# cell {number}", *body, "", ""])


def assigned(node: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a value."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id


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
    if first.startswith("%%") and not first.startswith(RUNS_THE_CELL):
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


def is_kept(node: ast.stmt, known: set[str]) -> bool:
    """Whether a statement defines something and does nothing else; its names become known."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        known.add(node.name)
        return True
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        known.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        return True
    if isinstance(node, (ast.Try, ast.If)):
        parts = [*node.body, *node.orelse]
        return all(is_kept(part, known) or isinstance(part, ast.Pass) for part in parts)
    if isinstance(node, ast.Expr):
        return is_attaching(node.value, known)
    return isinstance(node, (ast.Assign, ast.AnnAssign)) and keeps_assignment(node, known)


def is_attaching(node: ast.expr, known: set[str]) -> bool:
    """`setattr(Layer, "forward", forward)`."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != "setattr" or len(node.args) != 3:
        return False
    owner, name, value = node.args
    is_known = isinstance(owner, ast.Name) and owner.id in known and isinstance(name, ast.Constant)
    return is_known and (isinstance(value, ast.Lambda) or is_constant(value, known))


def keeps_assignment(node: ast.Assign | ast.AnnAssign, known: set[str]) -> bool:
    """`eps = 1e-5`, `f = lambda x: ...`, `conv = conv2d`, `Layer.forward = forward`."""
    assigned_to = node.targets if isinstance(node, ast.Assign) else [node.target]
    places = [p for one in assigned_to for p in (one.elts if isinstance(one, ast.Tuple) else [one])]
    value = node.value
    if value is None or not all(isinstance(p, (ast.Name, ast.Attribute)) for p in places):
        return False
    attached = [
        p.value.id for p in places if isinstance(p, ast.Attribute) and isinstance(p.value, ast.Name)
    ]
    simple = isinstance(value, ast.Lambda) or is_constant(value, known)
    kept = simple and all(name in known for name in attached)
    if kept:
        known.update(p.id for p in places if isinstance(p, ast.Name))
    return kept


def is_constant(node: ast.expr, known: set[str]) -> bool:
    """A literal, a known name, or what Python and NumPy make of them: `np.pi / 2`, `float("1")`."""
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
        ast.Subscript,
        ast.keyword,
    )
    return all(
        isinstance(part, allowed)
        or (isinstance(part, ast.Name) and (part.id in known or part.id in LIBRARIES))
        or (isinstance(part, ast.Call) and is_harmless(part))
        for part in ast.walk(node)
    )


def is_harmless(call: ast.Call) -> bool:
    """A call of Python's or of its libraries, which reads no file: no training, no data."""
    name = ast.unparse(call.func)
    top = name.partition(".")[0]
    return (top in LIBRARIES or top in dir(builtins)) and not READS.search(name)


def lines_of(node: ast.stmt) -> range:
    """The lines of a statement, its decorators included."""
    marks = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(mark.lineno for mark in marks)])
    return range(first, (node.end_lineno or first) + 1)


CELL = re.compile(r"# cell (\d+)$", re.MULTILINE)


def in_cells(code: Code, source: str) -> Code:
    """The places with the lines of their cells, which they name."""
    heads = [(source.count("\n", 0, m.start()) + 1, m[1]) for m in CELL.finditer(source)]

    def moved(place: Place) -> Place:
        head, cell = max((one for one in heads if one[0] <= place.first), default=(0, "1"))
        what = f"cell {cell}, {place.what}"
        return replace(place, first=place.first - head, last=place.last - head, what=what)

    return replace(code, places=tuple(map(moved, code.places)))
