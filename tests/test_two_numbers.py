"""An attribute that is two numbers always gets two, where a text, a docstring or a default says so;
what takes one number gets one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from submitted import check_text, failing

import layercheck
from layercheck.submissions.op_table import op_table
from layercheck.submissions.profiles import names
from layercheck.submissions.profiles.signatures import arguments_of, match
from layercheck.submissions.profiles.two_numbers import two_numbers

RESIZE = '''
import numpy as np

def interpolate(x, {size}):
    """{docstring}"""
    {body}
    return x[:, :, rows[:, None], cols], (x.shape, rows, cols)

def interpolate_backward(dout, cache):
    shape, rows, cols = cache
    dx = np.zeros(shape, dout.dtype)
    np.add.at(dx, (slice(None), slice(None), rows[:, None], cols), dout)
    return dx
'''
ZIPPED = "rows, cols = (np.arange(o) * n {by} for n, o in zip(x.shape[-2:], size))"
AS_ARRAY = """a = np.asarray(size)
    rows, cols = np.arange(a[0]) * x.shape[2] {by}, np.arange(a[1]) * x.shape[3] {by}"""
ONE_BY_ONE = """h, w = {taken}
    rows, cols = np.arange(h) * x.shape[2] // h, np.arange(w) * x.shape[3] // w"""
STYLES = [
    ("size", "", ONE_BY_ONE.replace("{taken}", "np.asarray(size)")),
    ("size", "", ONE_BY_ONE.replace("{taken}", "np.array(size, dtype=int).astype(int)")),
    ("size", "", ONE_BY_ONE.replace("h, w = {taken}", "(h, w), _ = size, 0")),
    ("size: tuple[int, int]", "", ZIPPED),
    ("size", "", ZIPPED),
    ("size", "Resize to size = (height, width).", AS_ARRAY),
]
POOL = '''
import numpy as np

def max_pool(x, kernel_size, stride, padding={padding}):
    """The largest number of each window. {docstring}"""
    k, s, p = (np.asarray(v) for v in (kernel_size, stride, padding))
    xp = np.pad(x, [(0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])], constant_values=-np.inf)
    win = np.lib.stride_tricks.sliding_window_view(xp, tuple(k), axis=(2, 3))
    return win[:, :, :: s[{first}], :: s[1]].max((4, 5))
'''


def by(body: str, right: bool) -> str:
    body = body.replace("n {by}", "n // o").replace("x.shape[2] {by}", "x.shape[2] // a[0]")
    body = body.replace("x.shape[3] {by}", "x.shape[3] // a[1]")
    return body if right else body.replace("// ", "// 2 // ")


@pytest.mark.parametrize(("size", "docstring", "body"), STYLES)
def test_what_takes_two_numbers_gets_two(
    size: str, docstring: str, body: str, tmp_path: Path
) -> None:
    for right in (True, False):
        text = RESIZE.replace("{size}", size).replace("{docstring}", docstring)
        text = text.replace("{body}", by(body, right))
        path = tmp_path / f"resized_{right}.py"
        path.write_text(text)
        made: dict[str, object] = {}
        exec(compile(text, str(path), "exec"), made)
        own = {n: made[n] for n in ("interpolate", "interpolate_backward")}
        for report in (check_text(text, tmp_path), layercheck.check(**own)):  # type: ignore[arg-type]
            assert report.passed is right, failing(report)
            assert "interpolate" in failing(report) or right


@pytest.mark.parametrize(
    ("padding", "docstring"),
    [("(0, 0)", ""), ("(0, 0)", "kernel_size, stride and padding are (height, width)")],
)
def test_what_another_default_or_a_docstring_says_holds_for_all(
    padding: str, docstring: str, tmp_path: Path
) -> None:
    text = POOL.replace("{padding}", padding).replace("{docstring}", docstring)
    report = check_text(text.replace("{first}", "0"), tmp_path)
    assert report.passed, failing(report)
    assert failing(check_text(text.replace("{first}", "1"), tmp_path))


TURNED = """
import numpy as np

def max_pool(x, kernel_size=(2, 2), stride=(2, 2)):
    (kh, kw), (sh, sw) = kernel_size, stride
    win = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), (2, 3))[:, :, ::sh, ::sw]
    return win.max((4, 5)), (x, kh, kw, sh, sw)

def max_pool_backward(dout, cache):
    x, kh, kw, {strides} = cache
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dout.shape):
        part = x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
        a, b = divmod(int(part.argmax()) if part.size else 0, kw)
        at = (n, c, min(i * sh + a, x.shape[2] - 1), min(j * sw + b, x.shape[3] - 1))
        dx[at] += dout[n, c, i, j]
    return dx
"""


def test_which_of_two_numbers_is_the_heights_is_asked_of_what_takes_pairs(tmp_path: Path) -> None:
    for strides, fails in (("sh, sw", []), ("sw, sh", ["max_pool_backward"])):
        report = check_text(TURNED.replace("{strides}", strides), tmp_path)
        assert list(failing(report)) == fails


CLASS = """
import numpy as np

class MaxPool2d:
    def __init__(self, kernel_size: tuple[int, int], stride: tuple[int, int]):
        self.k, self.s = kernel_size, stride

    def forward(self, x):
        win = np.lib.stride_tricks.sliding_window_view(x, self.k, axis=(2, 3))
        return win[:, :, :: self.s[{first}], :: self.s[1]].max((4, 5))
"""


def test_a_class_gets_two_numbers(tmp_path: Path) -> None:
    report = check_text(CLASS.replace("{first}", "0"), tmp_path)
    assert report.passed, failing(report)
    assert failing(check_text(CLASS.replace("{first}", "1"), tmp_path))


SINGLE = [
    "def max_pool(x, kernel_size, stride): return x[::stride], zip(x, range(kernel_size))",
    "def max_pool(x, kernel_size: tuple[int, int] | int, stride: int): return zip(kernel_size)",
    "def max_pool(x, kernel_size=2, stride=2): return zip(x, kernel_size)",
    "def max_pool(x, kernel_size, stride, padding=(0, 0)): return x.shape[2] // stride - kernel_size",
    "def max_pool(x, kernel_size, stride):\n"
    '    """kernel_size: of a window, stride: of x (h, w)"""\n'
    "    return window(x, kernel_size, stride)",
    "def max_pool(x, kernel_size, stride):\n"
    "    kernel_size = pair(kernel_size)\n"
    "    return [k for k in kernel_size]",
    "def max_pool(x, kernel_size, stride):\n"
    "    return zip(kernel_size) if isinstance(kernel_size, tuple) else stride",
    "def max_pool(x, kernel_size: tuple[tuple[int, int], tuple[int, int]], stride): return x",
]


@pytest.mark.parametrize("text", SINGLE)
def test_what_may_be_one_number_is_given_one(text: str) -> None:
    names.install(op_table())
    tree = ast.parse(text)
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    arguments = arguments_of(function)
    assert two_numbers("max_pool", tree, match("max_pool", arguments, {}), arguments) == []
