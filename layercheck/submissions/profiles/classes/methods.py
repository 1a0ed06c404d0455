"""The methods of a class as its text has them: by `def`, by assignment, or put there afterwards."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..inventory import defined, statements, written_out
from ..names import plain
from .bases import Class, find_class, lineage

FORWARD = [
    "forward",
    "call",
    "forwardpass",
    "forwardpropagation",
    "forwardpropagate",
    "forwardprop",
    "fprop",
    "fwd",
]
BACKWARD = [
    "backward",
    "backwardpass",
    "backwardpropagation",
    "backwardpropagate",
    "backwardprop",
    "backprop",
    "backpropagation",
    "backpropagate",
    "bprop",
    "bwd",
]
GRADIENT = ["grad", "gradient", "gradients", "computegradient", "computegradients", "computegrad"]
"""What methods are called, the likeliest first, underscores and capitals aside; the last ones are a
backward only if they take a dout."""

UNREAD = "it is no function whose arguments can be read; write it with def in the class"


@dataclass
class Methods:
    """steps: from how many classes more a method may be taken · readable: the methods by name ·
    unread: what is there and cannot be read, with the reason · sources: the functions of the file
    that a method is."""

    steps: int
    readable: dict[str, ast.FunctionDef] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def bind(self, one: Class, name: str, made: ast.stmt | ast.expr) -> None:
        """A name of the class gets a value."""
        known = {**one.file.functions, **self.readable}
        self.unread.pop(name, None)
        found = function_of(one, made, known, self.steps)
        if found is not None and is_property(found):
            self.unread[name] = "it is a property: what it gives cannot be read; write it with def"
        elif found is not None:
            self.readable[name] = found
            if isinstance(made, ast.Name) and made.id in one.file.functions:
                self.sources[made.id] = name
            return
        elif isinstance(made, ast.AsyncFunctionDef):
            self.unread[name] = "it is async: a layer is called and returns"
        elif not isinstance(made, ast.Constant):
            self.unread[name] = UNREAD
        self.readable.pop(name, None)


def methods_of(one: Class, steps: int = 2) -> Methods:
    """Those of a class and of its bases."""
    found = Methods(steps)
    for base in lineage(one):
        for node in statements(base.node.body):
            for name, made in defined(node):
                found.bind(base, name, made)
        for name, value in attached(base):
            found.bind(base, name, value)
    return found


def function_of(
    one: Class, made: ast.stmt | ast.expr, known: Mapping[str, ast.FunctionDef], steps: int
) -> ast.FunctionDef | None:
    """The function that a value is; None where that cannot be read."""
    if isinstance(made, ast.FunctionDef):
        return made
    if isinstance(made, ast.Lambda):
        return written_out("method", made)
    if isinstance(made, ast.Name):
        return known.get(made.id)
    if isinstance(made, ast.Attribute) and steps:
        return taken_from(one, ast.unparse(made.value), made.attr, known, steps)
    if isinstance(made, ast.Call) and ast.unparse(made.func) in ("staticmethod", "classmethod"):
        inner = function_of(one, made.args[0], known, steps) if len(made.args) == 1 else None
        return None if inner is None else marked(inner, made.func)
    return None


def taken_from(
    one: Class, owner: str, name: str, known: Mapping[str, ast.FunctionDef], steps: int
) -> ast.FunctionDef | None:
    """The function that `Other.name` or `base.name` is."""
    other = find_class(one.file, owner)
    if other is not None:
        return known.get(name) if other == one else methods_of(other, steps - 1).readable.get(name)
    helper = one.file.beside(one.file.imported.get(owner, ""))
    return None if helper is None else helper.functions.get(name)


def marked(function: ast.FunctionDef, mark: ast.expr) -> ast.FunctionDef:
    """The function with one more decorator."""
    made = copy.copy(function)
    made.decorator_list = [mark, *function.decorator_list]
    return made


def is_property(function: ast.FunctionDef) -> bool:
    """Whether a method is read and not called."""
    marks = [ast.unparse(mark).rpartition(".")[2] for mark in function.decorator_list]
    return any(mark in ("property", "cached_property") for mark in marks)


def attached(one: Class) -> Iterator[tuple[str, ast.expr]]:
    """`Layer.backward = f` and `setattr(Layer, "backward", f)` after the class."""
    for node in statements(one.file.tree.body):
        if isinstance(node, ast.Assign):
            for place in node.targets:
                yield from places(place, node.value, one.node.name)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from set_by_call(node.value, one.node.name)


def places(place: ast.expr, value: ast.expr, owner: str) -> Iterator[tuple[str, ast.expr]]:
    """The attributes of a class that an assignment sets."""
    if isinstance(place, ast.Attribute) and ast.unparse(place.value) == owner:
        yield place.attr, value
    elif isinstance(place, (ast.Tuple, ast.List)):
        values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
        if len(values) == len(place.elts):
            for inner, own in zip(place.elts, values, strict=True):
                yield from places(inner, own, owner)


def set_by_call(call: ast.Call, owner: str) -> Iterator[tuple[str, ast.expr]]:
    """The attribute of a class that a `setattr` sets."""
    if ast.unparse(call.func) == "setattr" and len(call.args) == 3:
        thing, name, value = call.args
        if ast.unparse(thing) == owner and isinstance(name, ast.Constant):
            yield str(name.value), value


# ---------------------------------------------------------------------- which method is which


def is_backward(name: str, called: bool = True) -> bool:
    """Whether a name says that what is called gives a gradient; a `grad` may also be an array."""
    return plain(name) in BACKWARD or (called and plain(name) in GRADIENT)


def chosen(known: list[str], methods: Mapping[str, ast.FunctionDef]) -> str:
    """The method of the likeliest name; another one where that does nothing, and is not called."""
    found = [n for own in known for n in methods if plain(n) == own]
    first = found[0] if found else ""
    if not first or not is_empty(methods[first]):
        return first
    own = (n for n in found if not is_empty(methods[n]) and first not in asked_by(methods[n]))
    return next(own, first)


def asked_by(function: ast.FunctionDef) -> set[str]:
    """The attributes that a method mentions."""
    return {n.attr for n in ast.walk(function) if isinstance(n, ast.Attribute)}


def is_empty(function: ast.FunctionDef) -> bool:
    """Whether a method does nothing but raise NotImplementedError, or nothing at all."""
    body = [n for n in function.body if not is_docstring(n)]
    return all(isinstance(n, ast.Pass) or is_docstring(n) or raises(n) for n in body)


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def raises(node: ast.stmt) -> bool:
    return isinstance(node, ast.Raise) and "NotImplemented" in ast.unparse(node)


def forward_of(methods: Mapping[str, ast.FunctionDef]) -> str:
    """The method that gives the output; empty if there is none."""
    public = {n: m for n, m in methods.items() if not n.startswith("_") or n == "__call__"}
    return chosen(FORWARD, public)


def backward_of(methods: Mapping[str, ast.FunctionDef]) -> str:
    """The method that gives the gradients; empty if there is none."""
    public = {n: m for n, m in methods.items() if not n.startswith("_")}
    weak = {n: m for n, m in public.items() if takes_dout(m)}
    return chosen(BACKWARD, public) or chosen(GRADIENT, weak)


def takes_dout(function: ast.FunctionDef) -> bool:
    """Whether the one argument that a method has to get is a gradient by its name."""
    given = [*function.args.posonlyargs, *function.args.args][1:]
    needed = given[: len(given) - len(function.args.defaults)]
    if len(needed) != 1:
        return False
    name = needed[0].arg.lower()
    if name == "data":
        return False
    return name == "g" or name.startswith(("d", "up", "err", "accum")) or "grad" in name
