"""What a function's text says: its arguments, which op's they are, and what forms they take."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from . import names
from .factors import factor_among
from .halves import halves_of
from .keywords import reads_of

UNKNOWN = object()
"""The default of an argument whose value only running the file would tell."""

DOCUMENTED = (ast.FunctionDef, ast.ClassDef)

WORDS = ("same", "valid", "same_lower")


@dataclass(frozen=True)
class Argument:
    """One argument of a function; `default` where `optional`."""

    name: str
    optional: bool = False
    default: Any = None
    annotation: str = ""
    by_keyword: bool = False


def arguments_of(function: ast.FunctionDef, method: bool = False) -> list[Argument]:
    """The arguments in their order, without self; *args is left out, of **kwargs what is read."""
    spec = function.args
    places = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [None] * (len(places) - len(spec.defaults))
    made = [argument(*pair) for pair in zip(places, [*defaults, *spec.defaults], strict=True)]
    made = made[1:] if method and not is_static(function) else made
    named = zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
    read = [
        Argument(name, is_optional, literal(default), by_keyword=True)
        for name, default, is_optional in reads_of(function)
    ]
    return [*made, *(argument(*pair, by_keyword=True) for pair in named), *read]


def argument(arg: ast.arg, default: ast.expr | None, by_keyword: bool = False) -> Argument:
    annotation = "" if arg.annotation is None else ast.unparse(arg.annotation)
    return Argument(arg.arg, default is not None, literal(default), annotation, by_keyword)


def is_static(function: ast.FunctionDef) -> bool:
    """Whether a method gets no object."""
    return any(ast.unparse(mark) == "staticmethod" for mark in function.decorator_list)


def is_method(function: ast.FunctionDef) -> bool:
    """Whether a function stands ready to become a method: its first argument is self."""
    first = [*function.args.posonlyargs, *function.args.args][:1]
    return any(arg.arg == "self" for arg in first)


def placed(order: Sequence[str], values: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments as a function takes them: by place as far as that goes, then by name.

    order: the names of those that have a place. A function that was wrapped may know the places
    only.
    """
    first = list(takewhile(lambda name: name in values, order))
    rest = {name: value for name, value in values.items() if name not in first}
    return [values[name] for name in first], rest


def literal(node: ast.expr | None) -> Any:
    """The value of a literal, None without one."""
    try:
        return None if node is None else ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return UNKNOWN


def match(op: str, arguments: Sequence[Argument], given: Mapping[str, str]) -> dict[str, str]:
    """Which argument of the function is which of the op: {op's name: function's name}.

    given: pairs that are known already. The first argument that nothing else claims is x.
    """
    facts = names.OPS[op]
    found = dict(given)
    for name in (*facts.inputs, *facts.attributes):
        if name not in found:
            free = [a.name for a in arguments if a.name not in found.values()]
            likely = named(op, name, free)
            if likely:
                found[name] = likely[0]
    whole = [n for n in facts.attributes if n not in found]
    found |= halves_of(whole, [a.name for a in arguments if a.name not in found.values()])
    found |= factor_among(whole, [a.name for a in arguments if a.name not in found.values()])
    first = arguments[0].name if arguments else ""
    if "x" not in found and first and first not in found.values():
        found = {"x": first, **found}
    return found


def named(op: str, name: str, free: Sequence[str]) -> list[str]:
    """The free names that this argument may have, the likeliest first."""
    lower = {own.lower(): own for own in reversed(free)}
    return [lower[alias] for alias in names.names_of(op, name) if alias in lower]


def unknown(arguments: Sequence[Argument], matched: Mapping[str, str]) -> list[str]:
    """The arguments that have to be given and that nothing is known for."""
    return [a.name for a in arguments if not a.optional and a.name not in matched.values()]


# ---------------------------------------------------------------------- forms of an attribute


def kinds(tree: ast.AST, argument: Argument) -> list[str]:
    """`int`, and `pair`, `sides`, `none` or words if the text shows that they are handled."""
    tells_apart = re.search(rf"isinstance\((self\.)?{argument.name}\b", ast.unparse(tree))
    plain = not isinstance(argument.default, str) or tells_apart is not None
    found = ["int"] if plain else []
    found += ["none"] if argument.optional and argument.default is None else []
    found += ["pair"] if takes_pairs(tree, argument) else []
    found += ["sides"] if re.search(r"[Ss]ides|[Tt]uple\[[Tt]uple", argument.annotation) else []
    return found + [word for word in WORDS if compares(tree, argument, word)]


def only_numbers(tree: ast.AST, argument: Argument) -> bool:
    """Whether nothing shows that an argument whose default is a number may be None."""
    if not argument.optional or type(argument.default) not in (int, float):
        return False
    name = re.escape(argument.name)
    shown = rf"\b{name} (is|is not|==|!=) None\b|\bif (not )?(self\.)?{name}:|\b{name} or\b"
    texts = (ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, DOCUMENTED))
    said = any(re.search(rf"\b{name}\b[^.\n]*\bNone\b", text) for text in texts)
    annotated = re.search(r"None|Optional|Any|object", argument.annotation)
    return not (said or annotated or re.search(shown, ast.unparse(tree)))


def takes_pairs(tree: ast.AST, argument: Argument) -> bool:
    """Whether the file unpacks, indexes or tests it, or its annotation names a pair; not where two
    numbers are said to be something else."""
    if says_ends(tree, argument.name):
        return False
    if re.search(r"[Tt]uple|[Ss]equence|[Pp]air|[Ll]ist", argument.annotation):
        return True
    if isinstance(argument.default, tuple):
        return True
    if any(shows_pair(node, argument.name) for node in ast.walk(tree)):
        return True
    if any(turns_each(tree, node, argument.name) for node in ast.walk(tree)):
        return True
    return says_pair(tree, argument.name) or hands_on(tree, argument.name)


def turns_each(tree: ast.AST, node: ast.AST, name: str) -> bool:
    """Whether a node goes through several arguments, this one among them, and turns each to a pair:
    `map(pair, (kernel, stride))`, a loop, a comprehension."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "map" and len(node.args) == 2:
        call = ast.Call(node.args[0], [ast.Name(name, ast.Load())], [])
        return holds(node.args[1], name) and (shows_pair(call, name) or hands_on(tree, name, call))
    loops = [node] if isinstance(node, ast.For) else getattr(node, "generators", [])
    own = [one.target for one in loops if holds(one.iter, name)]
    each = [target.id for target in own if isinstance(target, ast.Name)]
    parts = list(unchecked(node)) if each else []
    return any(shows_pair(part, one) or hands_on(tree, one, part) for one in each for part in parts)


def holds(node: ast.expr, name: str) -> bool:
    """Whether a tuple or a list as the text has it holds an argument."""
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else []
    return any(is_name(part, name) for part in parts)


def unchecked(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node, without those that check what is given and raise."""
    yield node
    for part in ast.iter_child_nodes(node):
        raises = isinstance(part, ast.If) and isinstance(part.body[0], ast.Raise)
        if not raises and not isinstance(part, ast.Assert):
            yield from unchecked(part)


def says_ends(tree: ast.AST, name: str) -> bool:
    """Whether a docstring says that two numbers are what comes before and after along each axis."""
    told = re.compile(rf"\b{re.escape(name)}\b.*\((before|begin|start|low), ?\w+\)", re.IGNORECASE)
    texts = (ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, DOCUMENTED))
    return any(told.search(text) for text in texts)


def says_pair(tree: ast.AST, name: str) -> bool:
    """Whether a docstring says that it may be a pair."""
    told = re.compile(rf"\b{re.escape(name)}\b[^.\n]*(\bpair|\btuple|\(h, ?w\)|\(int, int\))", re.I)
    texts = (ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, DOCUMENTED))
    return any(told.search(text) for text in texts)


def only_integers(
    tree: ast.AST, arguments: Mapping[str, Argument], taken: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Those of these attributes that are promised to be one integer, where nothing shows more.
    taken: their kinds."""
    plain = (name for name in arguments if taken[name] == ["int"])
    return tuple(name for name in plain if one_number(tree, arguments[name]))


def one_number(tree: ast.AST, argument: Argument) -> bool:
    """Whether an annotation or a docstring promises one integer."""
    name = re.escape(argument.name)
    told = re.compile(rf"\b{name}\b ?[:(] ?(an? )?int(eger)?\b", re.IGNORECASE)
    texts = (ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, DOCUMENTED))
    promised = argument.annotation == "int" or any(told.search(text) for text in texts)
    return promised or says_ends(tree, argument.name)


def hands_on(tree: ast.AST, name: str, place: ast.AST | None = None) -> bool:
    """Whether a function of the file gets it that tells numbers and pairs apart. place: where it is
    looked for."""
    own = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    for node in ast.walk(place or tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in own:
            helper = own[node.func.id]
            pairs = zip(node.args, helper.args.args, strict=False)
            given = [parameter.arg for value, parameter in pairs if is_name(value, name)]
            if any(shows_pair(part, one) for one in given for part in ast.walk(helper)):
                return True
    return False


def shows_pair(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Subscript):
        return is_name(node.value, name) and isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.Assign):
        unpacked = any(isinstance(t, (ast.Tuple, ast.List)) for t in node.targets)
        return unpacked and is_name(node.value, name)
    if isinstance(node, ast.Call) and node.args and is_name(node.args[0], name):
        called = ast.unparse(node.func).lower()
        return bool(re.search(r"isinstance|isscalar|pair|tuple|twice|ndim|broadcast_to", called))
    return False


def compares(tree: ast.AST, argument: Argument, word: str) -> bool:
    """Whether the file compares the argument with this word, in any case."""
    return argument.default == word or any(
        isinstance(node, ast.Compare)
        and names_it(node, argument.name)
        and any(
            isinstance(c, ast.Constant) and str(c.value).lower() == word for c in ast.walk(node)
        )
        for node in ast.walk(tree)
    )


def names_it(node: ast.Compare, name: str) -> bool:
    return any(is_name(part, name) for part in ast.walk(node))


def is_name(node: ast.AST, name: str) -> bool:
    """`stride` or `self.stride`."""
    if isinstance(node, ast.Name):
        return node.id == name
    if not isinstance(node, ast.Attribute) or node.attr != name:
        return False
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def word_as_written(tree: ast.AST, word: str) -> str:
    """`same` as the file writes it: SAME, Same or same."""
    found = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    alike = [v for v in found if isinstance(v, str) and v.lower() == word]
    return alike[0] if alike else word


def handles_none(function: ast.AST, name: str) -> bool:
    """Whether the text asks `name is None`, or whether it is true."""
    asked = (f"{name} is None", f"{name} is not None", f"if {name}:", f"if {name} ")
    text = ast.unparse(function)
    return any(part in text for part in asked)
