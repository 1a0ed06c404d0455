"""What need not be run: refusals of bad arguments, messages; and what only asks for a kind."""

from __future__ import annotations

import ast
from collections.abc import Sequence

TALK = ("print", "warnings", "logging", "logger", "log", "pprint")
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Pass)
KINDS = ("isinstance", "issubclass", "hasattr", "callable", "np.isscalar", "numpy.isscalar", "type")
KINDS_OF_NAME = ("np.ndim", "numpy.ndim")


def only_refuses(block: Sequence[ast.stmt]) -> bool:
    """Whether statements do nothing but raise, warn or print."""
    if not block:
        return False
    *before, last = block
    raises = isinstance(last, ast.Raise) or is_failing_assert(last) or is_refusing_return(last)
    if raises and all(isinstance(one, SIMPLE) or is_talk(one) for one in before):
        return True
    return all(map(is_talk, block))


def begins_to_refuse(rest: Sequence[ast.stmt]) -> bool:
    """Whether the first thing that statements do is to raise."""
    return any(only_refuses(rest[: i + 1]) for i, one in enumerate(rest) if is_end(one))


def is_end(node: ast.stmt) -> bool:
    """Whether a statement raises, or may refuse."""
    return isinstance(node, (ast.Raise, ast.Assert, ast.Return))


def is_talk(node: ast.stmt) -> bool:
    """An assertion, a docstring, a message."""
    if isinstance(node, (ast.Assert, ast.Raise)):
        return True
    if not isinstance(node, ast.Expr):
        return False
    if isinstance(node.value, ast.Constant):
        return True
    called = node.value.func if isinstance(node.value, ast.Call) else node.value
    return ast.unparse(called).partition(".")[0] in TALK


def is_failing_assert(node: ast.stmt) -> bool:
    """`assert False`."""
    test = node.test if isinstance(node, ast.Assert) else None
    return isinstance(test, ast.Constant) and not test.value


def is_refusing_return(node: ast.stmt) -> bool:
    """`return NotImplemented`."""
    value = node.value if isinstance(node, ast.Return) else None
    return isinstance(value, ast.Name) and value.id == "NotImplemented"


def ends(block: Sequence[ast.stmt]) -> bool:
    """Whether what follows a block is not run after it."""
    return isinstance(block[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def is_settled(test: ast.expr) -> bool:
    """`while True`, `if TYPE_CHECKING`, `if __name__ == ...`: nothing depends on arguments."""
    text = ast.unparse(test)
    return isinstance(test, ast.Constant) or text.endswith("TYPE_CHECKING") or "__name__" in text


def names_of_refusals(tree: ast.Module) -> set[str]:
    """Names that nothing but assertions and tests of refusals mention: `bad = n > 9; assert not
    bad`."""
    inside: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) or (isinstance(node, ast.If) and only_refuses(node.body)):
            inside += loaded(node.test)
    every = loaded(tree)
    return {name for name in inside if inside.count(name) == every.count(name)}


def loaded(node: ast.AST) -> list[str]:
    """The names whose values a piece of code takes."""
    names = (one for one in ast.walk(node) if isinstance(one, ast.Name))
    return [one.id for one in names if isinstance(one.ctx, ast.Load)]


def asks_for_kind(test: ast.expr) -> bool:
    """Whether a condition only asks what kind of thing an argument is."""
    if isinstance(test, ast.BoolOp):
        return all(map(asks_for_kind, test.values))
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return asks_for_kind(test.operand)
    if isinstance(test, ast.Compare):
        constants = all(isinstance(c, ast.Constant) for c in test.comparators)
        if constants and all(isinstance(op, (ast.Is, ast.IsNot)) for op in test.ops):
            return True
        if is_word(test.left) and all(isinstance(op, (ast.In, ast.NotIn)) for op in test.ops):
            return True  # "seed" in dropout_param
        return asks_for_kind(test.left) or (constants and is_size_of_name(test.left))
    return isinstance(test, ast.Call) and ast.unparse(test.func) in KINDS


def is_word(node: ast.expr) -> bool:
    """Whether an expression is a text."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_size_of_name(node: ast.expr) -> bool:
    """`np.ndim(stride)`: of an argument by its name, as for a pair."""
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) in KINDS_OF_NAME
        and all(isinstance(argument, ast.Name) for argument in node.args)
    )
