"""What a dropout's p is, the probability to keep or to drop, as names and docstrings say it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

KEEP = r"(?:keep\w*|kept|retain\w*|surviv\w*)"
DROP = r"(?:drop(?:s|ped|ping)?|zeroed|zeroing|zero(?:es)? out)"
DOUBTFUL = re.compile(
    r"\b(not|never|contrary|rather than|instead|unlike|whereas|sources|others?|1 ?- ?keep)\b|n't"
)
"""Words of a clause that may say the opposite of what its other words say."""

OTHER = {"keep": "drop", "drop": "keep", "": ""}


def meaning_of_p(docstring: str, name: str = "p") -> str:
    """`keep` or `drop`, as clear sentences of a docstring say; empty if none does, or they differ.

    name: what p is called.

    >>> meaning_of_p("p: We keep each neuron output with probability p.")
    'keep'
    >>> meaning_of_p("p: Dropout parameter. We drop each neuron output with probability p.")
    'drop'
    >>> meaning_of_p("Elements are kept with probability 1 - p."), meaning_of_p("p: the keep rate")
    ('drop', 'keep')
    >>> meaning_of_p("p is not the probability to drop"), meaning_of_p("dropout of x with p")
    ('', '')
    """
    said = {found for clause in clauses(docstring) for found in of_clause(clause, name.lower())}
    return said.pop() if len(said) == 1 else ""


def clauses(docstring: str) -> Iterator[str]:
    """Its sentences and their parts, in lower case, without those that are hard to read."""
    text = re.sub(r"[*`]", "", " ".join(docstring.lower().split()))
    for clause in re.split(r"[;,]|\.(?:\s|$)|\band\b|\bbut\b|·", text):
        if not DOUBTFUL.search(clause):
            yield clause


def of_clause(clause: str, name: str) -> Iterator[str]:
    """What one clause says: at most one of the two, or both if it is not clear."""
    own = re.escape(name)
    with_p = rf"with (?:a |the )?(?:probability|chance)(?: of)? \(?(1(?:\.0)? ?- ?)?{own}\b"
    is_p = (
        rf"\b{own}\b(?: \([^)]*\))?(?: is|:| =|,| -)? ?(?:the |a )?"
        r"(?:probability|chance|fraction|share|rate)\b(?: of| to| that| for)?"
    )
    for word, said in ((KEEP, "keep"), (DROP, "drop")):
        for found in re.finditer(rf"\b{word}\b(?:(?!{KEEP}|{DROP}).)*?{with_p}", clause):
            yield OTHER[said] if found[1] else said
        short = rf"\b{own}(?:\s*:| is) ?(?:the )?{word}[- ](?:probability|rate|chance)"
        if re.search(short, clause):
            yield said
    rest = re.split(is_p, clause, maxsplit=1)[1:]
    if rest:
        named = [s for w, s in ((KEEP, "keep"), (DROP, "drop")) if re.search(rf"\b{w}\b", rest[0])]
        yield from named


def settled_p(name: str, docstrings: Iterable[str]) -> str:
    """What p is by its own name and its docstrings; empty where they leave it open or differ.

    >>> settled_p("keep_prob", []), settled_p("p", ["p: probability of dropping"])
    ('keep', 'drop')
    >>> settled_p("p_drop", ["p_drop: the probability to keep"])
    ''
    """
    lower = name.lower()
    said = {word for word in ("keep", "drop") if word in lower.replace("dropout", "")}
    said |= {meaning_of_p(text, name) for text in docstrings}
    said -= {""}
    return said.pop() if len(said) == 1 else ""


def docstrings_of(*nodes: ast.AST | None) -> list[str]:
    """The docstrings of these definitions."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [ast.get_docstring(node) or "" for node in nodes if isinstance(node, kinds)]
