"""Functions that give their gradient themselves: as a function, or beside a loss."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

LAYERS = """
import numpy as np

def sigmoid(x):
    y = np.exp(-np.logaddexp(0, -x))
    return y, lambda dy: dy * y * (1 - y)

def affine(x, w, b):
    flat = x.reshape(len(x), -1)
    def backward(dout):
        return (dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(0)
    return flat @ w + b, backward

def cross_entropy(logits, labels):
    n = np.arange(len(logits))
    z = logits - logits.max(axis=1, keepdims=True)
    z = z - np.log(np.exp(z).sum(1, keepdims=True))
    dlogits = np.exp(z)
    dlogits[n, labels] -= 1
    return -z[n, labels].mean(), dlogits / len(z)

def cross_entropy_loss(scores, labels):
    one_hot = np.eye(scores.shape[1], dtype=scores.dtype)[labels]
    z = scores - scores.max(axis=1, keepdims=True)
    z = z - np.log(np.exp(z).sum(1, keepdims=True))
    return -(one_hot * z).sum() / len(z), (np.exp(z) - one_hot) / len(z)
"""
WRONG = {
    "sigmoid": ("y * (1 - y)", "y * (1 + y)"),
    "affine": ("dout.sum(0)", "dout.mean(0)"),
    "cross_entropy": ("dlogits / len(z)", "dlogits"),
    "cross_entropy_loss": ("(np.exp(z) - one_hot)", "(one_hot - np.exp(z))"),
}


def test_right_ones_pass_with_both_parts(tmp_path: Path) -> None:
    report = check_text(LAYERS, tmp_path)
    assert not report.failing_checks
    found = {check.target: check.arrays_right for check in report.checks}
    assert found.keys() == WRONG.keys()
    assert all("dx" in arrays for arrays in found.values())


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_gradient_fails_the_function_that_gave_it(name: str, tmp_path: Path) -> None:
    right, wrong = WRONG[name]
    text = LAYERS.replace(right, wrong)
    assert text != LAYERS
    assert [check.target for check in check_text(text, tmp_path).failing_checks] == [name]


def test_probabilities_beside_a_loss_are_no_gradient(tmp_path: Path) -> None:
    text = LAYERS.replace("dlogits / len(z)", "np.exp(z)").replace("(np.exp(z) - one_hot)", "z")
    report = check_text(text.replace(" / len(z), z / len(z)", " / len(z), z"), tmp_path)
    assert not report.failing_checks


NAMELESS = """
import numpy as np

def relu(x):
    return np.maximum(x, 0)

def svm_loss(x, y):
    n = len(x)
    m = np.maximum(0, x - x[np.arange(n), y][:, None] + 1)
    m[np.arange(n), y] = 0
    t = (m > 0).astype(x.dtype)
    t = t - TIMES * np.eye(x.shape[1], dtype=x.dtype)[y] * t.sum(1, keepdims=True)
    return m.sum() / n, t / n

def cross_entropy(x, y):
    n = np.arange(len(x))
    z = x - x.max(axis=1, keepdims=True)
    z = z - np.log(np.exp(z).sum(1, keepdims=True))
    p = np.exp(z)
    p[n, y] -= TIMES
    return -z[n, y].mean(), p / len(z)
"""


@pytest.mark.parametrize(("times", "wrong"), [("1", []), ("2", ["svm_loss", "cross_entropy"])])
def test_a_gradient_without_a_name_is_known_by_the_function_or_by_what_is_done_to_it(
    times: str, wrong: list[str], tmp_path: Path
) -> None:
    report = check_text(NAMELESS.replace("TIMES", times), tmp_path)
    assert [check.target for check in report.failing_checks] == wrong
    found = {check.target: check.arrays_right for check in report.checks}
    assert wrong or all("dx" in found[name] for name in ("svm_loss", "cross_entropy"))


def test_what_a_loss_returns_beside_its_value_is_told_where_nothing_says_what_it_is(
    tmp_path: Path,
) -> None:
    text = NAMELESS.replace("p[n, y] -= TIMES", "p = p * 3").replace("TIMES", "1")
    report = check_text(text, tmp_path)
    assert not report.failing_checks
    check = check_of(report, "cross_entropy")
    assert "what it returns beside its value is not checked: nothing says whether" in check.note


HANDED_BACK = {
    "by a name": ("q[n, y] -= TIMES", "result = value, q / len(z)\n    return result"),
    "one of two pairs": ("q[n, y] -= TIMES", "return (value, q / len(z)) if len(z) else (0.0, q)"),
    "subtracted at": ("np.subtract.at(q, (n, y), TIMES)", "return value, q / len(z)"),
}
LOSS = """
import numpy as np

def relu(x):
    return np.maximum(x, 0)

def cross_entropy(x, y):
    n = np.arange(len(x))
    z = x - x.max(axis=1, keepdims=True)
    z = z - np.log(np.exp(z).sum(1, keepdims=True))
    value, q = -z[n, y].mean(), np.exp(z)
    {lessened}
    {returned}
"""


@pytest.mark.parametrize("name", HANDED_BACK)
def test_a_gradient_is_known_however_it_is_handed_back(name: str, tmp_path: Path) -> None:
    lessened, returned = HANDED_BACK[name]
    text = LOSS.format(lessened=lessened, returned=returned)
    right = check_of(check_text(text.replace("TIMES", "1"), tmp_path), "cross_entropy")
    assert right.passed
    assert "dx" in right.arrays_right
    wrong = check_text(text.replace("TIMES", "2"), tmp_path)
    assert [check.target for check in wrong.failing_checks] == ["cross_entropy"]


@pytest.mark.parametrize(
    "returned",
    [
        "ans = [value]; ans.append(q / len(z)); return ans",
        "return tuple({'loss': value, 'g': q / len(z)}.values())",
        "pair = (value,); pair += (q,); return pair",
    ],
)
def test_what_no_text_shows_is_told_by_what_comes(returned: str, tmp_path: Path) -> None:
    text = LOSS.format(lessened="q[n, y] -= 2", returned=returned)
    check = check_of(check_text(text, tmp_path), "cross_entropy")
    assert "what it returns beside its value is not checked" in check.note
