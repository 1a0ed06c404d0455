"""What is said of why a function fails is true of it: in its own terms, of axes that have places, of
digits that are held."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import HOMEWORK, check_of, check_text

from layercheck.cases.parse import parse
from layercheck.pipeline.one import ask_one
from layercheck.pipeline.options import Options
from layercheck.reporting.records import Diagnosis

COURSE = (HOMEWORK / "layers_vectorised.py").read_text(encoding="utf-8")
SWAPPED = COURSE.replace("momentum * running_", "(1 - momentum) * running_")
SWAPPED = SWAPPED.replace("+ (1 - momentum) * mean", "+ momentum * mean")
SWAPPED = SWAPPED.replace("+ (1 - momentum) * var", "+ momentum * var")


def reasons(
    folder: Path, function: str, right: str, wrong: str, text: str = COURSE
) -> list[Diagnosis]:
    assert text.count(right) == 1
    return check_of(check_text(text.replace(right, wrong), folder), function).diagnoses


def test_a_momentum_that_is_counted_otherwise_is_told_as_torchs(tmp_path: Path) -> None:
    right = "eps, momentum = bn_param.get("
    told = reasons(tmp_path, "batchnorm_forward", right, f"share = 1\n    {right}", SWAPPED)
    about = [one for one in told if "momentum" in one.text]
    assert about
    assert all("this file counts it otherwise" in one.text and not one.hint for one in about)


def test_a_formula_that_is_seen_at_one_size_alone_is_none(tmp_path: Path) -> None:
    """Halved where N is 4: no square root of N was seen."""
    text = "import numpy as np\n\ndef relu_forward(x):\n    return np.maximum(x, 0), x\n\n\n"
    text += "def relu_backward(dout, cache):\n    return dout * (cache > 0)\n"
    wrong = "dout * (cache > 0) * (0.5 if len(cache) == 4 else 1)"
    told = reasons(tmp_path, "relu_backward", "dout * (cache > 0)", wrong, text)
    assert not any("sqrt(N)" in one.text for one in told)
    assert any("divided by 2" in one.text for one in told)


def test_a_clipped_function_is_not_said_to_hold_fewer_digits(tmp_path: Path) -> None:
    text = "import numpy as np\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
    told = reasons(tmp_path, "sigmoid", "np.exp(-x)", "np.exp(-np.clip(x, -9, 9))", text)
    assert not any("digits" in one.text for one in told)


def test_a_gradient_of_weights_has_no_samples(tmp_path: Path) -> None:
    right = "return (dout @ w.T)"
    assert COURSE.count("def affine_backward(") == 1
    head, _, tail = COURSE.partition("def affine_backward(")
    body, end, rest = tail.partition("\n\n\n")
    assert right not in head
    name = "def affine_backward("
    wrong = f"{head}{name}dout, cache):\n    x, w = cache[0], cache[1]\n    rows = x.reshape(len(x), -1)\n"
    wrong += "    dw = rows.T @ dout\n    dw[1:] *= 3\n"
    wrong += f"    return (dout @ w.T).reshape(x.shape), dw, dout.sum(axis=0){end}{rest}"
    assert body
    told = check_of(check_text(wrong, tmp_path), "affine_backward").diagnoses
    assert told
    assert not any("sample" in one.text for one in told)


def test_a_right_batch_norm_is_not_blamed_for_what_its_dictionary_holds() -> None:
    case = "batch_norm x=4x1x3x3 gamma=1 beta=1 running_mean=1 running_var=1"
    case += " unbiased_running_var=false dtype=float32 fill=normal seed=5006"
    file = str(HOMEWORK / "layers_vectorised.py")
    assert ask_one(file, parse(case), Options(), "repeated").passed


CLIPPED = """
import numpy as np

class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-np.clip(x, -500, 500)))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)
"""
LOST = """
import numpy as np

def sigmoid(x):
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, z) / (1 + z), x

def sigmoid_backward(dout, x):
    with np.errstate(all="ignore"):
        e = np.exp(-x)
        return np.nan_to_num(dout * e / (1 + e) ** 2, nan=0.0)
"""
SMALL_SHARES = """
import numpy as np

def log_softmax(x, dim=-1):
    s = x - x.max(axis=dim, keepdims=True)
    e = np.exp(s)
    p = e / e.sum(axis=dim, keepdims=True)
    return np.log(p, where=p != 0, out=s.copy()), None
"""
COUNTED = """
import numpy as np

def softmax_cross_entropy(x, y):
    n, c = x.shape
    s = x - x.max(axis=1, keepdims=True)
    losses = (np.log(np.exp(s).sum(axis=1, keepdims=True)) - s)[np.arange(n), y]
    return losses.sum() / x.dtype.type(max(np.count_nonzero(losses), 1)), None
"""


@pytest.mark.parametrize(
    ("text", "function", "false"),
    [
        (CLIPPED, "Sigmoid.forward", "One minus the other half"),
        (LOST, "sigmoid_backward", "applied again"),
        (LOST, "sigmoid_backward", "equals"),
        (SMALL_SHARES, "log_softmax", "One maximum"),
        (COUNTED, "softmax_cross_entropy", "The largest score"),
    ],
    ids=["clipped", "lost", "lost to a relation", "shares", "counted"],
)
def test_what_only_looks_alike_where_digits_are_lost_is_not_told(
    text: str, function: str, false: str, tmp_path: Path
) -> None:
    check = check_of(check_text(text, tmp_path), function)
    assert not check.passed
    assert not any(false in one.text for one in check.diagnoses)
