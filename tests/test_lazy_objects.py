"""Layers that make their arrays at the first forward: built first, then given those of a case."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from submitted import check_of, check_text

from layercheck import check

NORM = """
import numpy as np

class BatchNorm1d:
    def __init__(self, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        BEGIN

    def build(self, d):
        self.gamma, self.beta = np.ones(d), np.zeros(d)
        self.running_mean, self.running_var = np.zeros(d), np.ones(d)
        BUILT

    def forward(self, x):
        if LACKING:
            self.build(x.shape[1])
        if self.training:
            mu, var, n = x.mean(0), x.var(0), len(x)
            own = var * n / max(n - 1, 1)
            self.running_mean = self.running_mean + self.momentum * (mu - self.running_mean)
            self.running_var = self.running_var + self.momentum * (own - self.running_var)
        else:
            mu, var = self.running_mean, self.running_var
        self.inv = 1 / np.sqrt(var + self.eps)
        self.xh = (x - mu) * self.inv
        return self.gamma * self.xh + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.xh).sum(0), dout.sum(0)
        g = dout * self.gamma
        return self.inv * (g - g.mean(0) - self.xh * (g * self.xh).mean(0))
"""
NOTHING = "self.gamma = self.beta = self.running_mean = self.running_var = None"
LAZY = {
    "None until the first forward": (NOTHING, "self.gamma is None"),
    "None, and built in training alone": (NOTHING, "self.gamma is None and self.training"),
    "a flag of the object": ("self.built = False", "not self.built"),
    "a flag of the class": ("pass", "not self.built"),
    "nothing at all": ("pass", "not hasattr(self, 'gamma')"),
}
WRONG = {
    "the wrong share": ("self.momentum * (own -", "(1 - self.momentum) * (own -"),
    "a variance that is biased": ("own = var * n / max(n - 1, 1)", "own = var"),
    "the batch's mean in test mode": ("mu, var = self.running_mean,", "mu, var = x.mean(0),"),
    "built anew in test mode": ("if LACKING", "if not self.training or LACKING"),
    "no eps": ("np.sqrt(var + self.eps)", "np.sqrt(var + 1e-8)"),
}


def norm(style: str, wrong: str = "") -> str:
    """A lazy batch norm, right or with a mistake."""
    begin, lacking = LAZY[style]
    text = NORM.replace(*WRONG[wrong]) if wrong else NORM
    built = "self.built = True" if "built" in lacking else "pass"
    head = "BatchNorm1d:\n    built = False\n" if "class" in style else "BatchNorm1d:\n"
    text = text.replace("BatchNorm1d:\n", head).replace("BEGIN", begin).replace("BUILT", built)
    return text.replace("LACKING", lacking)


@pytest.mark.parametrize("style", LAZY)
def test_a_layer_that_is_built_at_its_first_forward_passes(style: str, tmp_path: Path) -> None:
    report = check_text(norm(style), tmp_path)
    assert report.passed
    told = [one.note for one in report.checks]
    assert not any("float64 comes out of float32" in note for note in told)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("style", ["None until the first forward", "a flag of the class"])
def test_what_is_wrong_with_it_is_seen(style: str, wrong: str, tmp_path: Path) -> None:
    report = check_text(norm(style, wrong), tmp_path)
    if wrong == "a variance that is biased":
        assert report.passed
        assert "as with unbiased_running_var=False" in check_of(report, "BatchNorm1d.forward").note
    else:
        assert report.failing_checks


@pytest.mark.parametrize("is_used", [False, True])
@pytest.mark.parametrize("style", LAZY)
def test_an_object_is_lazy_whether_it_was_called_or_not(
    style: str, is_used: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"lazy_{list(LAZY).index(style)}_{is_used:d}"
    (tmp_path / f"{module}.py").write_text(norm(style))
    monkeypatch.syspath_prepend(tmp_path)
    thing = __import__(module).BatchNorm1d()
    if is_used:
        thing.forward(np.ones((3, 4)))
    assert check(thing).passed


DENSE = """
import numpy as np

class Dense:
    def __init__(self, units):
        self.units = units

    def forward(self, x):
        if not hasattr(self, "params"):
            self.params = {"W": np.ones((x.shape[1], self.units)), "b": np.zeros(self.units)}
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads = {"W": self.x.T @ dout, "b": dout.sum(0)}
        return dout @ self.params["W"].T
"""


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_dictionary_may_be_made_at_the_first_forward(sign: str, tmp_path: Path) -> None:
    text = DENSE.replace("self.x.T @ dout", f"{sign}self.x.T @ dout")
    assert bool(check_text(text, tmp_path).failing_checks) == bool(sign)
