"""The bases of a class: in its own file, or in a module beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..inventory import File, statements

MOST_STEPS = 6
"""Through how many imports and assignments a name is followed."""


@dataclass(frozen=True)
class Class:
    """A class, and the file that defines it."""

    node: ast.ClassDef
    file: File = field(compare=False)


def lineage(one: Class, seen: list[Class] | None = None) -> list[Class]:
    """The class and its bases as far as their text is here; what counts most comes last."""
    seen = [] if seen is None else seen
    seen.append(one)
    found: list[Class] = []
    for base in reversed(one.node.bases):
        known = find_class(one.file, ast.unparse(base))
        if known is not None and known not in seen:
            found += lineage(known, seen)
    return [*found, one]


def find_class(file: File, name: str, steps: int = MOST_STEPS) -> Class | None:
    """The class that a name means, `Layer` or `base.Layer`; None where its text is not here."""
    node = file.definitions.get(name)
    if isinstance(node, ast.ClassDef):
        return Class(node, file)
    head, _, rest = name.partition(".")
    imported = file.imported.get(head)
    others = [imported] if imported else [n for n in renamed(file, head) if n != head]
    for other in others if steps else ():
        whole = f"{other}.{rest}" if rest else other
        found = beside(file, whole, steps) if imported else find_class(file, whole, steps - 1)
        if found is not None:
            return found
    for module in file.starred if steps else ():
        helper = file.beside(module)
        found = find_class(helper, name, steps - 1) if helper is not None else None
        if found is not None:
            return found
    return None


def renamed(file: File, name: str) -> Iterator[str]:
    """What `name = Layer` or `name = base.Layer` stands for."""
    for node in statements(file.tree.body):
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute)):
            own = [t.id for t in node.targets if isinstance(t, ast.Name)]
            yield from [ast.unparse(node.value)] * (name in own)


def beside(file: File, whole: str, steps: int) -> Class | None:
    """The class of a whole name, `pkg.base.Layer`, in the module beside the file that has it."""
    parts = whole.split(".")
    for end in range(len(parts) - 1, 0, -1):
        helper = file.beside(".".join(parts[:end]))
        if helper is not None:
            return find_class(helper, ".".join(parts[end:]), steps - 1)
    return None
