"""An argument of an unknown name that may be an attribute: not asked against another value of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text, failing

from layercheck import check
from layercheck.errors import UsageError
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict

FUNCTIONS = {
    "upsample": """
def upsample(x, times=2):
    return x.repeat(times, axis=2).repeat(times, axis=3), times

def upsample_backward(dout, k):
    n, c, h, w = dout.shape
    return dout.reshape(n, c, h // k, k, w // k, k).sum(axis=(3, 5))
""",
    "leaky_relu": """
def leaky_relu(x, a=0.2):
    return np.where(x > 0, x, a * x), (x, a)

def leaky_relu_backward(dout, cache):
    x, a = cache
    return dout * np.where(x > 0, 1, a).astype(dout.dtype)
""",
    "max_pool": """
def max_pool(x, n=3):
    rows, columns = x.shape[2] // n, x.shape[3] // n
    y = x[:, :, :rows * n, :columns * n].reshape(*x.shape[:2], rows, n, columns, n)
    return y.max((3, 5)), None
""",
}
CLASS = """
import numpy as np

class Upsample:
    def __init__(self, times=2):
        self.k = times

    def forward(self, x):
        return np.kron(x, np.ones((1, 1, self.k, self.k), x.dtype))

    def backward(self, grad):
        n, c, h, w = grad.shape
        return grad.reshape(n, c, h // self.k, self.k, w // self.k, self.k).sum((3, 5))
"""
OTHER = """
import numpy as np

def relu(x):
    return np.maximum(x, 0), x

def relu_backward(dout, x):
    return dout * (x > 0)
"""
MAY_BE = {"upsample": "size", "leaky_relu": "negative_slope", "max_pool": "kernel_size"}


def reason_of(report: Report, name: str) -> str:
    """Why a function is not checked."""
    return check_of(report, name).note


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_told_as_not_checked(name: str, tmp_path: Path) -> None:
    report = check_text(OTHER + FUNCTIONS[name], tmp_path)
    assert set(failing(report).values()) == {Verdict.SKIPPED}
    assert f"which may be {MAY_BE[name]}; call it" in reason_of(report, name)


def test_a_class_is_told_as_not_checked(tmp_path: Path) -> None:
    report = check_text(OTHER + CLASS, tmp_path)
    assert set(failing(report).values()) == {Verdict.SKIPPED}
    assert "which may be size; call it" in reason_of(report, "Upsample")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_at_hand_are_refused_with_the_same_reason(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"unsettled_{name}"
    (tmp_path / f"{module}.py").write_text("import numpy as np\n" + FUNCTIONS[name])
    monkeypatch.syspath_prepend(tmp_path)
    function = getattr(__import__(module), name)
    op = "interpolate" if name == "upsample" else name
    with pytest.raises(UsageError, match=f"which may be {MAY_BE[name]}; call it"):
        check(**{op: function})


ITS_NAME = '"leaky_relu", backward="leaky_relu_backward", negative_slope="a"'
ITS_VALUE = '"leaky_relu", backward="leaky_relu_backward", fixed={"negative_slope": 0.2}'
SETTLED = {
    "by its name": (ITS_NAME, "a=0.2"),
    "by its value": (ITS_VALUE, "a=0.2"),
    "it is what cases have": ("", "a=0.01"),
    "it is no number with a fraction": ("", "a=0.01, verbose=3"),
}


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("how", SETTLED)
def test_what_is_settled_is_asked(how: str, wrong: bool, tmp_path: Path) -> None:
    marked, argument = SETTLED[how]
    text = FUNCTIONS["leaky_relu"].replace("a=0.2", argument)
    text = text.replace("(x > 0, 1,", "(x > 0, 2,") if wrong else text
    mark = f"@layercheck.implements({marked})\n" if marked else ""
    text = f"import layercheck\nimport numpy as np\n{mark}{text.lstrip()}"
    report = check_text(text, tmp_path)
    assert check_of(report, "leaky_relu").verdict is not Verdict.WRONG
    found = check_of(report, "leaky_relu_backward").verdict
    assert (found is Verdict.WRONG) == wrong
