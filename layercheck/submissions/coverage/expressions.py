"""Expressions that decide something, with a call on each side of the decision."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TypeVar

from .choices import candidates, clip_bounds, is_check
from .excused import asks_for_kind, is_settled
from .numbers import is_number, numbers_in
from .place import MOST_TEXT, Place
from .recorder import CHOSE, CLIPPED, MET, NAME

Node = TypeVar("Node", bound=ast.AST)

ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.In, ast.NotIn)


class Expressions(ast.NodeTransformer):
    """Finds the places of expressions, numbers them, and puts the calls in.

    known: the names of the file that stand for numbers. Conditions are asked for their truth once,
    as before, and values that are no condition's stay what they are: `mark(3) or value`, where
    mark gives None.
    """

    def __init__(self, known: Mapping[str, float]) -> None:
        self.known = known
        self.places: list[Place] = []
        self.owner = ""
        self.inside = -1
        self.quiet = False

    def add(
        self,
        node: ast.AST | Sequence[ast.stmt],
        what: str,
        test: ast.expr | None = None,
        parent: int | None = None,
        counts: bool = True,
    ) -> int:
        """A place that has the lines of a node or a block; its number."""
        nodes = [node] if isinstance(node, ast.AST) else list(node)
        first, last = (getattr(one, "lineno", 0) for one in (nodes[0], nodes[-1]))
        last = getattr(nodes[-1], "end_lineno", last)
        numbers = () if test is None else numbers_in(test, self.known)
        counts = counts and not (test is not None and asks_for_kind(test))
        parent = self.inside if parent is None else parent
        self.places.append(Place(self.owner, first, last, short(what), parent, counts, numbers))
        return len(self.places) - 1

    # ------------------------------------------------------------------ conditions

    def condition(self, test: ast.expr, true: int | None, false: int | None) -> ast.expr:
        """A test with calls at its parts.

        true, false: the places that it leads to; None: one that need not be run.
        """
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test.operand = self.condition(test.operand, false, true)
            return test
        if isinstance(test, ast.BoolOp):
            decides = isinstance(test.op, ast.Or)
            test.values = [
                self.part(one, decides, true if decides else false) for one in test.values
            ]
            return test
        quiet, self.quiet = self.quiet, True  # what it compares is told as what it decides
        made = self.visited(test)
        self.quiet = quiet
        return made

    def part(self, test: ast.expr, decides: bool, leads_to: int | None) -> ast.expr:
        """A part of `or` that has to be true once, or one of `and` that has to be false once."""
        if leads_to is None or asks_for_kind(test):  # no line is left out
            return self.condition(test, None, None)
        what = f"{ast.unparse(test)}: never {'true' if decides else 'false'}"
        place = self.add(test, what, test, leads_to)
        own = (place, self.inside) if decides else (self.inside, place)
        made = self.condition(test, *own)
        yes: ast.expr = at(ast.Constant(True), test)
        no: ast.expr = at(ast.Constant(False), test)
        if decides:
            yes = valued(place, yes)
        else:
            no = valued(place, no)
        return at(ast.IfExp(made, yes, no), test)

    def visited(self, node: ast.expr) -> ast.expr:
        """An expression with calls inside it."""
        made: ast.expr = self.visit(node)
        return made

    # ------------------------------------------------------------------ values

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """`a if test else b`."""
        if not self.owner or is_settled(node.test):
            return node
        text, test = ast.unparse(node.test), node.test
        sides = []
        for side, word in ((node.body, "if"), (node.orelse, "unless")):
            sides.append(self.add(side, f"{ast.unparse(side)} {word} {text}", test))
        node.test = self.condition(test, *sides)
        node.body = self.guarded(node.body, sides[0])
        node.orelse = self.guarded(node.orelse, sides[1])
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`a or b` as a value: b is run where a does not do."""
        if not self.owner:
            return node
        first, *rest = node.values
        made = [self.visited(first)]
        for one in rest:
            plain = isinstance(one, (ast.Constant, ast.Name))
            counts = not plain and not asks_for_kind(first)
            made.append(self.guarded(one, self.add(one, ast.unparse(one), one, counts=counts)))
        node.values = made
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        """Its body runs where it is called."""
        if self.owner:
            node.body = self.guarded(node.body, self.add(node.body, ast.unparse(node)))
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        """`for i in n if test`."""
        node.iter = self.visited(node.iter)
        if self.owner:
            node.ifs = [self.decided(test) for test in node.ifs]
        return node

    def decided(self, test: ast.expr) -> ast.expr:
        """A test both of whose outcomes are places."""
        if is_settled(test):
            return test
        text = ast.unparse(test)
        yes, no = (self.add(test, f"{text}: never {word}", test) for word in ("true", "false"))
        made = self.condition(test, yes, no)
        sides = [valued(n, at(ast.Constant(v), test)) for n, v in ((yes, True), (no, False))]
        return at(ast.IfExp(made, *sides), test)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """`n > 900` as a value, or `x < -1000` of an array element by element: nothing is left
        out, but one of its outcomes may never have mattered."""
        first = -1
        if self.is_told() and is_of_number(node, self.known) and not asks_for_kind(node):
            first = self.outcomes(node, ("never true", "never false"))
        self.generic_visit(node)
        return node if first < 0 else calling(MET, first, [node], node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """`min(n, 32)` and `np.clip(x, 0, 1e12)`, where 0 and 1 are no choice but a guard."""
        listed, chosen = candidates(node, self.known)
        bounds = clip_bounds(node, self.known)
        words = [f"never {ast.unparse(one)}" for one in chosen]
        words += [f"never {bound:g}" for bound in bounds if bound is not None]
        first = self.outcomes(node, words) if words and self.is_told() else -1
        self.generic_visit(node)
        if first < 0:
            return node
        if bounds:
            given = [*map(ast.Constant, bounds), node.func, *node.args]
            return calling(CLIPPED, first, given, node, node.keywords)
        given = node.args[0].elts if listed else node.args  # type: ignore[attr-defined]
        return calling(CHOSE, first, [ast.Constant(listed), node.func, *given], node)

    def is_told(self) -> bool:
        """Whether a value's outcomes are places of their own."""
        return bool(self.owner) and not self.quiet

    def outcomes(self, node: ast.expr, words: Sequence[str]) -> int:
        """A place for each outcome of a value; the number of the first one."""
        text = ast.unparse(node)
        first, *_ = [self.add(node, f"{text}: {word}", node, counts=False) for word in words]
        return first

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """Of a check of arguments by a function nothing is told: `require(x.ndim == 4)`."""
        outer = self.quiet
        self.quiet = outer or is_check(node.value)
        self.generic_visit(node)
        self.quiet = outer
        return node

    def guarded(self, node: ast.expr, place: int) -> ast.expr:
        """An expression that tells that it is run, and what is inside it."""
        outer, self.inside = self.inside, place
        made = valued(place, self.visited(node))
        self.inside = outer
        return made

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        """A text is no computation."""
        return node


def mark(place: int, near: ast.AST) -> ast.Call:
    """The call that tells that a place is run; it gives None."""
    return at(ast.Call(ast.Name(NAME, ast.Load()), [ast.Constant(place)], []), near)


def valued(place: int, value: ast.expr) -> ast.expr:
    """The value, told as run."""
    return at(ast.BoolOp(ast.Or(), [mark(place, value), value]), value)


def calling(
    call: str,
    place: int,
    given: Sequence[ast.expr],
    near: ast.AST,
    named: Sequence[ast.keyword] = (),
) -> ast.Call:
    """A value told by a call that knows its first place."""
    arguments = [ast.Constant(place), *given]
    return at(ast.Call(ast.Name(call, ast.Load()), arguments, list(named)), near)


def is_of_number(node: ast.Compare, known: Mapping[str, float]) -> bool:
    """Whether a comparison asks where something lies beside a number."""
    sides = (node.left, *node.comparators)
    ordered = all(isinstance(op, ORDER) for op in node.ops)
    return ordered and any(is_number(side, known) for side in sides)


def at(node: Node, near: ast.AST) -> Node:
    """A node with the lines of another one."""
    return ast.fix_missing_locations(ast.copy_location(node, near))


def short(text: str) -> str:
    """A text of one line, cut in its middle: how it ends says what never was.

    >>> short("a" * 90 + ": never false")[-20:]
    'aaaaaaa: never false'
    """
    text = " ".join(text.split())
    ending = MOST_TEXT // 3
    cut = f"{text[: MOST_TEXT - 3 - ending]}...{text[-ending:]}"
    return text if len(text) <= MOST_TEXT else cut
