"""Scores and labels of a loss: `cross_entropy(y_pred, y_true)`, labels as one-hot rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

import numpy as np

from . import names
from .call import Call
from .signatures import Argument
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


def one_hot(call: Call) -> Array:
    """The labels of a question as rows of 0 and 1."""
    x = call.inputs["x"]
    rows: Array = np.eye(x.shape[1], dtype=x.dtype)[call.inputs["y"]]
    return rows


def is_one_hot(argument: str, *nodes: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether labels come as rows of 0 and 1, by their name or the docstrings of these."""
    said = " ".join([argument, *(ast.get_docstring(node) or "" for node in nodes)]).lower()
    return re.search(r"one[-_ ]?hot", said) is not None
