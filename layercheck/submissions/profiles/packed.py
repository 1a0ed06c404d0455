"""Attributes in a dictionary, as deeplearning.ai's `hparameters` have them."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

from . import names
from .signatures import Argument, is_name, literal

PACKS = ("hparameters", "hparams", "hparam", "hyperparameters", "hyper_params", "hparameter")
"""What arguments with a dictionary of attributes are called."""

KEYS = {
    "stride": "stride",
    "strides": "stride",
    "pad": "padding",
    "padding": "padding",
    "f": "kernel_size",
    "kernel_size": "kernel_size",
    "pool_size": "kernel_size",
    "dilation": "dilation",
    "eps": "eps",
}
"""What the keys of such a dictionary are, in the op's words."""

Packs = Mapping[str, Mapping[str, str]]
"""By argument: its keys, each with the op's attribute."""


def packs_of(op: str, arguments: Sequence[Argument], *texts: ast.AST) -> Packs:
    """The dictionaries among the arguments whose every key is an attribute of the op."""
    attributes = names.OPS[op].attributes
    found = {}
    for name in (a.name for a in arguments if a.name.lower() in PACKS):
        keys = sorted(keys_read(name, *texts))
        meant = {key: KEYS.get(key, "") for key in keys}
        if keys and all(meaning in attributes for meaning in meant.values()):
            found[name] = meant
    return found


def keys_read(name: str, *texts: ast.AST) -> set[str]:
    """The keys that a text reads: `name["key"]`, `name.get("key")`."""
    found: list[Any] = []
    for node in (part for text in texts for part in ast.walk(text)):
        if isinstance(node, ast.Subscript) and is_name(node.value, name):
            found.append(literal(node.slice))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == f"{name}.get" and node.args:
            found.append(literal(node.args[0]))
    return {key for key in found if isinstance(key, str)}


def attributes_in(packs: Packs) -> set[str]:
    """The op's attributes that some dictionary holds."""
    return {meaning for keys in packs.values() for meaning in keys.values()}


def filled(packs: Packs, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The dictionaries for a case."""
    return {name: {k: values[m] for k, m in keys.items()} for name, keys in packs.items()}


# ---------------------------------------------------------------------- columns


def weight_comes_first(text: str, w: str, x: str) -> bool:
    """Whether a linear layer multiplies W by x, so that samples are columns.

    >>> weight_comes_first("return W @ A + b", "W", "A"), weight_comes_first("A @ W", "W", "A")
    (True, False)
    >>> weight_comes_first("np.dot(W, A)", "W", "A"), weight_comes_first("W @ x.T", "W", "x")
    (True, False)
    """
    w, x = re.escape(w), re.escape(x)
    product = rf"\b{w}(\.T)? @ {x}\b(?!\.|\[)"
    called = rf"(dot|matmul)\({w}(\.T)?, {x}\)|\b{w}(\.T)?\.dot\({x}\)"
    return re.search(f"{product}|{called}", text) is not None


COLUMNS = re.compile(
    r"column|\((classes|units|features|n_?\w*|c|k), ?(m|batch|samples|(number of )?examples)\)",
    re.IGNORECASE,
)
"""How a docstring says that samples are columns."""
