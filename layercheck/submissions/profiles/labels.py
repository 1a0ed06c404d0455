"""Scores and labels of a loss: `cross_entropy(y_pred, y_true)`, labels as one-hot rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

import numpy as np

from . import names
from .call import Call
from .signatures import Argument, arguments_of, match
from .views import Array

TRUE = ("y_true", "true_labels", "one_hot", "onehot", "y_onehot", "y_one_hot")
PREDICTED = ("y_pred", "y_hat", "pred", "preds", "predictions")


def of_loss(op: str, arguments: Sequence[Argument], function: ast.FunctionDef) -> dict[str, str]:
    """The op's x and y with the function's names, where those are y_pred and y_true.

    y_pred may be scores or probabilities: it is known where a docstring or a logarithm of the sum
    of exponentials says that it is scores.
    """
    if not names.OPS[op].targets:
        return {}
    lower = {a.name.lower(): a.name for a in arguments}
    true = [lower[name] for name in TRUE if name in lower]
    predicted = [lower[name] for name in PREDICTED if name in lower]
    found = {"y": true[0]} if true else {}
    if predicted and are_scores(function):
        found["x"] = predicted[0]
    return found


def undecided(op: str, arguments: Sequence[Argument], function: ast.FunctionDef) -> str:
    """Why a loss cannot be called although its arguments are known by name; empty if it can."""
    predicted = [a.name for a in arguments if a.name.lower() in PREDICTED]
    if not names.OPS[op].targets or not predicted or are_scores(function):
        return ""
    return f"its argument {predicted[0]} may be scores or probabilities, and nothing says which"


def are_scores(function: ast.FunctionDef) -> bool:
    """Whether what a loss is given are scores before softmax."""
    docstring, text = (ast.get_docstring(function) or "").lower(), ast.unparse(function)
    said = f"{function.name.lower()} {docstring}"
    if re.search(
        r"\bscores\b|\blogits\b|before (the )?softmax|^\w*softmax|^\w*hinge|^\w*svm", said
    ):
        return True
    return not re.search(r"probabilit", docstring) and bool(
        re.search(r"\bexp\(|logaddexp|logsumexp|softmax\(", text)
    )


SHARES = re.compile(r"\bsoft(ened)?\b|probabilit|distribution|\bshares?\b")
NUMBERS = re.compile(r"\bind(ex|ices)\b|\bint(eger)?s?\b|\bnumbers?\b|\(n,\)|\bnot?\b")
"""How a docstring says that a target has a share of each class · the number of one."""


def of_shares(op: str, *nodes: ast.FunctionDef | ast.ClassDef) -> str:
    """`soft_cross_entropy` for a cross entropy whose docstring says that its target has a share of
    each class; any other op as it is. nodes: the function first, or the method of a class."""
    function = nodes[0]
    if op != "softmax_cross_entropy" or not isinstance(function, ast.FunctionDef):
        return op
    arguments = [a for a in arguments_of(function) if a.name != "self"]
    target = match(op, arguments, of_loss(op, arguments, function)).get("y", "").lower()
    text = "\n".join(ast.get_docstring(node) or "" for node in nodes).lower()
    said = re.findall(rf"\b{re.escape(target)}\b[^.;\n]*", text) if target else []
    is_soft = any(map(SHARES.search, said)) and not any(map(NUMBERS.search, said))
    return "soft_cross_entropy" if is_soft else op


def one_hot(call: Call) -> Array:
    """The labels of a question as rows of 0 and 1."""
    x = call.inputs["x"]
    rows: Array = np.eye(x.shape[1], dtype=x.dtype)[call.inputs["y"]]
    return rows


def is_one_hot(argument: str, *nodes: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether labels come as rows of 0 and 1, by their name or the docstrings of these."""
    said = " ".join([argument, *(ast.get_docstring(node) or "" for node in nodes)]).lower()
    return re.search(r"one[-_ ]?hot", said) is not None
