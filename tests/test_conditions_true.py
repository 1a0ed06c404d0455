"""Where a function is said to fail is where it does: the very number, no half that is made up, in
words that the docs have."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from submitted import check_of, check_text

from layercheck.cases.fills import FILLS, RARE
from layercheck.cases.grids import GRIDS
from layercheck.cases.named_fills import AROUND
from layercheck.cases.where import known_names
from layercheck.diagnosis.predicates import names_at, predicates
from layercheck.diagnosis.relations.changes import CHANGES
from layercheck.diagnosis.relations.elementwise import DONE
from layercheck.diagnosis.relations.normalized import CENTERS, SCALES
from layercheck.diagnosis.steps.lasting import SHOWN
from layercheck.mistakes import mistakes
from ref_layers import OPS

RELU = """
import numpy as np

def relu_forward(x):
    {forward}

def relu_backward(dout, cache):
    {backward}
"""
RIGHT = {"forward": "return np.maximum(x, 0), x", "backward": "return dout * (cache > 0)"}
POOL = """
import numpy as np

def max_pool_forward_naive(x, pool_param):
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    rows, columns = (x.shape[2] - h) // s + 1, (x.shape[3] - w) // s + 1
    out = np.zeros((*x.shape[:2], rows, columns), x.dtype)
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * s : i * s + h, j * s : j * s + w].reshape(*x.shape[:2], -1)
            place = np.argmax(np.abs(window), axis=2)[:, :, None]
            out[:, :, i, j] = np.take_along_axis(window, place, 2)[:, :, 0]
    return out, (x, pool_param)
"""


def condition(folder: Path, text: str, function: str, op: str) -> str:
    """What is said of where a function fails."""
    told = check_of(check_text(text, folder, ops=(op,)), function).diagnoses
    return next((one.text for one in told if one.is_condition), "")


@pytest.mark.parametrize(
    ("part", "line", "told"),
    [
        (
            "forward",
            "return np.where(x > 1e3, 0, np.maximum(x, 0)), x",
            "x holds numbers above 1000",
        ),
        ("forward", "return np.clip(x, 0, 3), x", "x holds numbers above 3"),
        ("backward", "return dout * (cache > 1e-2)", "x holds positive numbers below 0.01"),
        ("backward", "return dout * (cache > 0) * (2 if len(cache) == 4 else 1)", "N == 4"),
        ("backward", "return dout * (cache > 0) * (2 if len(cache) > 3 else 1)", "N > 3"),
    ],
)
def test_a_limit_is_told_as_it_stands_in_the_file(
    tmp_path: Path, part: str, line: str, told: str
) -> None:
    text = RELU.format(**{**RIGHT, part: line})
    assert f" where {told}, passes in" in condition(tmp_path, text, f"relu_{part}", "relu")


def test_a_limit_of_size_is_told_as_one(tmp_path: Path) -> None:
    """Large numbers of either sign fail, and no half of that is told."""
    text = "import numpy as np\n\ndef leaky_relu(x, negative_slope=0.01):\n"
    text += "    out = np.where(x > 0, x, negative_slope * x)\n"
    text += "    return np.where(np.abs(x) > 1e3, 0, out)\n"
    told = condition(tmp_path, text, "leaky_relu", "leaky_relu")
    assert " where x holds numbers of a size above 1000, passes in" in told


def test_a_limit_of_an_attribute_is_a_round_number(tmp_path: Path) -> None:
    text = "import numpy as np\n\ndef leaky_relu(x, negative_slope=0.01):\n"
    text += "    return np.maximum(x, negative_slope * x)\n"
    told = condition(tmp_path, text, "leaky_relu", "leaky_relu")
    assert " where negative_slope > 1, passes in" in told


def test_what_only_grows_out_of_rounding_has_no_limit(tmp_path: Path) -> None:
    """A wrong power shows less and less near 0: the file knows no number there."""
    text = "import numpy as np\n\ndef gelu(x):\n    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**2)\n"
    text += "    return 0.5 * x * (1 + np.tanh(inner))\n"
    assert "limit" not in condition(tmp_path, text, "gelu", "gelu")


def test_no_half_of_a_condition_is_made_up(tmp_path: Path) -> None:
    told = condition(tmp_path, POOL, "max_pool_forward_naive", "max_pool")
    assert " where kernel_size != 1, passes in" in told


def test_both_halves_that_are_true_stay(tmp_path: Path) -> None:
    text = """
import numpy as np

class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
    def forward(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
        return (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
"""
    told = check_of(check_text(text, tmp_path), "BatchNorm1d.forward").diagnoses
    halves = told[0].text.partition(" where ")[2].partition(", passes in")[0].split(" and ")
    assert set(halves) == {"training == true", "momentum < 1"}
    # the variance that it keeps is another convention's, which passes
    assert not any("running_var" in one.arrays or "running_var" in one.text for one in told)


def test_one_array_has_its_own_condition(tmp_path: Path) -> None:
    text = """
import numpy as np

def svm_loss(x, y):
    N = len(x)
    margins = np.maximum(0, x - x[np.arange(N), y][:, None] + 1)
    loss = margins.sum() / N
    wrong = (margins > 0).astype(x.dtype)
    wrong[np.arange(N), y] = 0
    wrong[np.arange(N), y] = -wrong.sum(1)
    return loss, wrong / N * (1 if N < 5 else 2)
"""
    told = condition(tmp_path, text, "svm_loss", "svm_loss")
    assert told.startswith("dx fails in ")
    assert (
        " where N > 4, passes in" in told
    )  # of one class all of dx should be 0: that tells nothing


# ---------------------------------------------------------------------- the words

OURS = re.compile(r"[A-Za-z]\w*_\w+")


def test_every_word_of_a_condition_is_one_of_the_docs() -> None:
    """Over all fills and ops: no name of ours stands in a sentence."""
    known, fills = (
        known_names(),
        {*FILLS, *RARE, *AROUND} - {"integers", "some", "near", "times", "weights", "alone"},
    )
    for op in OPS:
        cases = list(GRIDS["standard"]([op]))[:400]
        of_each = {case.fill: names_at(case) for case in cases}
        levels = {v for n in of_each.values() for k, v in n.items() if k != "fill" and str(v) == v}
        for fill, names in of_each.items():
            others = [other for name, other in of_each.items() if name != fill]
            for text in (p.text for p in predicates([names], others)):
                assert set(OURS.findall(text)) <= known | levels, text
                assert not {"fill", "exp_range"} & set(text.split()), text
                assert " is none" not in text, text
                assert " not none" not in text, text
                assert not {name for name in fills if name in text.split(" == ")}, text


def is_known(word: str) -> bool:
    """Whether it is a layer's, an array's, or a framework's."""
    gradients = {f"d{name}" for op in OPS.values() for name in op.inputs}
    theirs = hasattr(np, word) or hasattr(torch.nn.functional, word)
    return word in known_names() | {*OPS} | gradients or theirs


def test_every_word_of_a_reason_is_one_of_the_docs() -> None:
    texts = [*CHANGES, *DONE, *SCALES, *CENTERS, *(t for pair in SHOWN.values() for t in pair)]
    for text in (*texts, *(mistake.text for mistake in mistakes())):
        assert all(map(is_known, OURS.findall(text))), text
