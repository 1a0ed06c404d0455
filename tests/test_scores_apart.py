"""What trials found: scores that decide alone, limits that a function knows, chance and ties, and
arguments that are pairs always."""

from __future__ import annotations

from pathlib import Path

import pytest

from layercheck.pipeline.options import Options
from layercheck.pipeline.run import check
from layercheck.reporting.records import Check

SOFTMAX = """
def softmax_loss(x, y):
    N = len(y)
    z = {}
    z = z - z.max(1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -logp[np.arange(N), y].mean()
    dx = np.exp(logp)
    dx[np.arange(N), y] -= 1
    {}
    return {}, dx / N
"""

LAYER_NORM = """
def layernorm_forward(x, gamma, beta, ln_param):
    eps = max(ln_param.get("eps", 1e-5), 1e-5)
    xhat = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps)
    return gamma * xhat + beta, None
"""

BATCH_NORM = """
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), min(bn_param.get("momentum", 0.9), 0.95)
    mean, var = bn_param.get("running_mean"), bn_param.get("running_var")
    zeros = np.zeros(x.shape[1], x.dtype)
    mean, var = zeros if mean is None else mean, zeros if var is None else var
    if bn_param["mode"] == "test":
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * x.mean(0)
    bn_param["running_var"] = momentum * var + (1 - momentum) * x.var(0)
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta, None
"""

POOL = """
def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    OH, OW = 1 + (H - ph) // s, 1 + (W - pw) // s
    out = np.zeros((N, C, OH, OW), x.dtype)
    step = {}
    for i in range(OH):
        for j in range(OW):
            out[:, :, i, j] = x[:, :, i * s:i * s + ph, j * step:j * step + pw].max((2, 3))
    return out, (x, pool_param)

def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        win = x[n, c, i * s:i * s + ph, j * s:j * s + pw]
        q, r = np.unravel_index(np.argmax(win.T), win.T.shape)
        dx[n, c, i * s + r, j * s + q] += dout[n, c, i, j]
    return dx
"""

DROPOUT = """
def dropout_forward(x, dropout_param):
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x, (dropout_param, None)
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    d = x.reshape(len(x), -1).shape[1]
    mask = np.zeros((len(x), d), x.dtype)
    for n in range(len(x)):
        mask[n, np.random.choice(d, {}, replace=False)] = 1 / p
    mask = mask.reshape(x.shape)
    return x * mask, (dropout_param, mask)
"""

PAIRS = """
def avg_pool(x, kernel_size, stride=(2, 2)):
    kh, kw = kernel_size
    sh, sw = stride
    N, C, H, W = x.shape
    OH, OW = (H - kh) // sh + 1, (W - kw) // sw + 1
    out = np.zeros((N, C, OH, OW), x.dtype)
    for i in range(OH):
        for j in range(OW):
            out[:, :, i, j] = x[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw].mean((2, 3))
    return out
"""

ELU = """
def elu(x, alpha=1.0):
    out = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return out, (x, out, alpha)

def elu_backward(dout, cache):
    x, out, alpha = cache
    return dout * np.where(x > 0, 1, out + alpha)
"""

BCE = """
def bce_with_logits(input, target, pos_weight=1.0):
    z = np.logaddexp(0, -input)
    return ((1 - target) * input + (1 + (pos_weight - 1) * target) * z).mean()

def bce_with_logits_backward(input, target, pos_weight=1.0):
    s = 1 / (1 + np.exp(-input))
    return ((1 - target) * s - pos_weight * target * (1 - s)) / {}
"""


def checks(tmp_path: Path, text: str) -> dict[str, Check]:
    (tmp_path / "hw.py").write_text("import numpy as np\n" + text)
    return {one.target: one for one in check(str(tmp_path / "hw.py"), Options()).checks}


def said(one: Check) -> str:
    return " ".join(diagnosis.text for diagnosis in one.diagnoses)


@pytest.mark.parametrize("far", [20, 30])
def test_where_scores_are_cut_off_is_told_as_all_cases_have_it(far: int, tmp_path: Path) -> None:
    """Beyond it all is alike, whatever the number: what passes below decides."""
    found = checks(tmp_path, SOFTMAX.format(f"np.clip(x, -{far}, {far})", "", "loss"))
    told = said(found["softmax_loss"])
    assert f"a size above {far}," in told
    assert f"for x cut off at -{far} and {far}" in told
    assert "this does not say why" not in told


@pytest.mark.parametrize(
    ("dx", "loss"),
    [("dx[np.abs(dx) < 1e-4] = 0", "loss"), ("", "max(loss, 1e-3)")],
    ids=["small gradients", "small losses"],
)
def test_scores_that_decide_alone_are_asked(dx: str, loss: str, tmp_path: Path) -> None:
    found = checks(tmp_path, SOFTMAX.format("x", dx, loss))
    assert not found["softmax_loss"].passed
    assert "C < 2" not in said(found["softmax_loss"])


def test_a_limit_of_an_attribute_is_the_one_that_float64_shows(tmp_path: Path) -> None:
    told = said(checks(tmp_path, LAYER_NORM)["layernorm_forward"])
    assert "where eps < 1e-5, " in told


def test_momenta_beyond_95_hundredths_are_asked(tmp_path: Path) -> None:
    assert not checks(tmp_path, BATCH_NORM)["batchnorm_forward"].passed


def test_windows_of_one_row_are_asked(tmp_path: Path) -> None:
    assert checks(tmp_path, POOL.format("s"))["max_pool_forward_naive"].passed
    wrong = checks(tmp_path, POOL.format("ph if s == pw and ph <= pw else s"))
    assert not wrong["max_pool_forward_naive"].passed


def test_the_first_maximum_by_columns_is_a_choice(tmp_path: Path) -> None:
    found = checks(tmp_path, POOL.format("s"))["max_pool_backward_naive"]
    assert found.passed
    assert "the first one by columns" in found.note


def test_a_share_that_whole_numbers_leave_is_no_probability(tmp_path: Path) -> None:
    text = DROPOUT.format("max(1, int(p * d))")
    assert not checks(tmp_path, text)["dropout_forward"].passed


def test_a_mask_that_drops_nothing_tells_of_no_seed(tmp_path: Path) -> None:
    found = checks(tmp_path, DROPOUT.format("d"))["dropout_forward"]
    assert not found.passed
    assert "a seed that nobody gave" not in found.note + said(found)


def test_who_takes_pairs_only_is_given_pairs(tmp_path: Path) -> None:
    found = checks(tmp_path, PAIRS)["avg_pool"]
    assert found.passed
    assert found.cases > 20


def test_the_right_slope_without_digits_is_named(tmp_path: Path) -> None:
    told = said(checks(tmp_path, ELU)["elu_backward"])
    assert "out + alpha, which is the right formula but has no digits left" in told


@pytest.mark.parametrize("count", ["input.size", "len(input)"])
def test_a_loss_of_probabilities_takes_no_dout(count: str, tmp_path: Path) -> None:
    found = checks(tmp_path, BCE.format(count))["bce_with_logits_backward"]
    assert found.passed is (count == "input.size")
    assert found.passed or "divided by the number of samples" in said(found)
