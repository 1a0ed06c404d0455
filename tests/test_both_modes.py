"""A backward that tells training and test mode apart is asked in both; another one in training."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from submitted import check_of, check_text

from layercheck.submissions.profiles.modes import has_gradient_in_test

COURSE = """
import numpy as np

def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps, momentum = bn_param["mode"], bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean = bn_param.get("running_mean", np.zeros(x.shape[1], x.dtype))
    var = bn_param.get("running_var", np.zeros(x.shape[1], x.dtype))
    if mode == "train":
        own, spread = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * own
        bn_param["running_var"] = momentum * var + (1 - momentum) * spread
        mean, var = own, spread
    elif mode != "test":
        raise ValueError(mode)
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    return gamma * xhat + beta, (xhat, gamma, std, mode)

def {name}(dout, cache):
    xhat, gamma, std, mode = cache
    dxhat = dout * gamma
    if mode == "train":
        dxhat = dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)
    else:
        dxhat = {scale}dxhat
    return dxhat / std, (dout * xhat).sum(axis=0), dout.sum(axis=0)
"""
CLASS = """
import numpy as np

class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0)
            kept = 1 - self.momentum
            self.running_mean = kept * self.running_mean + self.momentum * mean
            self.running_var = kept * self.running_var + self.momentum * x.var(0, ddof=1)
        self.std = np.sqrt(var + self.eps)
        self.xhat = (x - mean) / self.std
        return self.xhat * self.gamma + self.beta

    def {name}(self, dout):
        self.dgamma, self.dbeta = (dout * self.xhat).sum(0), dout.sum(0)
        dxhat = dout * self.gamma
        if not self.training:
            return {scale}dxhat / self.std
        return (dxhat - dxhat.mean(0) - self.xhat * (dxhat * self.xhat).mean(0)) / self.std
"""
KEPT = CLASS.replace(
    "        mean, var = self.running_mean",
    "        self.was = self.training\n        mean, var = self.running_mean",
).replace("not self.training", "not self.was")
ASKED = {"batchnorm_backward": COURSE, "backward": CLASS, "of_what_it_was": KEPT}


@pytest.mark.parametrize("name", ASKED)
def test_a_backward_that_tells_the_modes_apart_is_asked_in_both(name: str, tmp_path: Path) -> None:
    text = ASKED[name]
    name = name if text is COURSE else "backward"
    full = name if text is COURSE else f"BatchNorm1d.{name}"
    found = check_of(check_text(text.format(name=name, scale=""), tmp_path), full)
    assert found.passed
    assert found.never_run == []
    wrong = check_of(check_text(text.format(name=name, scale="2 * "), tmp_path), full)
    assert wrong.verdict == "wrong"
    assert wrong.first_wrong is not None
    assert "training=false" in wrong.first_wrong.case


def test_a_backward_that_takes_no_notice_of_the_mode_is_told(tmp_path: Path) -> None:
    text = CLASS.format(name="backward", scale="")
    lines = [line for line in text.splitlines() if "not self.training" not in line]
    text = "\n".join(line for line in lines if "return dxhat" not in line)
    found = check_of(check_text(text, tmp_path), "BatchNorm1d.backward")
    assert found.passed
    assert "not asked at training=false" in found.note


APART = (
    """
if mode == 'train':
    dx = dout * 3
else:
    dx = dout
return dx
""",
    """
return dout * 3 if self.training else dout
""",
    """
scale = 1
if cache['is_training']:
    scale = 3
return dout * scale
""",
    """
trains = cache.get('mode', 'train') == 'train'
if not trains and dout.size:
    return dout
return dout * 3
""",
    """
match mode:
    case 'test':
        return dout
    case _:
        return dout * 3
""",
    """
if mode not in ('train', 'test'):
    raise ValueError(mode)
return helper(dout, mode)
""",
    """
if mode == 'train':
    dx = dout * 3
elif mode == 'test':
    dx = dout
else:
    raise ValueError(mode)
return dx
""",
)
ALONE = (
    """
return dout * 3
""",
    """
'''The gradient; only valid in training mode.'''
return dout * 3 if mode == 'train' else dout
""",
    """
if mode == 'test':
    raise NotImplementedError
return dout * 3
""",
    """
if not self.training:
    raise RuntimeError('call train() first')
return dout * 3
""",
    """
dx = None
if cache['mode'] == 'train':
    dx = dout * 3
return dx
""",
    """
if mode == 'train':
    return dout * 3
""",
    """
if dout.ndim == 4:
    dout = dout.sum(axis=(2, 3))
return dout
""",
    """
if mode == 'train':
    dx, dgamma = dout * 3, dout.sum()
else:
    dx, dgamma = dout, None
return dx, dgamma
""",
)
HELPER = "def helper(dout, mode):\n    return dout * 3 if mode == 'train' else dout\n"


def functions(*texts: str) -> dict[str, ast.FunctionDef]:
    nodes = [n for n in ast.parse("\n".join(texts)).body if isinstance(n, ast.FunctionDef)]
    return {node.name: node for node in nodes}


def backward(body: str) -> str:
    return "def backward(dout, cache, mode='train'):" + body.replace("\n", "\n    ")


@pytest.mark.parametrize("body", APART)
def test_the_text_shows_a_gradient_in_test_mode(body: str) -> None:
    known = functions(backward(body), HELPER)
    assert has_gradient_in_test(known["backward"], known)


@pytest.mark.parametrize("body", ALONE)
def test_a_backward_for_training_alone_is_not_asked_in_test_mode(body: str) -> None:
    known = functions(backward(body), HELPER)
    assert not has_gradient_in_test(known["backward"], known)


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("    cache = (x, mode)\n", True),
        ("    if mode == 'train':\n        cache = (x, mode)\n", False),
    ],
)
def test_what_a_forward_keeps_in_test_mode_counts(kept: str, asked: bool) -> None:
    text = f"def forward(x, mode):\n    cache = None\n{kept}    return x, cache\n"
    known = functions(text, backward(APART[0]))
    assert has_gradient_in_test(known["backward"], known, known["forward"]) is asked
