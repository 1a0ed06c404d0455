"""The layout of images is what a text shows, and not what a wrong answer fits by chance."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from submitted import check_of, check_text

from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import names

TEXT = """
import numpy as np

class AvgPool2d:
    def __init__(self, kernel_size, stride=None):
        self.k = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        self.s = self.k if stride is None else stride
        self.s = (self.s,) * 2 if isinstance(self.s, int) else self.s

    def forward(self, x):
{turn}        windows = np.lib.stride_tricks.sliding_window_view(x, {k}, (2, 3))
        return windows[:, :, :: self.s[0], :: self.s[1]].mean((4, 5)){back}
"""


def note(folder: Path, **parts: str) -> tuple[bool, str]:
    text = TEXT.format(**{"turn": "", "back": "", "k": "self.k", **parts})
    ast.parse(text)
    check = check_of(check_text(text, folder), "AvgPool2d.forward")
    return check.verdict.fails, check.note


def test_a_kernel_that_is_turned_round_is_no_other_layout(tmp_path: Path) -> None:
    fails, told = note(tmp_path, k="self.k[::-1]")
    assert fails
    assert "NHWC" not in told


@pytest.mark.parametrize(
    ("turn", "back", "told"),
    [
        ("", "", ""),
        (
            "        x = np.transpose(x, (0, 3, 1, 2))\n",
            ".transpose(0, 2, 3, 1)",
            "images are NHWC",
        ),
    ],
    ids=["NCHW", "turned first"],
)
def test_right_layers_pass_in_their_layout(turn: str, back: str, told: str, tmp_path: Path) -> None:
    names.install(op_table())
    fails, found = note(tmp_path, turn=turn, back=back)
    assert not fails
    assert told in found
