"""A file's syntax tree with a call at the head of everything that a condition decides.

Both sides of an `if` may stand in one line, and Python's own tracing knows lines: so the tree is
followed itself, which tells the same on every version of Python and costs some 30 ns a decision.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from .excused import (
    asks_for_kind,
    begins_to_refuse,
    ends,
    is_settled,
    names_of_refusals,
    only_refuses,
)
from .expressions import Expressions, at, mark
from .narrow import maxima_in
from .numbers import constants_of, locals_of, numbers_in
from .place import MOST_PLACES, Code
from .uses import Function, Functions, called_in, decorators_of, lambdas_in, owners_of, uses_of

Statement = TypeVar("Statement", bound=ast.stmt)
Loop = TypeVar("Loop", ast.While, ast.For | ast.AsyncFor)


def follow(tree: ast.Module, file: str = "") -> tuple[ast.Module, Code]:
    """The tree with calls, which is changed in place, and its places; always the same."""
    known, uses = constants_of(tree), uses_of(tree)
    owners = owners_of(tree).items()
    numbers = {name: found for name, node in owners if (found := numbers_in(node, known))}
    narrow = {name: maxima for name, node in owners if (maxima := maxima_in(node))}
    made = Instrument(known)
    made.decorators = decorators_of(tree)
    made.refusing = names_of_refusals(tree)
    changed = made.visit(tree)
    assert isinstance(changed, ast.Module)
    return changed, Code(file, tuple(made.places), uses, numbers, narrow)


def followed(source: str, name: str, file: str = "") -> tuple[ast.Module, Code] | None:
    """The same of a source; None where it is too large or too deep to be followed."""
    try:
        made = follow(ast.parse(source, name), file)
        return made if len(made[1].places) <= MOST_PLACES else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class Instrument(Expressions, ast.NodeTransformer):
    """Finds the places of statements too."""

    prefix = ""
    decorators: Mapping[str, int] = {}
    refusing: Collection[str] = ()
    """Names of conditions under which the file does nothing but refuse."""
    after: Sequence[ast.stmt] = ()
    """What runs when the statement at hand is done."""
    chained = False
    """Whether the statement at hand is an `elif`."""

    def block(self, body: list[ast.stmt], place: int | None = None) -> list[ast.stmt]:
        """Statements with calls; at their head that of their place."""
        outer = self.inside, self.after
        self.inside = self.inside if place is None else place
        made: list[ast.stmt] = []
        for i, node in enumerate(body):
            self.after = body[i + 1 :] or outer[1]
            made.append(self.visit(node))
        self.inside, self.after = outer
        if place is None:
            return made
        head = at(ast.Expr(mark(place, body[0])), body[0])
        skipped = 1 if is_docstring(body[0]) else 0
        return [*made[:skipped], head, *made[skipped:]]

    def side(self, body: list[ast.stmt], what: str, test: ast.expr | None = None) -> int | None:
        """The place of a block; None where it need not be run."""
        return None if only_refuses(body) else self.add(body, what, test)

    def filled(self, body: list[ast.stmt], place: int | None) -> list[ast.stmt]:
        """A block with its calls; one that need not be run stays as it is."""
        return body if place is None else self.block(body, place)

    # ------------------------------------------------------------------ definitions

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Its methods belong to it."""
        outer = self.prefix
        if not self.owner:
            self.prefix = f"{node.name}."
        node.body = [self.visit(one) for one in node.body]
        self.prefix = outer
        return node

    def visit_FunctionDef(self, node: Function) -> Function:
        """Everything inside a function at the top belongs to that one."""
        outer = self.owner, self.inside, self.after, self.known
        if not self.owner and node.name in self.decorators:
            return self.decorator(node)
        self.known = self.known if self.owner else locals_of(node, self.known)
        self.owner, self.after = self.owner or f"{self.prefix}{node.name}", ()
        place = self.side(node.body, f"def {node.name}")
        if place is not None:
            self.places[place] = replace(self.places[place], first=node.lineno)
        node.body = self.filled(node.body, place)
        self.owner, self.inside, self.after, self.known = outer
        return node

    def at_load(self, node: Function, depth: int) -> None:
        """Follow what is defined so deep in a function, or one deeper where it is called there."""
        called = called_in(node)
        for i, inner in enumerate(node.body):
            if isinstance(inner, Functions) and (depth > 1 or inner.name in called):
                self.at_load(inner, depth - 1)
            elif isinstance(inner, Functions):
                node.body[i] = self.visit_FunctionDef(inner)

    def decorator(self, node: Function) -> Function:
        """Of a decorator only what it hands back runs while somebody asks."""
        self.owner = node.name
        self.at_load(node, self.decorators[node.name])
        self.owner = ""
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 (the name that ast asks for)

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """A lambda at the top, `name = lambda x: y` or a part of a value, is a function."""
        if not self.owner:
            return self.later(node, node.targets[0])
        outer = self.quiet
        self.quiet = outer or ast.unparse(node.targets[0]) in self.refusing
        self.generic_visit(node)
        self.quiet = outer
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """The same of `name: type = ...`."""
        return self.generic_visit(node) if self.owner else self.later(node, node.target)

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """The same of what is put into something at the top: `STEPS.append(lambda x: y)`."""
        if self.owner or not isinstance(node.value, ast.Call):
            return super().visit_Expr(node)
        return self.later(node, node.value.func)

    def later(self, node: Statement, target: ast.expr) -> Statement:
        """Follow the lambdas of a statement at the top, which belong to what they are put into."""
        is_part = isinstance(target, ast.Subscript) or isinstance(node, ast.Expr)
        held = getattr(target, "value", target) if is_part else target
        self.owner = f"{self.prefix}{ast.unparse(held)}"
        for one in lambdas_in(node):
            self.visit_Lambda(one)
        self.owner = ""
        return node

    # ------------------------------------------------------------------ branches

    def visit_If(self, node: ast.If) -> ast.If:
        """Both sides, of which the second may be what follows."""
        chained, self.chained = self.chained, False
        if not self.owner or is_settled(node.test):
            node.body, node.orelse = self.block(node.body), self.block(node.orelse)
            return node
        test, text = node.test, ast.unparse(node.test)
        word = "elif" if chained else "if"
        yes = self.side(node.body, f"{word} {text}", test)
        no = self.other_side(node, f"{word} {text}", chained)
        node.test = self.condition(test, yes, no)
        node.body = self.filled(node.body, yes)
        if node.orelse:
            self.chained = len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)
            node.orelse = self.filled(node.orelse, no)
            self.chained = False
        elif no is not None:
            node.orelse = [at(ast.Expr(mark(no, node)), node)]
        return node

    def other_side(self, node: ast.If, what: str, chained: bool) -> int | None:
        """Where the condition does not hold: `else`, what follows where the body leaves, or just
        that it does not hold.

        Nothing is told of an `elif` without `else`, and where a mere question for a kind has none:
        no line is left out there.
        """
        if node.orelse:
            return self.side(node.orelse, f"else of {what}", node.test)
        if chained or begins_to_refuse(self.after) or only_refuses(node.body):
            return None
        if ends(node.body) and self.after:
            rest = list(self.after)
            return self.add(rest, f"unless {ast.unparse(node.test)}", node.test)
        if asks_for_kind(node.test):
            return None
        return self.add(node.test, f"{what}: never false", node.test)

    def visit_While(self, node: ast.While) -> ast.While:
        """Its body, and its `else`."""
        if not self.owner:
            return node
        text, outer = ast.unparse(node.test), self.after
        self.after = ()
        if is_settled(node.test):
            node.body = self.block(node.body)
        else:
            body = self.side(node.body, f"while {text}", node.test)
            node.test = self.condition(node.test, body, None)
            node.body = self.filled(node.body, body)
        self.after = outer
        return self.with_else(node, f"while {text}")

    def visit_For(self, node: ast.For | ast.AsyncFor) -> ast.For | ast.AsyncFor:
        """The same."""
        if not self.owner:
            return node
        what = f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}"
        node.iter = self.visited(node.iter)
        outer, self.after = self.after, ()
        node.body = self.filled(node.body, self.side(node.body, what))
        self.after = outer
        return self.with_else(node, what)

    visit_AsyncFor = visit_For  # noqa: N815

    def with_else(self, node: Loop, what: str) -> Loop:
        """A loop's `else`."""
        if node.orelse:
            node.orelse = self.filled(node.orelse, self.side(node.orelse, f"else of {what}"))
        return node

    def visit_Try(self, node: ast.Try) -> ast.Try:
        """Each `except` is a place."""
        for name in ("body", "orelse", "finalbody"):
            setattr(node, name, self.block(getattr(node, name)))
        for handler in node.handlers if self.owner else ():
            kind = f" {ast.unparse(handler.type)}" if handler.type else ""
            place = self.side(handler.body, f"except{kind}")
            handler.body = self.filled(handler.body, place)
        return node

    visit_TryStar = visit_Try  # noqa: N815

    def visit_With(self, node: ast.With | ast.AsyncWith) -> ast.With | ast.AsyncWith:
        """Its body always runs."""
        for item in node.items:
            item.context_expr = self.visited(item.context_expr)
        node.body = self.block(node.body)
        return node

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_Match(self, node: ast.Match) -> ast.Match:
        """Each case is a place."""
        for case in node.cases if self.owner else ():
            place = self.side(case.body, f"case {ast.unparse(case.pattern)}")
            if case.guard is not None:
                case.guard = self.condition(case.guard, place, None)
            case.body = self.filled(case.body, place)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        """What only fails is not followed."""
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        """The same."""
        return node


def is_docstring(node: ast.stmt) -> bool:
    """A text that stands alone."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
