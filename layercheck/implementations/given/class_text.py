"""The text that a class of this process stands in, and those of its bases."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from contextlib import suppress
from pathlib import Path

from layercheck.errors import UsageError
from layercheck.submissions.profiles.inventory import statements


def text_of_class(kind: type) -> tuple[str, str]:
    """The text of a class and its file's name: the file's own text; of a class inside a function,
    or of one that `type(...)` made, its own, with what its bases are."""
    try:
        own, path = inspect.getsource(kind), inspect.getsourcefile(kind) or "<class>"
    except (OSError, TypeError):
        own, path = made_by_type(kind), "<class>"
    if not own[:1].isspace() and Path(path).is_file():
        return Path(path).read_text("utf-8"), Path(path).name
    return with_bases(textwrap.dedent(own), kind), Path(path).name


def made_by_type(kind: type) -> str:
    """What a class that `type(...)` made looks like; raises UsageError where it has methods of its
    own, which have no text here."""
    own = [name for name, value in vars(kind).items() if inspect.isfunction(value)]
    if own or kind.__bases__ == (object,):
        raise UsageError(
            f"class {kind.__name__} has no source that can be read; define it in a file"
        )
    return f"class {kind.__name__}({', '.join(base.__name__ for base in kind.__bases__)}): pass"


def with_bases(text: str, kind: type) -> str:
    """The text of a class behind what its names for its bases mean."""
    node = ast.parse(text).body[0]
    written = [ast.unparse(base) for base in node.bases] if isinstance(node, ast.ClassDef) else []
    lines = []
    for name, base in zip(written, kind.__bases__, strict=False):
        if "<locals>" in base.__qualname__:
            with suppress(OSError, TypeError):
                own = with_bases(textwrap.dedent(inspect.getsource(base)), base)
                lines += [own, f"{name} = {base.__name__}"]
        elif name.isidentifier() and base is not object:
            lines.append(f"from {base.__module__} import {base.__qualname__} as {name}")
    return "\n".join([*lines, text])


def texts_of_bases(kind: type) -> dict[str, ast.Module]:
    """The modules of a class's bases, as far as they have a text, by name."""
    found: dict[str, ast.Module] = {}
    for name in {base.__module__ for base in kind.__mro__}:
        path = getattr(sys.modules.get(name), "__file__", None) or ""
        with suppress(OSError, SyntaxError, ValueError):
            if path.endswith(".py"):
                found[name] = ast.parse(Path(path).read_text("utf-8"))
    return found


def marked(source: str, name: str, op: str) -> str:
    """The text with what somebody says of a class in it, as if the class said so itself."""
    kinds = [one for one in statements(ast.parse(source).body) if isinstance(one, ast.ClassDef)]
    own = [one for one in kinds if one.name == name]
    if not own:
        return source
    lines = source.splitlines(keepends=True)
    first = min([own[-1].lineno, *(mark.lineno for mark in own[-1].decorator_list)]) - 1
    mark = f"{' ' * own[-1].col_offset}@layercheck.implements({op!r})\n"
    return "".join([*lines[:first], mark, *lines[first:]])
