"""A padding that is four numbers: in which order, one by one or as two pairs, a text says.

`left, right, top, bottom = pad` is torch's own; `(top, bottom), (left, right) = pad` is np.pad's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from . import names
from .both import Both
from .call import Call
from .factors import Factor, factor_of
from .signatures import DOCUMENTED, Argument, is_name, literal
from .switches import Switch, is_switched
from .two_numbers import two_numbers

MEANT = {"T": "top", "B": "bottom", "L": "left", "R": "right"}
NUMPY, TORCH = "TBLR", "LRTB"


@dataclass(frozen=True)
class Form:
    """order: of the sides, `LRTB` for left, right, top, bottom; empty if nothing says which ·
    nested: two pairs · numbers: whether one number is taken as well."""

    order: str
    nested: bool = False
    numbers: bool = False
    kinds: ClassVar[tuple[str, ...]] = ("int", "pair", "sides")

    def give(self, value: Any, x: Any) -> Any:
        """A padding, (h, w), ((top, bottom), (left, right)) or one number, in this form."""
        if isinstance(value, str) or value is None or (self.numbers and type(value) is int):
            return value
        h, w = value if isinstance(value, Sequence) else (value, value)
        (top, bottom), (left, right) = (s if isinstance(s, Sequence) else (s, s) for s in (h, w))
        own = {"T": top, "B": bottom, "L": left, "R": right}
        four = tuple(own[side] for side in self.order)
        return (four[:2], four[2:]) if self.nested else four

    def tell(self, call: Call, name: str, value: Any) -> None:
        """Say in what form an argument was given."""
        if isinstance(value, tuple):
            text = f"{name} {value}: {', '.join(MEANT[side] for side in self.order)}"
            call.called += [] if text in call.called else [text]


Forms = Mapping[str, Form | Both | Switch | Factor]


def forms_of(
    op: str, tree: ast.AST, matched: Mapping[str, str], arguments: Sequence[Argument]
) -> dict[str, Form | Both | Switch | Factor]:
    """The attributes that are given as four numbers, always as two, as True and False, or as a
    multiple. tree: the function, and all it mentions."""
    usual = names.OPS[op].attributes
    own = {a.name: a for a in arguments}
    argument = own.get(matched.get("padding", ""))
    form = None if argument is None else form_of(tree, argument, own)
    both: Forms = {n: Both() for n in two_numbers(op, tree, matched, arguments)}
    there = {n: own[matched[n]] for n in usual if matched.get(n, "") in own}
    switched = {n: Switch() for n, one in there.items() if is_switched(tree, usual[n], one)}
    factor = factor_of(matched, [*both])
    return {**both, **switched, **factor, **({} if form is None else {"padding": form})}


def form_of(tree: ast.AST, argument: Argument, others: Mapping[str, Argument]) -> Form | None:
    """The form of one argument; None where it is no four numbers."""
    name = argument.name
    said = documented(tree, name)
    used = next(uses(tree, name), None)
    if used is None and (said is None or argument.annotation == "int"):
        return None
    numbers = takes_numbers(tree)
    nested = used.nested if used is not None else said is not None and said.nested
    if nested and numbers:
        return None  # numbers and pairs are told apart
    order = used.order if used is not None else ""
    if not order and said is not None and said.nested == nested:
        order = said.order
    like_torch = {"mode", "value"} <= {n.lower() for n in others} or "torch" in docstrings(tree)
    usual = NUMPY if nested else TORCH * like_torch
    return Form(order or usual, nested, numbers)


def takes_numbers(tree: ast.AST) -> bool:
    """Whether the text tells one number apart from several."""
    text = ast.unparse(tree)
    return bool(re.search(r"isinstance\(|isscalar\(|\bndim\(|\btype\(|broadcast_to\(|'same'", text))


def uses(tree: ast.AST, name: str) -> Iterator[Form]:
    """The forms in which a text takes it apart, those with names first."""
    nodes = list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Assign) and holds(node.value, name):
            found = (in_names(target) for target in node.targets)
            yield from (form for form in found if form is not None)
    for node in nodes:
        if isinstance(node, ast.Subscript) and is_name(node.value, name):
            yield from [Form("")] if literal(node.slice) in (2, 3) else []
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Subscript):
            yield from [Form("", nested=True)] if is_name(node.value.value, name) else []
        elif isinstance(node, ast.Starred) and is_name(node.value, name):
            yield Form("", nested=True)


def in_names(target: ast.expr) -> Form | None:
    """The form of what is unpacked into these names."""
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
    pairs = [p.elts for p in parts if isinstance(p, (ast.Tuple, ast.List))]
    if len(parts) == 4 and not pairs:
        return Form(ordered([ast.unparse(part) for part in parts]))
    if len(parts) == 2 and [len(pair) for pair in pairs] == [2, 2]:
        flat = [ast.unparse(part) for pair in pairs for part in pair]
        return Form(ordered(flat), nested=True)
    return None


def holds(value: ast.expr, name: str) -> bool:
    """`pad`, `tuple(pad)`, `map(int, pad)`."""
    calls = value.args if isinstance(value, ast.Call) else []
    return is_name(value, name) or any(is_name(part, name) for part in calls)


def ordered(own: Sequence[str]) -> str:
    """The order that the names of four numbers spell; empty if they spell none.

    >>> ordered(["l", "r", "t", "b"]), ordered(["pad_top", "pad_bottom", "pad_left", "pad_right"])
    ('LRTB', 'TBLR')
    >>> ordered(["a", "b", "c", "d"])
    ''
    """
    spelt = "".join(side(name) for name in own)
    return spelt if sorted(spelt) == sorted(NUMPY) else ""


def side(name: str) -> str:
    words = set(re.split(r"[\W_\d]+", name.lower()))
    for meaning, known in (
        ("T", {"t", "top", "pt", "up", "u"}),
        ("B", {"b", "bottom", "pb", "down", "bot"}),
        ("L", {"l", "left", "pl"}),
        ("R", {"r", "right", "pr"}),
    ):
        if words & known:
            return meaning
    return "?"


def documented(tree: ast.AST, name: str) -> Form | None:
    """The form that a docstring's line about it gives."""
    for line in docstrings(tree).splitlines():
        _, found, rest = line.partition(f"{name.lower()}")
        groups = re.findall(r"\(([^()]*)\)", rest) if found else []
        for group in groups:
            order = ordered(group.split(","))
            if order:
                return Form(order)
        for first, second in pairwise(groups):
            order = ordered([*first.split(","), *second.split(",")])
            if order:
                return Form(order, nested=True)
    return None


def docstrings(tree: ast.AST) -> str:
    """Every docstring of a text, in lower case."""
    found = (ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, DOCUMENTED))
    return "\n".join(found).lower()


def in_form(call: Call, values: Mapping[str, Any], forms: Forms) -> dict[str, Any]:
    """The attributes, those of a form of their own in it, which is told."""
    given = dict(values)
    for name in (one for one in forms if one in values):
        given[name] = forms[name].give(values[name], call.inputs["x"])
        forms[name].tell(call, name, given[name])
    return given


def undecided_sides(forms: Forms, matched: Mapping[str, str]) -> str:
    """Why a padding cannot be given; empty if it can."""
    for name, form in forms.items():
        if not form.order:
            return f"its argument {matched[name]} is four numbers, and nothing says in which order"
    return ""


def with_sides(kinds: Mapping[str, Sequence[str]], forms: Forms) -> dict[str, Sequence[str]]:
    """The kinds of attributes that a signature takes: of those in a form of their own any."""
    found = dict(kinds)
    for name in (one for one in forms if one in kinds):
        found[name] = list(dict.fromkeys((*forms[name].kinds, *kinds[name])))
    return found
