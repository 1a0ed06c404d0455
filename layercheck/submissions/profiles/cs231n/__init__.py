"""The functions of Stanford CS231n's assignments, as the templates of 2016 to 2026 define them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import indent

from ..call import Call, Namespace, Session
from ..inventory import File
from ..target import Takes, Target
from .otherwise import called_otherwise
from .parts import PARTS, Contract
from .table import SESSIONS
from .templates import settled
from .variants import variants

NAME = "cs231n"
RANK = 1
CONTRACT = True
"""The course says how its functions are called: one that takes other arguments is at fault."""

WEIGHT = 1.5
"""A name of the templates says more than one that any library might have."""

DESCRIPTION = "Stanford CS231n: conv_forward_naive, batchnorm_forward, softmax_loss, ..."


def names() -> Iterable[str]:
    """Every function that the templates have."""
    return {n for part in PARTS for one in part for n in (one.forward, one.backward)}


def assignment() -> dict[str, tuple[str, Takes]]:
    """The same in the order of the templates, each with its op and what its signature takes: what
    counts where the assignment is required."""
    found: dict[str, tuple[str, Takes]] = {}
    for one in (one for part in PARTS for one in part):
        for name in (one.forward, one.backward):
            found.setdefault(name, (one.op, one.takes))
    return found


def find(file: File) -> Iterator[Target]:
    """Every target of each part of an assignment of which the file has any function; without those
    that are called as `functional` does."""
    others = {one.forward for one in called_otherwise(file)}
    for number, part in enumerate(PARTS):
        mine = [one for one in part if one.forward not in others]
        own = {name for one in mine for name in (one.forward, one.backward)}
        if own & file.definitions.keys():
            for one in mine:
                yield settled(file, make_target(one, number))
    for one in variants(file):
        yield settled(file, make_target(one))


def called_so(op: str, headers: Mapping[str, tuple[Sequence[str], str]]) -> Target | None:
    """How functions of this op are called that take a dictionary of settings, whatever their names:
    the course's own way. headers: by name the parameters and the body of the forward, and of the
    backward where there is one."""
    contract = next((one for part in PARTS for one in part if one.op == op), None)
    if contract is None:
        return None
    lines = [
        f"def {n}({', '.join(own)}):\n{indent(body, ' ')}" for n, (own, body) in headers.items()
    ]
    text = "\n".join(lines)
    forward, *backward = headers
    own = replace(make_target(contract), forward=forward, backward="".join(backward))
    return settled(File(ast.parse(text), text), own)


def make_target(one: Contract, part: int | None = None) -> Target:
    """A target as the template has it, whatever the file makes of it."""
    return Target(one.op, one.forward, one.backward, one.takes, one.beyond, (), part)


def open_session(namespace: Namespace, call: Call, target: Target) -> Session:
    """The session of one question; each op of the course is called in a way of its own."""
    return SESSIONS[target.op](namespace, call, target)
