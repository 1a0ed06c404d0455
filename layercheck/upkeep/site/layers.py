"""Each layer's formula beside its code."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType

from ref_layers import OPS
from ref_layers.op import Op

from .markdown import docstring, fenced, plain, toctree

INTRODUCTION = """# The layers

One file an op, NumPy only, forward and backward: the formula as its docstring has it, beside the
code that computes it. These files are what the exact result, the bounds and the answers of float32
all run.
"""


def index() -> str:
    """A line for each op."""
    lines = [f"- [{name}]({name}.md): {plain(first_line(op))}" for name, op in OPS.items()]
    return "\n".join([INTRODUCTION, *lines, "", toctree(list(OPS))])


def first_line(op: Op) -> str:
    """What the op's file says that it is."""
    return (inspect.getdoc(module_of(op)) or "").splitlines()[0]


def module_of(op: Op) -> ModuleType:
    """The file of an op."""
    return importlib.import_module(op.forward.__module__)


def page(op: Op, has_mistakes: bool) -> str:
    """The op's functions, each beside its code, then the whole file; has_mistakes: whether the site
    has a page of what people get wrong of it."""
    parts = [f"# {op.name}\n", plain(first_line(op)), ""]
    parts += [beside(name, function) for name, function in functions_of(op).items()]
    parts += ["## The whole file\n", fenced(inspect.getsource(module_of(op)), "python")]
    there = f"../mistakes/{op.name}.md"
    parts += [f"What people get wrong of it: [the mistakes]({there}).\n"] if has_mistakes else []
    return "\n".join(parts)


def functions_of(op: Op) -> dict[str, object]:
    """Forward and backward."""
    return {op.forward.__name__: op.forward, op.backward.__name__: op.backward}


def beside(name: str, function: object) -> str:
    """A formula and its code, side by side where there is room."""
    text = docstring(inspect.getdoc(function) or "")
    code = fenced(body_of(inspect.getsource(function)), "python")  # type: ignore[arg-type]
    sides = "\n".join(f":::{{container}}\n{side}\n:::" for side in (text, code))
    return f"## {name}\n\n::::{{container}} beside\n{sides}\n::::\n"


def body_of(source: str) -> str:
    """A function's source without its docstring, which stands beside it."""
    head, quotes, rest = source.partition('    """')
    _, closed, body = rest.partition('"""\n')
    return head + body if quotes and closed else source
