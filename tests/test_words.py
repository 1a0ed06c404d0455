"""Functions are asked the words of an attribute that they take, however they are handed over; what
is wrong at one of those fails, and what takes none of them apart is asked all."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from submitted import check_of, check_text, failing

import layercheck
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict

LOSS = '''
from typing import Literal

import numpy as np

def softmax_cross_entropy(x, y, reduction{annotation}="mean"):
    """The loss of logits. {docstring}"""
    {guard}
    z = x - x.max(1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    loss = np.log(np.exp(z).sum(1)) - z[np.arange(len(y)), y]
    {body}
    return out, (p, y, reduction)

def softmax_cross_entropy_backward(dout, cache):
    p, y, reduction = cache
    d = p - np.eye(p.shape[1], dtype=p.dtype)[y]
    return dout * (d / len(y) if reduction == "mean" else d)
'''
ELSE = 'out = loss.mean() if reduction == "mean" else loss.sum()'
CHAIN = """if reduction == "mean":
        out = loss.mean()
    elif reduction == "sum":
        out = {total}"""
MATCH = """match reduction:
        case "mean":
            out = loss.mean()
        case "sum":
            out = {total}"""
GUARD = """if reduction not in ("mean", "sum"):
        raise ValueError(f"reduction must be 'mean' or 'sum', got {reduction!r}")"""
NAMED = "reduction: 'mean' or 'sum'."
TABLE = 'out = {{"mean": np.mean, "sum": np.sum}}[reduction](loss)'
RIGHT = {
    "an else": {"body": ELSE},
    "an else, a docstring": {"body": ELSE, "docstring": NAMED},
    "an annotation": {"body": ELSE, "annotation": ': Literal["mean", "sum"]'},
    "a guard": {"body": ELSE, "guard": GUARD},
    "a guard that asserts": {
        "body": ELSE,
        "guard": 'assert reduction in ("mean", "sum"), reduction',
    },
    "elif alone": {"body": CHAIN.format(total="loss.sum()")},
    "match": {"body": MATCH.format(total="loss.sum()")},
    "a table": {"body": TABLE.replace("{{", "{").replace("}}", "}")},
    "a method by its name": {"body": "out = getattr(loss, reduction)()", "docstring": NAMED},
}
OVER = {"body": 'out = loss.mean() if reduction == "mean" else 2 * loss.sum()'}
EVERY = "reduction: 'mean', 'sum' or 'none'."
WRONG = {
    "an else": OVER,
    "an else, a docstring": {**OVER, "docstring": NAMED},
    "an annotation": {**OVER, "annotation": ': Literal["mean", "sum"]'},
    "a guard": {**OVER, "guard": GUARD},
    "elif alone": {"body": CHAIN.format(total="loss.sum() / 2")},
    "match": {"body": MATCH.format(total="loss.sum() / 2")},
    "it takes no word apart": {"body": "out = loss.mean()"},
    "a word of its docstring": {"body": ELSE, "docstring": EVERY},
    "a word of its annotation": {"body": ELSE, "annotation": ': Literal["mean", "sum", "none"]'},
    "a guard against its docstring": {"body": ELSE, "docstring": EVERY, "guard": GUARD},
    "its own default": {
        "body": 'out = loss.sum() if reduction == "sum" else loss',
        "guard": 'if reduction == "mean": raise ValueError("mean")',
    },
    "every word": {"body": ELSE, "guard": "raise ValueError(reduction)"},
    "sizes": {
        "body": CHAIN.format(total="loss.sum()") + "\n    else:\n        out = loss",
        "guard": 'if len(x) % 2: raise ValueError("reduction")',
    },
    "a word that only an else has": {
        "body": CHAIN.format(total="loss.sum()") + "\n    else:\n        out = 2 * loss"
    },
    "words that its text does not show": {
        "body": 'out = loss if reduction[0] == "n" else loss.mean()',
    },
    "a word in capitals": {
        "body": 'out = loss.sum() if reduction == "Sum" else '
        'loss if reduction == "none" else loss.mean()'
    },
}


def text_of(style: dict[str, str]) -> str:
    parts = {"annotation": "", "docstring": "", "guard": "", **style}
    text = LOSS
    for name, own in parts.items():
        text = text.replace(f"{{{name}}}", own)
    return text


def handed_over(text: str, folder: Path) -> Report:
    path = folder / "own_words.py"
    path.write_text(text)
    made: dict[str, object] = {}
    exec(compile(text, str(path), "exec"), made)
    names = ("softmax_cross_entropy", "softmax_cross_entropy_backward")
    return layercheck.check(**{name: made[name] for name in names})  # type: ignore[arg-type]


@pytest.mark.parametrize("style", RIGHT)
def test_what_takes_two_words_is_asked_two(style: str, tmp_path: Path) -> None:
    for report in (
        check_text(text_of(RIGHT[style]), tmp_path),
        handed_over(text_of(RIGHT[style]), tmp_path),
    ):
        assert report.passed, failing(report)
        check = check_of(report, "softmax_cross_entropy")
        assert re.search(r"not asked: reduction=none, which it\w* ", check.note)
        assert "reduction" in check.attributes.varied


@pytest.mark.parametrize("style", WRONG)
def test_what_is_wrong_at_a_word_that_it_takes_fails(style: str, tmp_path: Path) -> None:
    for report in (
        check_text(text_of(WRONG[style]), tmp_path),
        handed_over(text_of(WRONG[style]), tmp_path),
    ):
        assert "softmax_cross_entropy" in failing(report), failing(report)


OTHERS = [
    ('"sum"', "'none' or 'sum'.", 'loss if reduction == "none" else loss.sum()'),
    ('"sum"', "", 'loss if reduction == "none" else loss.sum()'),
    ('"none"', "", 'loss if reduction == "none" else loss.sum()'),
]


@pytest.mark.parametrize(("default", "docstring", "body"), OTHERS)
@pytest.mark.parametrize("wrong", [False, True])
def test_a_default_of_other_functions_is_none_of_its_own(
    default: str, docstring: str, body: str, wrong: bool, tmp_path: Path
) -> None:
    body = body.replace("loss.sum()", "2 * loss.sum()") if wrong else body
    text = text_of({"body": f"out = {body}", "docstring": docstring and f"reduction: {docstring}"})
    text = text.replace('reduction="mean"', f"reduction={default}")
    report = check_text(text, tmp_path)
    found = check_of(report, "softmax_cross_entropy")
    assert found.passed is not wrong, failing(report)
    assert "not asked: reduction=mean" in found.note


def test_what_is_not_implemented_is_a_word_that_it_refuses(tmp_path: Path) -> None:
    text = SWITCHED.replace("{annotation}", "=True").replace("{factor}", "0.044715")
    head, colon, rest = text.partition("):\n")
    refusing = "    if not approximate:\n        raise NotImplementedError('the other form')\n"
    report = check_text(head + colon + refusing + rest, tmp_path)
    assert report.passed, failing(report)
    assert "not asked: approximate=none" in check_of(report, "gelu").note


KIND = """
import numpy as np

class CrossEntropyLoss:
    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, logits, targets):
        z = logits - logits.max(1, keepdims=True)
        self.p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        self.t = targets
        loss = np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), targets]
        return loss.mean() if self.reduction == "mean" else {total}

    def backward(self):
        d = self.p - np.eye(self.p.shape[1], dtype=self.p.dtype)[self.t]
        return d / len(d) if self.reduction == "mean" else d
"""


def test_a_class_is_asked_the_words_that_it_takes(tmp_path: Path) -> None:
    report = check_text(KIND.replace("{total}", "loss.sum()"), tmp_path)
    assert report.passed
    told = check_of(report, "CrossEntropyLoss.forward").note
    assert "not asked: reduction=none, which its text does not name" in told
    wrong = check_text(KIND.replace("{total}", "-loss.sum()"), tmp_path)
    assert failing(wrong)["CrossEntropyLoss.forward"] is Verdict.WRONG


SAMPLED = """
import numpy as np

def interpolate(x, size, mode="nearest"):
    {guard}
    h, w = size
    def matrix(n, o):
        if mode == "nearest":
            return np.eye(n)[np.arange(o) * n // o]
        s = np.clip((np.arange(o) + {half}) * n / o - 0.5, 0, n - 1)[:, None]
        return np.maximum(1 - np.abs(s - np.arange(n)), 0)
    a, b = matrix(x.shape[2], h).astype(x.dtype), matrix(x.shape[3], w).astype(x.dtype)
    return a @ x @ b.T
"""


@pytest.mark.parametrize(
    "guard", ["", 'if mode not in {"nearest", "bilinear"}: raise ValueError(f"unknown {mode}")']
)
def test_of_words_that_an_else_has_the_nearest_is_asked(guard: str, tmp_path: Path) -> None:
    report = check_text(SAMPLED.replace("{guard}", guard).replace("{half}", "0.5"), tmp_path)
    assert report.passed, failing(report)
    check = check_of(report, "interpolate")
    assert "not asked: mode=nearest-exact, which " in check.note
    assert "mode" in check.attributes.varied
    wrong = check_text(SAMPLED.replace("{guard}", guard).replace("{half}", "0.4"), tmp_path)
    assert "interpolate" in failing(wrong)


def test_a_function_that_switches_an_attribute_and_has_a_backward_gets_true_and_false() -> None:
    def backward(dout, cache):
        return dout * cache

    def forward(x, approximate=False):
        assert isinstance(approximate, bool), f"{approximate!r} is none"
        return x * 0, x * 0

    report = layercheck.check(gelu=forward, gelu_backward=backward)
    assert failing(report)["gelu"] is Verdict.WRONG


def gelu(x, approximate="none"):
    if approximate != "none":
        raise NotImplementedError(f"approximate={approximate}")
    return np.maximum(x, 0)


def test_what_refuses_all_but_one_word_is_asked_that_one() -> None:
    report = layercheck.check(gelu)
    assert failing(report) == {"gelu": Verdict.WRONG}


SWITCHED = """
import math
import numpy as np

def gelu(x, approximate{annotation}):
    if approximate:
        t = np.tanh(math.sqrt(2 / math.pi) * (x + {factor} * x**3))
        return 0.5 * x * (1 + t), None
    erfc = np.vectorize(math.erfc, otypes=[float])
    return (0.5 * x * erfc(-x.astype(float) / math.sqrt(2))).astype(x.dtype), None
"""
CLASS = """
import math
import numpy as np

class GELU:
    def __init__(self, approximate{annotation}):
        self.approximate = approximate

    def forward(self, x):
        if self.approximate:
            return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + {factor} * x**3)))
        erfc = np.vectorize(math.erfc, otypes=[float])
        return (0.5 * x * erfc(-x.astype(float) / math.sqrt(2))).astype(x.dtype)
"""


@pytest.mark.parametrize("annotation", ["=False", "=True", ": bool", ": bool = False"])
@pytest.mark.parametrize("style", [SWITCHED, CLASS], ids=["function", "class"])
def test_an_attribute_of_words_that_is_switched_gets_true_and_false(
    style: str, annotation: str, tmp_path: Path
) -> None:
    text = style.replace("{annotation}", annotation)
    report = check_text(text.replace("{factor}", "0.044715"), tmp_path)
    (check,) = report.checks
    assert report.passed, failing(report)
    assert check.attributes.varied == ["approximate"]
    wrong = check_text(text.replace("{factor}", "0.04"), tmp_path)
    assert [*failing(wrong).values()] == [Verdict.WRONG]


def test_a_module_that_switches_an_attribute_gets_true_and_false(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, factor in (("switched_right", "0.044715"), ("switched_wrong", "0.04")):
        text = SWITCHED.replace("{annotation}", "=False").replace("{factor}", factor)
        (tmp_path / f"{name}.py").write_text(text)
        function = check_of(layercheck.check(name, grid="quick"), "gelu")
        assert function.passed is (name == "switched_right")
        assert function.attributes.varied == ["approximate"]
