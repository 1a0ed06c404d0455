"""Whether a batch norm is one of vectors, (N, D), or of images, by what its text does with them.

Where the text leaves it open it is one of vectors: code for images has to name their axes somewhere
(three axes to average over, four sizes, a shape to broadcast with), code for vectors has not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .inventory import File, names_in

BATCH = r"(n|m|b|bs|batch|batch_size|samples|examples|num_samples)"
ROWS = re.compile(rf"\(\s*{BATCH}\s*,\s*[a-z_]\w*\s*\)", re.IGNORECASE)
"""How a docstring writes the shape of vectors: (N, D), (batch, features)."""

PICTURES = re.compile(
    rf"\(\s*{BATCH}\s*(,\s*[a-z_]\w*\s*){{3}}\)|\bNCHW\b|\bNHWC\b|channels_(first|last)",
    re.IGNORECASE,
)
"""How a docstring writes the shape of images."""

FLATTENED = re.compile(rf"reshape\(\(?(self\.)?({BATCH}|\w+\.shape\[0\]|len\(\w+\)), -1\)", re.I)
"""Images made rows: each pixel is a feature of its own."""

TURNED = re.compile(r"transpose\(|swapaxes|moveaxis|rollaxis")
IMAGES = re.compile(
    r"\b2, 3\b|\b0, 1, 2\b|\.shape\[[23]\]|\.shape\[2:|, 1, 1\)"
    r"|\[[^\[\]=]*(None|newaxis), (np\.)?(None|newaxis)\b|'[a-z]{4}(,[a-z]+)*->"
)
TWO_AXES = re.compile(r"assert \w+\.ndim == 2|reshape\(\(?1, -1\)")
MAYBE = re.compile(r"reshape|\.ndim")
AT_TIMES = re.compile(r"shape\[:2\]|\[:, [a-z]\w*\]|\.\.\.|\bimages?\b|spatial", re.IGNORECASE)
"""What is done to images for the most part, and to vectors at times: without an average over axis 0
it counts."""

OVER_ROWS = re.compile(r"axis=0\b(?!,)|\b(mean|var|std|sum|average)\(([\w.]+, )?0[,)]")
"""An average over the first axis alone."""


def is_of_vectors(file: File, *nodes: ast.AST) -> bool:
    """Whether a batch norm with this text takes (N, D). nodes: its function, or its class and
    methods."""
    own = [*nodes, *helpers(file, *nodes)]
    text = "\n".join(ast.unparse(node) for node in without_docstrings(own))
    said = " ".join(docstrings(nodes))
    over_rows = OVER_ROWS.search(text) is not None
    if PICTURES.search(said) or TURNED.search(text) or IMAGES.search(text):
        return False
    if ROWS.search(said) or (FLATTENED.search(text) and over_rows):
        return True
    counts = {size for node in own for size in unpacked(node)}
    if counts & {2, 4}:
        return 4 not in counts
    if MAYBE.search(TWO_AXES.sub("", text)):
        return False
    open_to_both = AT_TIMES.search(text + said) or asks_elsewhere(file, *own)
    return over_rows or not open_to_both


def unpacked(node: ast.AST) -> Iterator[int]:
    """Into how many names shapes are unpacked: 2 of `N, D = x.shape`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Assign) and re.search(
            r"\bshape(\(\w+\))?$", ast.unparse(part.value)
        ):
            for target in part.targets:
                names = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
                if not any(isinstance(name, ast.Starred) for name in names):
                    yield len(names)


def helpers(file: File, *nodes: ast.AST) -> Iterator[ast.AST]:
    """The functions that these mention, of the file and of modules beside it."""
    reached = file.reach(*nodes).body
    inside = {part for node in nodes for part in ast.walk(node)}
    yield from (n for n in reached if isinstance(n, ast.FunctionDef) and n not in inside)
    for local in {name for node in nodes for name in names_in(node)} & file.imported.keys():
        module, _, name = file.imported[local].rpartition(".")
        beside = file.beside(module) if module else None
        if beside is not None and name in beside.functions:
            yield beside.functions[name]


def asks_elsewhere(file: File, *nodes: ast.AST) -> bool:
    """Whether another module does it, beside the file or a framework, which is not read here."""
    names = {name for node in nodes for name in names_in(node)} & file.imported.keys()
    beside = any(file.beside(file.imported[name]) is not None for name in names)
    return beside or any(re.search(r"\.batch_?norm\w*\(", ast.unparse(n), re.I) for n in nodes)


def without_docstrings(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """The definitions and statements, each without the texts that stand alone in it."""
    for node in nodes:
        copy = ast.parse(ast.unparse(node))
        for part in ast.walk(copy):
            body = getattr(part, "body", None)
            if isinstance(body, list):
                part.body = [one for one in body if not is_text(one)] or [ast.Pass()]  # type: ignore[attr-defined]
        yield copy


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is a literal alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def docstrings(nodes: tuple[ast.AST, ...]) -> Iterator[str]:
    """Every docstring in these."""
    for node in (part for one in nodes for part in ast.walk(one)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield ast.get_docstring(node) or ""
