"""The text of a function of this process, and what it says of attributes."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from layercheck.errors import UsageError
from layercheck.submissions.profiles.factors import FORMS, factor_of, factors_taken
from layercheck.submissions.profiles.inventory import File
from layercheck.submissions.profiles.names import SPATIAL, names_of
from layercheck.submissions.profiles.sides import Form, form_of, undecided_sides
from layercheck.submissions.profiles.signatures import arguments_of, kinds
from layercheck.submissions.profiles.two_numbers import two_numbers
from layercheck.submissions.profiles.words import is_word, words_in
from ref_layers import Op

from .followed import plain


def spoken(op: Op, function: Callable[..., Any] | None) -> dict[str, dict[str, list[str]]]:
    """The words that a function's text has for the attributes that are words, as Takes has them."""
    of_words = [name for name, usual in op.attributes.items() if is_word(usual)]
    text = text_of(function) if of_words else None
    if text is None:
        return {}
    return {name: words_in(text, names_of(op.name, name)) for name in of_words}


def two_numbers_of(
    op: Op, function: Callable[..., Any] | None, own: Mapping[str, str]
) -> list[str]:
    """The attributes that a function's text takes as two numbers always. own: its names for the
    op's."""
    said = defined(function) if not {*SPATIAL}.isdisjoint(own) else None
    if said is None:
        return []
    text, made = said
    found = {name: own[name] for name in op.attributes if name in own}
    return two_numbers(op.name, text, found, arguments_of(made))


def sides_of(
    op: Op, function: Callable[..., Any] | None, own: Mapping[str, str]
) -> dict[str, Form]:
    """The padding that a function's text takes apart as four numbers, with their order if it says
    one."""
    said = defined(function) if "padding" in op.attributes and "padding" in own else None
    if said is None:
        return {}
    text, made = said
    arguments = {one.name: one for one in arguments_of(made)}
    argument = arguments.get(own["padding"])
    form = None if argument is None else form_of(text, argument, arguments)
    return {} if form is None else {"padding": form}


def kinds_of_sides(
    op: Op, function: Callable[..., Any], own: Mapping[str, str]
) -> dict[str, Sequence[str]]:
    """The forms of a padding that is always four numbers: a word is none of them. Raises UsageError
    where nothing says in which order they are."""
    forms = sides_of(op, function, own)
    undecided = undecided_sides(forms, own)
    if undecided:
        raise UsageError(f"{op.name}: {undecided}; call them top, bottom, left and right")
    return {name: form.kinds for name, form in forms.items() if not form.numbers}


def factors_said(
    op: Op, function: Callable[..., Any], own: Mapping[str, str]
) -> dict[str, Sequence[str]]:
    """The sizes that a function takes as multiples, with the forms that its text shows. own: its
    names for the op's."""
    forms = factor_of(own, two_numbers_of(op, function, own))
    said = defined(function) if forms else None
    if said is None:
        return dict.fromkeys(forms, FORMS)
    text, made = said
    arguments = {a.name: a for a in arguments_of(made)}
    shown = {n: kinds(text, arguments[own[n]]) for n in forms if own[n] in arguments}
    return factors_taken(shown, forms)


def text_of(function: Callable[..., Any] | None) -> ast.Module | None:
    """A function that somebody wrote, with all of its file that it mentions; None where there is no
    text."""
    own = plain(function)
    file = None if own is None else file_at(own.__code__.co_filename)
    if own is None or file is None:
        return None
    line = own.__code__.co_firstlineno
    nodes = (n for n in ast.walk(file.tree) if isinstance(n, (ast.FunctionDef, ast.Lambda)))
    found = next((n for n in nodes if line in lines(n) and is_named(n, own.__name__)), None)
    return None if found is None else file.reach(as_statement(found))


def defined(
    function: Callable[..., Any] | None,
) -> tuple[ast.Module, ast.FunctionDef] | None:
    """The same with the function's own definition in it; None of a lambda, too."""
    text = text_of(function)
    made = text.body[0] if text is not None else None
    return (text, made) if text is not None and isinstance(made, ast.FunctionDef) else None


def lines(node: ast.FunctionDef | ast.Lambda) -> set[int]:
    """The lines that a function may be said to begin at: a decorator's, or its own."""
    return {node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))}


def is_named(node: ast.FunctionDef | ast.Lambda, name: str) -> bool:
    """Whether a function has this name, or none as a lambda."""
    return getattr(node, "name", name) == name


def as_statement(node: ast.FunctionDef | ast.Lambda) -> ast.stmt:
    """A lambda as a statement of its own."""
    return node if isinstance(node, ast.FunctionDef) else ast.Expr(node)


@lru_cache(16)
def file_at(path: str) -> File | None:
    """A file of functions, parsed; None where it cannot be."""
    try:
        with tokenize.open(path) as file:
            source = file.read()
        return File(ast.parse(source), source)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def in_forms(given: Mapping[str, Any], forms: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, those of a form of their own in it."""
    own = {n: form.give(given[n], given["x"]) for n, form in forms.items() if n in given}
    return {**given, **own}
