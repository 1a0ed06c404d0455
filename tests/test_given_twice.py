"""Pairs are asked of whoever takes them, however a number is told from a pair there."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

WINDOWS = """
    kh, kw = w.shape[2:]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), (2, 3))[:, :, ::sh, ::sw]
    out = np.einsum("ncijkl,fckl->nfij", windows, w)
    return out if b is None else out + b[:, None, None]
"""

FORMS = {
    "a loop over a dictionary": """
def conv2d(x, w, b=None, stride=1, padding=0):
    options = {"stride": stride, "padding": padding}
    for name, value in options.items():
        if not isinstance(value, (tuple, list)):
            options[name] = (value, value)
    (sh, sw), (ph, pw) = options["stride"], options["padding"]
""",
    "a comprehension": """
def conv2d(x, w, b=None, stride=1, padding=0):
    both = [one if isinstance(one, tuple) else (one, one) for one in (stride, padding)]
    (sh, sw), (ph, pw) = both
""",
    "a helper through map": """
def two(value):
    return (value, value) if np.isscalar(value) else tuple(map(int, value))

def conv2d(x, w, b=None, stride=1, padding=0):
    (sh, sw), (ph, pw) = map(two, (stride, padding))
""",
    "a match": """
class Sides:
    def both(self, value):
        match value:
            case int():
                return value, value
            case (first, second):
                return first, second

def conv2d(x, w, b=None, stride=1, padding=0):
    (sh, sw), (ph, pw) = Sides().both(stride), Sides().both(padding)
""",
}
RIGHT = "    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))"
WRONG = "    padded = np.pad(x, ((0, 0), (0, 0), (pw, pw), (ph, ph)))"


def text(form: str, padded: str) -> str:
    return f"import numpy as np\n{FORMS[form]}{padded}{WINDOWS}"


@pytest.mark.parametrize("form", FORMS)
def test_sides_that_are_swapped_fail(form: str, tmp_path: Path) -> None:
    check = check_of(check_text(text(form, WRONG), tmp_path), "conv2d")
    assert check.verdict.fails
    assert "padding is not the same in height and width" in check.diagnoses[0].text


@pytest.mark.parametrize("form", FORMS)
def test_what_takes_pairs_rightly_passes_and_all_of_it_runs(form: str, tmp_path: Path) -> None:
    check = check_of(check_text(text(form, RIGHT), tmp_path), "conv2d")
    assert not check.verdict.fails
    assert "never run" not in check.note


ONE = {
    "an annotation": "def conv2d(x, w, b=None, stride: int = 1, padding: int = 0):\n",
    "a docstring": 'def conv2d(x, w, b=None, stride=1, padding=0):\n    """stride: int, padding: int"""\n',
    "two ends": 'def conv2d(x, w, b=None, stride=1, padding=0):\n    """padding: (before, after)"""\n',
    "nothing": "def conv2d(x, w, b=None, stride=1, padding=0):\n",
}


@pytest.mark.parametrize("promise", ONE)
def test_who_promises_one_number_is_asked_no_pair(promise: str, tmp_path: Path) -> None:
    """Two numbers would be read the other way round here, or fail."""
    takes = (
        "    ph = pw = padding\n"
        if promise == "nothing"
        else ("    ph, pw = np.hstack([padding, padding])[1::-1]\n")
    )
    own = f"{takes}    sh = sw = stride\n{RIGHT}{WINDOWS}"
    report = check_text(f"import numpy as np\n{ONE[promise]}{own}", tmp_path)
    assert not check_of(report, "conv2d").verdict.fails


CLASS = """
import numpy as np

class MaxPool2d:
    def __init__(self, kernel_size, stride=None):
{made}
        self.s = self.k if stride is None else self.s

    def forward(self, x):
        windows = np.lib.stride_tricks.sliding_window_view(x, {k}, (2, 3))
        return windows[:, :, {s}].max((4, 5))
"""
MADE = """        both = lambda one: one if isinstance(one, tuple) else (one, one)
        self.k, self.s = map(both, (kernel_size, stride))"""
ALONE = "        self.k, self.s = kernel_size, stride"


@pytest.mark.parametrize(
    ("made", "k", "s", "fails"),
    [
        (MADE, "self.k", ":: self.s[0], :: self.s[1]", False),
        (MADE, "self.k", ":: self.s[1], :: self.s[0]", True),
        (ALONE, "(self.k, self.k)", ":: self.s, :: self.s", False),
    ],
    ids=["pairs", "pairs that are swapped", "one number alone"],
)
def test_classes_are_asked_alike(made: str, k: str, s: str, fails: bool, tmp_path: Path) -> None:
    text = CLASS.format(made=made, k=k, s=s)
    assert check_of(check_text(text, tmp_path), "MaxPool2d.forward").verdict.fails is fails
