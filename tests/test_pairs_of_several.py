"""Arguments that are turned to pairs together: by `map`, in a comprehension, in a loop."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

POOL = """
import numpy as np

def _two(value):
    return value if isinstance(value, tuple) else (value, value)

def {name}(x, kernel_size, stride):
    {pairs}
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))
    return windows[:, :, ::sh, ::{sw}].max(axis=(4, 5))
"""
TOGETHER = {
    "map": "(kh, kw), (sh, sw) = map(_two, (kernel_size, stride))",
    "a list": "(kh, kw), (sh, sw) = list(map(_two, [kernel_size, stride]))",
    "a comprehension": "(kh, kw), (sh, sw) = [_two(v) for v in (kernel_size, stride)]",
    "in one line": "(kh, kw), (sh, sw) = ((v, v) if isinstance(v, int) else v"
    " for v in (kernel_size, stride))",
    "isscalar": "(kh, kw), (sh, sw) = [(v, v) if np.isscalar(v) else v for v in [kernel_size, stride]]",
    "a loop": "both = []\n    for v in (kernel_size, stride):\n        both.append(_two(v))\n"
    "    (kh, kw), (sh, sw) = both",
    "a new value": "kernel_size, stride = map(_two, (kernel_size, stride))\n"
    "    (kh, kw), (sh, sw) = kernel_size, stride",
}


@pytest.mark.parametrize("how", TOGETHER)
@pytest.mark.parametrize("sw", ["sw", "sh"])
def test_pairs_are_asked_of_each(how: str, sw: str, tmp_path: Path) -> None:
    text = POOL.format(name="max_pool", pairs=TOGETHER[how], sw=sw)
    assert check_of(check_text(text, tmp_path), "max_pool").passed is (sw == "sw")


def test_one_number_is_asked_as_well(tmp_path: Path) -> None:
    text = POOL.format(name="max_pool", pairs=TOGETHER["map"], sw="sw")
    wrong = text.replace("else (value, value)", "else (value, value + 1)")
    assert not check_of(check_text(wrong, tmp_path), "max_pool").passed


def test_numbers_that_are_checked_together_are_no_pairs(tmp_path: Path) -> None:
    guard = (
        "for v in (kernel_size, stride):\n        if not isinstance(v, int):\n"
        "            raise TypeError(v)\n    assert all(v > 0 for v in (kernel_size, stride))\n"
        "    (kh, kw), (sh, sw) = (kernel_size,) * 2, (stride,) * 2"
    )
    text = POOL.format(name="max_pool", pairs=guard, sw="sw")
    assert check_of(check_text(text, tmp_path), "max_pool").passed


SHARES = '''
import numpy as np

def cross_entropy(logits, targets):
    """The mean loss.

    logits: (N, C) scores.
    targets: (N, C) {said}.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(targets * logs).sum() / len(logits), (np.exp(logs), targets)

def cross_entropy_backward(dout, cache):
    p, targets = cache
    return dout * (p * targets.sum(axis=1, keepdims=True) - {times}targets) / len(p)
'''
SAID = ["probabilities of the classes", "soft labels", "the wanted distribution"]
CLASS = '''
import numpy as np

class SoftmaxCrossEntropy:
    def forward(self, x, y):
        """y: (N, C), soft labels."""
        shifted = x - x.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.p, self.y = np.exp(logs), y
        return -(y * logs).sum() / len(x)

    def backward(self, dout):
        return dout * (self.p * self.y.sum(axis=1, keepdims=True) - self.y) / len(self.p)
'''


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("times", ["", "2 * "])
def test_a_docstring_says_that_labels_are_soft(said: str, times: str, tmp_path: Path) -> None:
    report = check_text(SHARES.format(said=said, times=times), tmp_path)
    assert [check.op for check in report.checks] == ["soft_cross_entropy"] * 2
    assert check_of(report, "cross_entropy").passed
    assert check_of(report, "cross_entropy_backward").passed is not bool(times)


def test_a_class_says_that_its_labels_are_soft(tmp_path: Path) -> None:
    report = check_text(CLASS, tmp_path)
    assert [check.op for check in report.checks] == ["soft_cross_entropy"] * 2
    assert all(check.passed for check in report.checks)


def test_labels_that_may_be_numbers_are_numbers(tmp_path: Path) -> None:
    text = SHARES.format(said="probabilities, or class indices (N,)", times="")
    assert check_text(text, tmp_path).checks[0].op == "softmax_cross_entropy"
