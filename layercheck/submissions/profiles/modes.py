"""Whether a backward has a gradient in test mode, as the text of it and of its forward shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

TRAINS = re.compile(r"(is_|in_|_)?train(s|ing)?(_\w+)?", re.IGNORECASE)
TESTS = re.compile(
    r"(is_|in_|_)?(test(s|ing)?|eval(uat\w+)?|infer(ence|ring)?|predict\w*|val(id\w*)?)(_mode)?",
    re.IGNORECASE,
)
"""What a flag or a word that says the mode is called, in training and in test mode."""

TRAINING_ALONE = re.compile(
    r"\btrain(ing)?( mode)? (only|alone)|\bonly\W+(\w+\W+){0,3}train"
    r"|\bnot?\W+(\w+\W+){0,3}(in|at|for|during|of)\W+(the )?(test|eval|inference)",
    re.IGNORECASE,
)
"""What a docstring says of a backward that is for training alone."""


def has_gradient_in_test(
    backward: ast.FunctionDef | None,
    known: Mapping[str, ast.FunctionDef],
    forward: ast.FunctionDef | None = None,
) -> bool:
    """Whether a backward tells the modes apart and gives a gradient in test mode, in which its
    forward hands on what it is given. known: the functions that the two may call.

    One that raises there, gives None, or says that it is for training alone has none; nor has one
    that takes no notice of the mode: its formula is that of training.
    """
    if backward is None or TRAINING_ALONE.search(ast.get_docstring(backward) or ""):
        return False
    kept = held_by([*known.values(), *([] if forward is None else [forward])])
    own = [one for one in read_all(backward, known, kept) if one.tells]
    before = [] if forward is None else [*read_all(forward, known, kept)]
    return bool(own) and all(one.gives for one in (*own, *before))


def held_by(functions: Sequence[ast.FunctionDef]) -> dict[str, ast.expr]:
    """What functions keep in their objects, by how it is read there: `self.was = training`."""
    stores = (n for one in functions for n in ast.walk(one) if isinstance(n, ast.Assign))
    pairs = ((target, n.value) for n in stores for target in n.targets)
    return {ast.unparse(t): value for t, value in pairs if isinstance(t, ast.Attribute)}


def read_all(
    function: ast.FunctionDef, known: Mapping[str, ast.FunctionDef], held: Mapping[str, ast.expr]
) -> Iterator[InTest]:
    """What a function does in test mode, and each that tells the modes apart and that it calls."""
    yield InTest(function, held)
    due, seen = [function], [function]
    while due:
        for name in mentioned(due.pop()):
            other = known.get(name)
            if other is not None and other not in seen:
                seen.append(other)
                due.append(other)
                yield from (one for one in [InTest(other, held)] if one.tells)


def mentioned(function: ast.FunctionDef) -> Iterator[str]:
    """The names of what a function may call, methods of its own object among them."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("self", "super()"):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


class InTest:
    """A function as it goes in test mode, followed by its text.

    tells: whether a condition of it asks for the mode · gives: whether it comes to a return
    that hands on something in each of its places · lacking: names that have no value yet, or None ·
    held: what functions keep in their object.
    """

    def __init__(self, function: ast.FunctionDef, held: Mapping[str, ast.expr]) -> None:
        stores = [n for n in ast.walk(function) if isinstance(n, ast.Assign)]
        own = {t.id: n.value for n in stores for t in n.targets if isinstance(t, ast.Name)}
        self.lacking, self.values = {*own}, {**held, **own}
        self.tells = self.gives = False
        goes_on = self.run(function.body)
        returned = (n for n in ast.walk(function) if isinstance(n, ast.Return))
        self.gives |= goes_on and not any(n.value is not None for n in returned)

    def run(self, body: Sequence[ast.stmt]) -> bool:
        """Go through statements; whether what comes after them is reached."""
        return all(self.step(node) for node in body)

    def step(self, node: ast.stmt) -> bool:
        """Go through one statement; whether the next one is reached."""
        if isinstance(node, ast.If):
            return self.choose(node)
        for part in ast.walk(node):
            if isinstance(part, ast.IfExp):
                self.in_test(part.test)
        if isinstance(node, ast.Return):
            self.gives |= node.value is None or self.is_given(node.value)
        elif isinstance(node, ast.Assign):
            self.assign(node.targets, node.value)
        elif isinstance(node, (ast.For, ast.While, ast.With, ast.Try)):
            return self.run(node.body)
        elif isinstance(node, ast.Match):
            return self.choose_case(node.subject, node.cases)
        return not isinstance(node, (ast.Return, ast.Raise))

    def choose(self, node: ast.If) -> bool:
        """Go on with what a condition comes to; with either where the mode does not settle it."""
        settled = self.in_test(node.test)
        if settled is not None:
            return self.run(node.body if settled else node.orelse)
        before, lacking, goes_on = {*self.lacking}, [], False
        for body in (node.body, node.orelse):
            self.lacking = {*before}
            if self.run(body):
                lacking.append(self.lacking)
                goes_on = True
        self.lacking = set.intersection(*lacking) if lacking else before
        return goes_on

    def choose_case(self, subject: ast.expr, cases: Sequence[ast.match_case]) -> bool:
        """The same of `match mode: case "train": ...`, read as conditions."""
        if not cases:
            return True
        first, *others = cases
        if not isinstance(first.pattern, ast.MatchValue):
            return self.run(first.body)
        test = ast.Compare(subject, [ast.Eq()], [first.pattern.value])
        rest = [ast.Match(subject, others)] if others else []
        return self.choose(ast.If(test, first.body, [*rest]))

    def assign(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        """Note which names have a value now."""
        for target in targets:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                for own, given in zip(target.elts, value.elts, strict=False):
                    self.assign([own], given)
            elif isinstance(target, ast.Name):
                self.lacking.discard(target.id)
                self.lacking |= set() if self.is_given(value) else {target.id}

    def is_given(self, value: ast.expr) -> bool:
        """Whether an expression is something in each of its places, not None."""
        if isinstance(value, ast.Tuple):
            return all(map(self.is_given, value.elts))
        if isinstance(value, ast.IfExp):
            settled = self.in_test(value.test)
            ways = {True: [value.body], False: [value.orelse], None: [value.body, value.orelse]}
            return any(map(self.is_given, ways[settled]))
        if isinstance(value, ast.Name):
            return value.id not in self.lacking
        return not (isinstance(value, ast.Constant) and value.value is None)

    def in_test(self, test: ast.expr, seen: tuple[str, ...] = ()) -> bool | None:
        """What a condition is in test mode; None where the mode does not settle it."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.in_test(test.operand, seen)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp):
            parts = [self.in_test(part, seen) for part in test.values]
            decisive = isinstance(test.op, ast.Or)
            return decisive if decisive in parts else None if None in parts else not decisive
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return self.compared(test.left, test.ops[0], test.comparators[0], seen)
        said = of_word(last_name(test))
        name = ast.unparse(test)
        if said is None and name in self.values and name not in seen:
            return self.in_test(self.values[name], (*seen, name))
        self.tells |= said is not None
        return said

    def compared(
        self, left: ast.expr, op: ast.cmpop, right: ast.expr, seen: tuple[str, ...]
    ) -> bool | None:
        """What `mode == "train"`, `mode in ("test", "eval")` or `training is False` comes to."""
        other, words = (right, left) if isinstance(left, ast.Constant) else (left, right)
        parts = words.elts if isinstance(words, (ast.Tuple, ast.List, ast.Set)) else [words]
        values = [part.value for part in parts if isinstance(part, ast.Constant)]
        said = {of_word(v) if isinstance(v, str) else None for v in values}
        if values and isinstance(values[0], bool):
            inner = self.in_test(other, seen)
            said = {None if inner is None else inner is values[0]}
        if said not in ({True}, {False}):
            return None
        self.tells, (is_it,) = True, said
        return not is_it if isinstance(op, (ast.NotEq, ast.NotIn, ast.IsNot)) else is_it


def of_word(word: str) -> bool | None:
    """What a flag of this name is in test mode, or whether a word means it.

    >>> of_word("is_training"), of_word("test"), of_word("axis")
    (False, True, None)
    """
    if TRAINS.fullmatch(word):
        return False
    return True if TESTS.fullmatch(word) else None


def last_name(node: ast.expr) -> str:
    """The name by which an expression gets its value: of `self.training`, `cache["training"]`,
    `param.get("training", True)` each time `training`; empty for any other."""
    if isinstance(node, ast.Subscript):
        node = node.slice
    if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith(".get"):
        node = node.args[0]
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
