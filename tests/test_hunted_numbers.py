"""Numbers that decide without a branch: comparisons as values, choices, bounds, narrow integers."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest
from submitted import check_of, check_text

from layercheck.cases.parse import parse
from layercheck.reporting.report import Report
from layercheck.submissions.boundaries import MOST_ELEMENTS, Boundaries
from layercheck.submissions.coverage import instrument, recorder
from layercheck.submissions.coverage.instrument import follow
from layercheck.submissions.coverage.narrow import maxima_in
from layercheck.submissions.profiles.target import Takes

RELU = """
import numpy as np

def relu_forward(x):
{body}

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""


def relu(body: str, last: str = "    return np.maximum(x, 0), x") -> str:
    return RELU.format(body=f"{body.rstrip()}\n{last}")


def told(report: Report, function: str = "relu_forward") -> list[str]:
    return [one.what for one in check_of(report, function).never_run]


HIDDEN = {
    "an operand of or": "    twice = x.ndim == 9 or len(x) >= 70\n    x = x + x * twice\n",
    "an operand of and": "    once = x.ndim > 0 and len(x) < 70\n    x = x * (2 - once)\n",
    "a local name": "    most = 1 << 6\n    twice = x.ndim == 9 or len(x) > most\n    x = x + x * twice\n",
    "an index": "    x = x * np.array([1, 2])[int(len(x) > 70)]\n",
    "a factor": "    x = x * (1 + (x.shape[-1] == 70))\n",
    "in a list": "    x = x * (1, 2)[len(x) in (70, 71)]\n",
    "a chain": "    x = x * (1 + (69 < len(x) < 90))\n",
    "bool": "    x = x + x * bool(len(x) > 70)\n",
    "sorted": "    x = x[: sorted([len(x), 70])[0]] * (len(x) / min(len(x), 70))\n",
    "the least of a tuple": "    x = x * (len(x) / min((len(x), 70)))\n",
    "the least of three": "    x = x * (len(x) / min(len(x), 70, x.size))\n",
    "np.minimum": "    x = x * (len(x) / np.minimum(len(x), 70)).astype(x.dtype)\n",
    "np.min": "    x = x * (len(x) / np.min([len(x), 70])).astype(x.dtype)\n",
    "np.clip of a size": "    x = x * (len(x) / np.clip(len(x), 1, 70)).astype(x.dtype)\n",
    "np.where of a size": "    x = x * np.where(len(x) > 70, 2, 1).astype(x.dtype)\n",
    "np.clip of values": "    x = np.clip(x, -1e11, 1e12).astype(x.dtype)\n",
    "the method clip": "    x = x.clip(max=1e12).astype(x.dtype)\n",
    "np.minimum of values": "    x = np.minimum(x, 1e12).astype(x.dtype)\n",
}


@pytest.mark.parametrize("body", HIDDEN.values(), ids=HIDDEN)
def test_a_mistake_at_a_number_that_is_no_branch_is_found(body: str, tmp_path: Path) -> None:
    report = check_text(relu(body), tmp_path, oracles=())
    assert not check_of(report, "relu_forward").passed


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("    x = x + x * (len(x) > 10**7)\n", "len(x) > 10 ** 7: never true"),
        ("    few = x.ndim < 9 or len(x) < 3\n", "x.ndim < 9: never false"),
        ("    n = min(len(x), 10**7)\n", "min(len(x), 10 ** 7): never 10 ** 7"),
        ("    n = np.clip(len(x), 0, 1e9)\n", "np.clip(len(x), 0, 1000000000.0): never 1e+09"),
    ],
)
def test_an_outcome_that_was_never_seen_is_told(body: str, what: str, tmp_path: Path) -> None:
    report = check_text(relu(body), tmp_path, oracles=())
    assert what in told(report)


NO_DECISION = {
    "arithmetic": "    x = x * 3 / 3.0 + 10**7 - 10.0**7\n",
    "element by element": "    x = x * (x > 0.5) + x * (x <= 0.5)\n",
    "guards": "    n = max(len(x), 1) + min(0, len(x)) + np.clip(len(x), 0, None)\n",
    "a check by a function": "    all([x.size < 10**7, x.ndim < 9])\n",
    "a refusal by name": "    bad = len(x) > 10**7\n    if bad:\n        raise ValueError\n",
    "arguments in a row": "    n = min(*x.shape, 10**7) + max(*x.shape, 0, 10**7)\n",
    "an axis": "    n = np.max(x, 0), np.sort(x, 0)\n",
}


@pytest.mark.parametrize("body", NO_DECISION.values(), ids=NO_DECISION)
def test_what_is_no_decision_is_not_told(body: str, tmp_path: Path) -> None:
    last = "    return np.maximum(x, 0), x" if "10.0" not in body else "    return x, x"
    assert told(check_text(relu(body, last), tmp_path, oracles=(), hunt=False)) == []


def test_followed_calls_give_what_they_gave() -> None:
    text = """
import numpy as np

def f(x, n, shape):
    x.clip(-5, 7, out=x)
    return [min(n, 32), max((n, 3)), sorted([n, 32]), np.minimum(x, 3).tolist(), 2 < n <= 9,
            np.clip(x, a_min=2, a_max=9.5).tolist(), min(*shape, 32), n in (3, 5), np.min([n, 4])]
"""
    plain: dict[str, object] = {}
    exec(text, plain)
    changed: dict[str, object] = dict(recorder.CALLS)
    exec(compile(follow(ast.parse(text))[0], "f", "exec"), changed)
    import numpy as np

    for n in (1, 5, 40):
        x = np.arange(-9.0, 9.0)
        one, other = (names["f"](x.copy(), n, (3, n, 50)) for names in (plain, changed))  # type: ignore[operator]
        assert one == other


def test_numbers_are_those_of_the_text_that_was_written() -> None:
    text = "def f(x, n):\n    return (x * (n > 900)) > 5\n"
    places = follow(ast.parse(text))[1].places
    assert [place.numbers for place in places[1:]] == [(900, 5)] * 2 + [(900,)] * 2
    assert not any("__" in place.what for place in places)


# ---------------------------------------------------------------------- narrow integers

SCORES = """
import numpy as np

INDEX = np.int16

def svm_loss(x, y):
    n = np.arange(len(x))
    margins = np.maximum(0, x - x[n, y][:, None] + 1)
    margins[n, y] = 0
    d = (margins > 0).astype({kind})
    d[n, y] -= d.sum(1, dtype=d.dtype)
    return margins.sum() / len(x), d.astype(x.dtype) / len(x)
"""

NARROW = {
    "int8": "    i = np.arange(x.shape[-1]).astype(np.int8)\n    x = x[..., i]\n",
    "a text": "    i = np.arange(len(x)).astype('uint8')\n    x = x[i]\n",
    "a letter": "    i = np.arange(len(x)).astype('B')\n    x = x[i]\n",
    "a keyword": "    i = np.zeros(len(x), dtype='<i2') + np.arange(len(x)).astype('h')\n    x = x[i]\n",
    "all elements": (
        "    i = np.arange(x.size).astype(INDEX).reshape(x.shape)\n    x = x.reshape(-1)[i]\n"
    ),
}


@pytest.mark.parametrize("body", NARROW.values(), ids=NARROW)
def test_sizes_beyond_narrow_integers_are_asked(body: str, tmp_path: Path) -> None:
    text = relu(body).replace("import numpy as np", "import numpy as np\nINDEX = np.int16")
    report = check_text(text, tmp_path, oracles=())
    assert check_of(report, "relu_forward").verdict == "wrong"
    assert check_text(text, tmp_path, oracles=(), hunt=False).passed


@pytest.mark.parametrize(("kind", "passes"), [("np.int8", False), ("np.int32", True)])
def test_a_count_of_classes_that_wraps_is_found(kind: str, passes: bool, tmp_path: Path) -> None:
    assert check_text(SCORES.format(kind=kind), tmp_path, oracles=()).passed == passes


def test_narrow_integers_that_hold_what_they_have_to_pass(tmp_path: Path) -> None:
    body = (
        "    kept = (x > 0).astype(np.int8) + (x > 0).astype(np.uint16)\n    x = x * (kept > 0)\n"
    )
    report = check_text(relu(body), tmp_path, oracles=())
    assert report.passed
    assert any(max(parse(line).shapes["x"]) > 180 for line in report.cases.text)


@pytest.mark.parametrize(
    ("text", "maxima"),
    [
        ("np.uint8", [255]),
        ("x.astype('int16')", [32767]),
        ("np.zeros(3, dtype='H') + x.astype('b')", [127, 65535]),
        ("cache['b'] + int32(x) + np.float16(x)", []),
    ],
)
def test_narrow_integers_are_known_by_their_names(text: str, maxima: list[int]) -> None:
    assert maxima_in(ast.parse(text)) == maxima


def test_windows_and_images_are_beyond_narrow_integers() -> None:
    """uint8 for the places of a window, int16 for those of an image."""
    cases = list(Boundaries("max_pool", Takes(), [], [2 * 32767]).beyond([255, 32767]))
    kernels = (case.all_attributes["kernel_size"] for case in cases)
    assert any(isinstance(kernel, int) and kernel**2 > 256 for kernel in kernels)
    assert any(math.prod(case.shapes["x"][2:]) > 32768 for case in cases)
    assert all(case.elements <= MOST_ELEMENTS for case in cases)
    convolutions = list(Boundaries("conv2d", Takes(), [], []).beyond([255]))
    assert any(math.prod(case.shapes["w"][2:]) > 256 for case in convolutions)
    assert any(case.shapes["x"][1] > 256 for case in convolutions)


def test_a_check_by_a_function_that_gets_more_than_the_condition_is_no_place() -> None:
    text = "def f(x):\n    require('x', x.ndim == 4, x.shape)\n    found.append(len(x) > 900)\n"
    made = instrument.followed(text, "f.py")
    assert made is not None
    told = [place.what for place in made[1].places]
    assert not any("x.ndim" in what for what in told)
    assert any("len(x) > 900" in what for what in told)
