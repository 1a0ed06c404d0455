"""Words that a text has for an attribute: `reduction` is "mean" or "sum"."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from . import names
from .inventory import File
from .members import enum_of
from .signatures import DOCUMENTED, arguments_of
from .target import Target

WORD = re.compile(r"[A-Za-z][\w-]{,30}")
QUOTED = re.compile(rf"""["'`]+({WORD.pattern})["'`]+""")
DENIED = re.compile(r"\b(not|no|un\w+|except|without|cannot)\b", re.IGNORECASE)


def with_words(file: File, target: Target) -> Target:
    """The target with the words that its text has for the op's attributes that are words."""
    node = file.definitions.get(target.forward.partition(".")[0])
    of_words = [n for n, usual in names.OPS[target.op].attributes.items() if is_word(usual)]
    if node is None or not of_words:
        return target
    text = file.reach(node)
    found = {name: words_in(text, names.names_of(target.op, name)) for name in of_words}
    return replace(target, takes=replace(target.takes, words=found))


def is_word(usual: object) -> bool:
    """Whether a default is that of an attribute of words."""
    return isinstance(usual, str) and usual != names.REQUIRED


def words_in(text: ast.AST, own: Collection[str]) -> dict[str, list[str]]:
    """The words that a text has at all, those that it promises of an argument, and those that an
    annotation says are all, in lower case: who writes "Sum" means it. own: the names that the
    argument may have.

    >>> text = 'def f(x, mode: Literal["a", "b"] = "a"): return mode == "c"'
    >>> words_in(ast.parse(text), ["mode"])
    {'named': ['a', 'b', 'c'], 'promised': ['a', 'b'], 'all': ['a', 'b']}
    """
    settled = {*in_annotations(text, own)}
    promised = {*in_signatures(text, own), *in_docstrings(text, own), *settled}
    constants = (n.value for n in ast.walk(text) if isinstance(n, ast.Constant))
    texts = [value for value in constants if isinstance(value, str)]
    named = {t for t in texts if WORD.fullmatch(t)} | {w for t in texts for w in QUOTED.findall(t)}
    made = {"named": named | promised, "promised": promised, "all": settled}
    return {name: lowered(words) for name, words in made.items()}


def lowered(words: Collection[str]) -> list[str]:
    """Each word once, in lower case."""
    return sorted({word.lower() for word in words})


def in_signatures(text: ast.AST, own: Collection[str]) -> Iterator[str]:
    """The words of the argument's annotation and of its default."""
    for node in (n for n in ast.walk(text) if isinstance(n, ast.FunctionDef)):
        for argument in (a for a in arguments_of(node) if a.name in own):
            yield from [argument.default] if isinstance(argument.default, str) else []
            yield from QUOTED.findall(argument.annotation)


def in_annotations(text: ast.AST, own: Collection[str]) -> Iterator[str]:
    """The words of an annotation that has no others: `Literal["nearest"]`, an Enum of the text."""
    for node in (n for n in ast.walk(text) if isinstance(n, ast.FunctionDef)):
        for argument in (a for a in arguments_of(node) if a.name in own):
            members = enum_of(text, argument.annotation)
            open_ended = re.search(r"\b(str|Any|object)\b", argument.annotation)
            if members is not None:
                yield from members.by_word
            elif re.search(r"\bLiteral\[", argument.annotation) and not open_ended:
                yield from QUOTED.findall(argument.annotation)


def in_docstrings(text: ast.AST, own: Collection[str]) -> Iterator[str]:
    """The words of the docstrings' sentences that have the argument's name, but of those that deny
    something."""
    docstrings = [ast.get_docstring(n) or "" for n in ast.walk(text) if isinstance(n, DOCUMENTED)]
    for sentence in re.split(r"[.;]\s|\n", "\n".join(docstrings)):
        words = WORD.findall(sentence)
        if not {*words}.isdisjoint(own) and not DENIED.search(sentence):
            yield from words
