"""What annotations mean: an alias is what it stands for, wherever it is told.

`Mode = Literal["a", "b"]`, `Mode: TypeAlias = "Literal['a', 'b']"`, `type Mode = ...`,
`Annotated[Mode, "how"]` and `"Optional[Mode]"` promise the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

TYPES = (ast.Subscript, ast.BinOp, ast.Name, ast.Attribute)
"""What an alias may be that nothing else says is one."""

READ = "_layercheck_read"
"""The attribute of a tree whose annotations were read."""


def read_annotations(tree: ast.Module, others: Mapping[str, ast.expr]) -> None:
    """Write out every annotation of a tree, in place. others: aliases of other files, by the names
    that they have here."""
    if getattr(tree, READ, False):
        return
    setattr(tree, READ, True)
    aliases = {**others, **aliases_of(tree)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
            made = WrittenOut(aliases).visit(node.annotation)
            node.annotation = ast.copy_location(made, node.annotation)


def aliases_of(tree: ast.Module) -> dict[str, ast.expr]:
    """The types of a file's top that have names of their own."""
    return {name: value for node in tree.body for name, value in aliases_in(node)}


def aliases_in(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The same of one statement, and of those within it where it is a condition."""
    if isinstance(node, (ast.If, ast.Try)):
        for part in (*node.body, *node.orelse):
            yield from aliases_in(part)
    elif isinstance(node, ast.Assign) and isinstance(node.value, TYPES):
        yield from ((one.id, node.value) for one in node.targets if isinstance(one, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        if node.value is not None and "TypeAlias" in ast.unparse(node.annotation):
            yield node.target.id, node.value
    elif type(node).__name__ == "TypeAlias":  # since Python 3.12
        yield getattr(node, "name").id, getattr(node, "value")  # noqa: B009


class WrittenOut(ast.NodeTransformer):
    """An annotation without aliases, quotes and remarks."""

    def __init__(self, aliases: Mapping[str, ast.expr], within: frozenset[str] = frozenset()):
        self.aliases, self.within = aliases, within

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """What it stands for, if it is an alias."""
        value = self.aliases.get(node.id)
        if value is None or node.id in self.within:
            return node
        return WrittenOut(self.aliases, self.within | {node.id}).copied(value)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """What stands in quotes."""
        if not isinstance(node.value, str):
            return node
        try:
            return self.copied(ast.parse(node.value.strip(), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError):
            return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Words stay words, unless a name stands for more of them; of Annotated the first is the
        type."""
        kind = ast.unparse(node.value).rpartition(".")[2]
        if kind == "Annotated" and isinstance(node.slice, ast.Tuple) and node.slice.elts:
            return self.copied(node.slice.elts[0])
        if kind != "Literal":
            return ast.Subscript(node.value, self.visit(node.slice), node.ctx)
        within = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        made = [self.visit(one) if isinstance(one, ast.Name) else one for one in within]
        return ast.Subscript(node.value, ast.Tuple(made, ast.Load()), node.ctx)

    def copied(self, value: ast.expr) -> ast.expr:
        """A type written out, in nodes of its own: several annotations may have it."""
        made = self.visit(ast.parse(ast.unparse(value), mode="eval").body)
        assert isinstance(made, ast.expr)
        return made
