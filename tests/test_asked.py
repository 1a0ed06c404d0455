"""What is asked beside the grid: attributes that signatures accept, defaults, cases never seen."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from submitted import HOMEWORK, check_of, check_text

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.cases.standard import standard
from layercheck.pipeline.attributes import FEWEST, tells
from layercheck.pipeline.options import Options
from layercheck.pipeline.run import check
from layercheck.reporting.verdict import Verdict

POOL = """
import numpy as np

def max_pool2d(x, kernel_size, stride=None, padding=0, ceil_mode=False):
    k, s = kernel_size, kernel_size if stride is None else stride
    {change}
    rows, columns = (count(n, k, s, padding, ceil_mode) for n in x.shape[2:])
    edge = (padding, padding + s)
    x = np.pad(x, ((0, 0), (0, 0), edge, edge), constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))
    return windows[:, :, ::s, ::s][:, :, :rows, :columns].max((4, 5)), None

def count(n, k, s, p, up):
    steps = n + 2 * p - k
    found = (-(-steps // s) if up else steps // s) + 1
    return found - 1 if up and (found - 1) * s >= n + p else found
"""


def test_a_pool_that_does_what_it_accepts_passes(tmp_path: Path) -> None:
    report = check_text(POOL.format(change="pass"), tmp_path)
    assert check_of(report, "max_pool2d").passed


@pytest.mark.parametrize("change", ["padding = 0", "ceil_mode = False", "s = k"])
def test_an_attribute_that_is_accepted_and_ignored_is_seen(change: str, tmp_path: Path) -> None:
    found = check_of(check_text(POOL.format(change=change), tmp_path), "max_pool2d")
    assert not found.passed
    assert found.failed >= FEWEST


@pytest.mark.parametrize("name", ["stride", "padding", "ceil_mode"])
def test_every_accepted_attribute_makes_a_difference_in_some_cases(
    name: str, tmp_path: Path
) -> None:
    report = check_text(POOL.format(change="pass"), tmp_path)
    assert sum(tells(name, parse(text)) for text in report.cases.text) >= FEWEST


def test_fresh_cases_have_shapes_and_attributes_that_no_grid_has(tmp_path: Path) -> None:
    known = {shapes_of(case) for case in standard("conv2d")}
    texts = check_text((HOMEWORK / "layers.py").read_text(), tmp_path, fresh=5).cases.text
    asked = [case for case in map(parse, texts) if case.op == "conv2d"]
    unseen = [case for case in asked if shapes_of(case) not in known]
    assert len(unseen) >= len(asked) // 3
    assert len({str(case.attributes) for case in unseen}) > 3


def shapes_of(case: Case) -> str:
    return str(case).partition(" dtype=")[0]


# ---------------------------------------------------------------------- defaults


NORM = """
import numpy as np

def layer_norm(x, weight, bias, eps=1e-5):
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) / np.sqrt(var + x.dtype.type(eps)) * weight + bias, None
"""


def test_a_default_of_its_own_is_told_and_fails_where_conventions_do(tmp_path: Path) -> None:
    text = NORM.replace("1e-5", "1e-3")
    told = "where eps is left away it is 0.001; 1e-05 in torch"
    found = check_of(check_text(text, tmp_path), "layer_norm")
    assert found.passed
    assert told in found.note
    strict = check_of(check_text(text, tmp_path, strict=True), "layer_norm")
    assert (strict.verdict, strict.passed) == (Verdict.CONVENTION, False)


COURSE = """
import numpy as np

def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", {eps})
    mean, var = x.mean(1, keepdims=True), x.var(1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
"""


@pytest.mark.parametrize(("eps", "passes"), [("1e-5", True), ("1e-2", False)])
def test_what_stands_for_a_lacking_entry_is_that_of_the_template(
    eps: str, passes: bool, tmp_path: Path
) -> None:
    found = check_of(check_text(COURSE.format(eps=eps), tmp_path), "layernorm_forward")
    assert found.passed is passes
    if not passes:
        assert found.first_wrong is not None
        assert "default: with eps left away" in found.first_wrong.reason
        assert "where it is left away eps is 0.01, not 1e-05" in found.first_wrong.reason


MODULE = """
import numpy as np

def leaky_relu(x, *, negative_slope={slope}):
    return np.where(x > 0, x, x.dtype.type(negative_slope) * x), (x, negative_slope)

def leaky_relu_backward(dout, cache):
    x, slope = cache
    return np.where(x > 0, dout, dout.dtype.type(slope) * dout)
"""


@pytest.mark.parametrize(("slope", "verdict"), [(0.01, "rounding"), (0.2, "error")])
def test_a_module_has_the_defaults_of_the_ops(
    slope: float, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, MODULE.format(slope=slope), monkeypatch)
    report = check("own_layers", Options(oracles=("exact",), grid="quick"))
    found = check_of(report, "leaky_relu")
    assert found.verdict == verdict
    if verdict == "error":
        assert found.first_wrong is not None
        assert "default: with negative_slope left away" in found.first_wrong.reason
        assert "where it is left away negative_slope is 0.2" in found.first_wrong.reason


def load(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = folder / "own_layers.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("own_layers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "own_layers", module)
    spec.loader.exec_module(module)
    return module


def test_an_entry_that_has_to_be_given_is_told_and_no_fault(tmp_path: Path) -> None:
    text = COURSE.replace('ln_param.get("eps", {eps})', 'ln_param["eps"]')
    found = check_of(check_text(text, tmp_path), "layernorm_forward")
    assert found.passed
    assert "with eps left away it fails: raised: KeyError" in found.note
