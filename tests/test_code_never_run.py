"""What no case ran: hunted, judged where it is found, told where it is not."""

from __future__ import annotations

import html
import json
import re
import sys
import textwrap
from pathlib import Path

import pytest
from submitted import check_of, check_text, layercheck

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.errors import UsageError
from layercheck.pipeline.hunting import Search
from layercheck.pipeline.many import check_file
from layercheck.pipeline.one import ask_one
from layercheck.pipeline.options import Options
from layercheck.pipeline.run import check
from layercheck.reporting.report import Report
from layercheck.reporting.words import never_run

RELU = """
import numpy as np

def relu_forward(x):
{body}
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
FAR = "    if x.size > 10**7:\n        x = x * 2\n        x = x + 1\n"
"""Larger than any case."""


def relu(body: str) -> str:
    return RELU.format(body=body.rstrip())


def told(report: Report, function: str) -> list[str]:
    return [one.what for one in check_of(report, function).never_run]


HIDDEN = {
    "a size above a number": "    if x.ndim == 4 and x.shape[1] > 64:\n        x = 2 * x\n",
    "in one line": "    if x.shape[0] > 64: x = 2 * x\n",
    "a size itself": "    if x.shape[-1] == 16:\n        x = 2 * x\n",
    "a number's name": "    limit = 1 << 6\n    if len(x) == limit:\n        x = 2 * x\n",
    "a square": "    if x.shape[2:] == (12, 12):\n        x = 2 * x\n",
    "all but small": "    if x.size <= 2000:\n        return np.maximum(x, 0), x\n    x = 2 * x\n",
    "a ternary": "    x = x if len(x) != 23 else 2 * x\n",
    "a part of or": "    if len(x) == 29 or x.ndim == 4:\n        x = x * (1 + (len(x) == 29))\n",
    "a part of and": "    if not (len(x) != 31 and x.ndim == 4):\n        x = x * (1 + (len(x) == 31))\n",
    "values far below": "    if x.ndim == 4 and x.mean() < -1000:\n        x = x - x.min() + 1\n",
    "values between": "    if 50 < x.max() < 60:\n        x = 2 * x\n",
    "a helper": "    x = twice(x) if len(x) == 37 else x\n",
    "a comprehension": "    x = 2 ** len([n for n in x.shape if n == 41]) * x\n",
    "a mask": "    x = x * (1 + (x > 2 * 10**9))\n",
    "a choice": "    x = x * max(len(x), 19) / len(x) if len(x) > 15 else x\n",
    "match": "    match len(x):\n        case 43:\n            x = 2 * x\n",
}


@pytest.mark.parametrize("body", HIDDEN.values(), ids=HIDDEN)
def test_a_mistake_behind_a_condition_is_found_and_its_case_replays(
    body: str, tmp_path: Path
) -> None:
    text = relu(body) + "\ndef twice(x):\n    return 2 * x\n"
    report = check_text(text, tmp_path)
    forward = check_of(report, "relu_forward")
    assert forward.verdict == "wrong"
    assert 0 < forward.failed < forward.cases
    assert forward.first_wrong is not None
    again = ask_one(str(tmp_path / "layers.py"), parse(forward.first_wrong.case), Options())
    assert not again.passed


AVG_POOL = """
import numpy as np

class AvgPool2d:
    def __init__(self, kernel_size):
        self.k = kernel_size

    def forward(self, x):
        k, (oh, ow) = self.k, (size // self.k for size in x.shape[2:])
        x = x[:, :, : oh * k, : ow * k].reshape(*x.shape[:2], oh, k, ow, k)
        count = k * k + ({condition})
        return x.sum(axis=(3, 5)) / count
"""


@pytest.mark.parametrize("condition", ["k > 7", "k == 13"])
def test_a_kernel_larger_than_any_grids_gets_an_image_that_it_fits_into(
    condition: str, tmp_path: Path
) -> None:
    report = check_text(AVG_POOL.format(condition=condition), tmp_path)
    assert check_of(report, "AvgPool2d.forward").verdict.value == "wrong"


def test_what_a_grid_reaches_is_not_hunted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hunted: list[str] = []

    def found(search: Search, lacking: list[int]) -> list[Case]:
        hunted.append(search.layer.op)
        return []

    monkeypatch.setattr(Search, "found", found)
    check_text(relu("    if x.min() < 0:\n        x = x + 0\n"), tmp_path)
    assert hunted == []
    check_text(relu(FAR), tmp_path)
    assert hunted == ["relu"]


def cases(report: Report) -> list[str]:
    return report.cases.text


def test_cases_that_were_found_are_planned_and_judged(tmp_path: Path) -> None:
    right = "    if len(x) == 23:\n        return np.where(x > 0, x, 0), x\n"
    report = check_text(relu(right), tmp_path)
    assert report.passed
    assert told(report, "relu_forward") == []
    plain = check_text(relu("    pass\n"), tmp_path)
    assert len(cases(report)) > len(cases(plain))
    assert report.manifest.planned == report.manifest.run == len(cases(report))


def test_without_a_hunt_it_is_told(tmp_path: Path) -> None:
    report = check_text(relu("    if len(x) == 23: x = 2 * x\n"), tmp_path, hunt=False)
    assert report.passed
    assert told(report, "relu_forward") == ["if len(x) == 23"]


# ---------------------------------------------------------------------- what is told


def test_lines_that_no_case_runs_are_told_beside_the_verdict(tmp_path: Path) -> None:
    report = check_text(relu(FAR), tmp_path)
    forward = check_of(report, "relu_forward")
    assert report.passed
    assert never_run(forward) == "lines 6 to 7 (if x.size > 10 ** 7) never run"
    assert check_of(report, "relu_backward").never_run == []


def test_every_output_tells_it(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(relu(FAR))
    files = ("--json", str(tmp_path / "r.json"), "--html", str(tmp_path / "r.html"))
    ran = layercheck("check", str(tmp_path / "layers.py"), *files)
    sentence = "lines 6 to 7 (if x.size > 10 ** 7) never run"
    assert ran.returncode == 0
    assert f"cases; {sentence}" in ran.stdout
    page = re.sub("<[^>]*>", "", (tmp_path / "r.html").read_text())
    assert sentence in html.unescape(page)
    data = json.loads((tmp_path / "r.json").read_text())
    assert data["checks"][0]["never_run"] == [
        {"file": "", "first": 6, "last": 7, "what": "if x.size > 10 ** 7", "counts": True}
    ]


def test_strict_fails_on_lines_that_were_never_run(tmp_path: Path) -> None:
    report = check_text(relu(FAR), tmp_path, strict=True)
    forward = check_of(report, "relu_forward")
    assert (forward.verdict, forward.passed) == ("incomplete", False)
    assert check_of(report, "relu_backward").passed
    (tmp_path / "layers.py").write_text(relu(FAR))
    ran = layercheck("check", str(tmp_path / "layers.py"), "--strict")
    assert ran.returncode == 1
    assert "never run" in ran.stdout


EXCUSED = {
    "a refusal": "    if x.size > 10**7:\n        raise ValueError('large')\n",
    "a message": "    if x.size > 10**7:\n        print('large')\n",
    "an assertion": "    assert x.size < 10**7 or x.ndim == 9\n",
    "what is not implemented": (
        "    if x.size <= 10**7:\n        return np.maximum(x, 0), x\n    raise NotImplementedError\n"
    ),
    "a check by a function": "    all([x.size < 10**7])\n",
    "a constant": "    if False:\n        x = 2 * x\n",
}


@pytest.mark.parametrize("body", EXCUSED.values(), ids=EXCUSED)
def test_what_need_not_run_is_not_told(body: str, tmp_path: Path) -> None:
    report = check_text(relu(body), tmp_path, strict=True)
    assert report.passed
    assert told(report, "relu_forward") == []


def test_a_question_for_the_kind_of_an_argument_is_told_but_strict_passes(tmp_path: Path) -> None:
    body = "    if not isinstance(x, np.ndarray):\n        x = np.asarray(x)\n"
    report = check_text(relu(body), tmp_path, strict=True)
    assert report.passed
    assert told(report, "relu_forward") == ["if not isinstance(x, np.ndarray)"]


def test_of_nested_conditions_the_outermost_is_told(tmp_path: Path) -> None:
    body = "    if x.size > 10**7:\n        if x.ndim == 2:\n            x = 2 * x\n"
    assert told(check_text(relu(body), tmp_path), "relu_forward") == ["if x.size > 10 ** 7"]


def test_a_helper_is_told_of_those_that_call_it(tmp_path: Path) -> None:
    text = relu("    x = same(x)\n") + (
        "\ndef same(x):\n    return x if x.size < 10**7 else 2 * x\n"
        "\ndef unused(x):\n    return 3 * x if x.size < 10**7 else x\n"
    )
    report = check_text(text, tmp_path)
    assert told(report, "relu_forward") == ["2 * x unless x.size < 10 ** 7"]
    assert told(report, "relu_backward") == []


CLASS = """
import numpy as np

class Base:
    def scale(self):
        if self.x.size > 10**7:
            return 2.0
        return 1

class ReLU(Base):
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0) * self.scale()

    def backward(self, dout):
        if dout.size == 10**7 + 1: dout = 2 * dout
        return dout * (self.x > 0)
"""
FUNCTIONAL = """
import numpy as np

def softmax(x, dim=-1):
    shares = np.exp(x - x.max(axis=dim, keepdims=True))
    out = shares / shares.sum(axis=dim, keepdims=True)
    if x.size > 10**7:
        out = out + 1
    return out, (out, dim)

def softmax_backward(dout, cache):
    out, dim = cache
    return out * (dout - (dout * out).sum(axis=dim, keepdims=True))
"""


def test_methods_and_functions_with_attributes_are_followed_too(tmp_path: Path) -> None:
    report = check_text(CLASS, tmp_path)
    assert told(report, "ReLU.forward") == ["if self.x.size > 10 ** 7"]
    assert told(report, "ReLU.backward") == ["if dout.size == 10 ** 7 + 1"]
    assert told(check_text(FUNCTIONAL, tmp_path), "softmax") == ["if x.size > 10 ** 7"]


def test_a_notebook_tells_the_lines_of_its_cells(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": relu(FAR)}
    first = {"cell_type": "code", "source": "import numpy as np"}
    path = tmp_path / "homework.ipynb"
    path.write_text(json.dumps({"cells": [first, cell], "nbformat": 4, "metadata": {}}))
    (found,) = check_of(check_file(path, Options()), "relu_forward").never_run
    assert (found.first, found.last) == (6, 7)
    assert found.what == "cell 2, if x.size > 10 ** 7"


# ---------------------------------------------------------------------- modules


def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, **options: object) -> Report:
    name = f"followed_{abs(hash((text, str(options))))}"
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        return check(name, Options(oracles=(), grid="quick", **options))  # type: ignore[arg-type]
    finally:
        sys.modules.pop(name, None)


MODULE = """
import functools
import numpy as np

def logged(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        return function(*args, **kwargs)
    return call

@logged
def relu(x):
{body}
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""


def test_a_module_is_followed_in_its_own_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = module(tmp_path, monkeypatch, MODULE.format(body=FAR.rstrip()))
    (found,) = check_of(report, "relu").never_run
    assert report.passed
    assert (found.first, found.last, found.what) == (14, 15, "if x.size > 10 ** 7")
    assert found.file.startswith("followed_")
    strict = module(tmp_path, monkeypatch, MODULE.format(body=FAR.rstrip()), strict=True)
    assert check_of(strict, "relu").verdict == "incomplete"


def test_a_mistake_of_a_module_is_hunted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "    if len(x) == 23: x = 2 * x"
    assert check_of(module(tmp_path, monkeypatch, MODULE.format(body=body)), "relu").failed


def test_a_module_is_afterwards_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "left_alone.py").write_text(MODULE.format(body="    x = x if len(x) else x"))
    monkeypatch.syspath_prepend(str(tmp_path))
    import left_alone  # type: ignore[import-not-found]

    before = left_alone.relu.__wrapped__.__code__, sorted(vars(left_alone))
    check("left_alone", Options(oracles=(), grid="quick"))
    assert (left_alone.relu.__wrapped__.__code__, sorted(vars(left_alone))) == before


# ---------------------------------------------------------------------- hostile files


def test_who_traces_or_forges_what_ran_gains_no_pass(tmp_path: Path) -> None:
    forging = """
        import sys
        import numpy as np

        sys.settrace(lambda *_: None)
        {forge}

        def relu_forward(x):
            sys.settrace(None)
            if x.size > 10**7:
                x = 2 * x
            return np.maximum(x, {least}), x

        def relu_backward(dout, cache):
            return dout * (cache > 0)
        """
    forge = "def __layercheck_ran__(number): raise SystemExit"
    text = textwrap.dedent(forging)
    assert check_text(text.format(forge="", least=0), tmp_path).passed
    assert not check_text(text.format(forge="", least=1), tmp_path).passed
    assert not check_text(text.format(forge=forge, least=0), tmp_path).passed
    forge = "__layercheck_ran__ = {}.get"
    report = check_text(text.format(forge=forge, least=1), tmp_path)
    assert check_of(report, "relu_forward").verdict == "wrong"


# ---------------------------------------------------------------------- fills that name a number


@pytest.mark.parametrize("fill", ["near:-1000", "some:1e-08", "weights:1"])
def test_a_fill_that_names_a_number_replays_to_the_same_bits(fill: str) -> None:
    text = f"affine x=3x4 w=4x5 b=5 dtype=float32 fill={fill} seed=7"
    first, second = parse(text), parse(str(parse(text)))
    assert str(first) == text
    for name, value in first.inputs.items():
        assert value.tobytes() == second.inputs[name].tobytes()
    number = float(fill.partition(":")[2])
    array = first.inputs["w" if fill.startswith("weights") else "x"]
    assert (array == array.dtype.type(number)).any()


@pytest.mark.parametrize("fill", ["near", "near:", "near:far", "near:inf", "far:3"])
def test_a_fill_that_is_none_is_refused(fill: str) -> None:
    with pytest.raises(UsageError, match="near:NUMBER"):
        parse(f"relu x=3x4 dtype=float32 fill={fill} seed=7")


DECORATED = """
import functools
import numpy as np

{decorator}

{mark}
def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
WRAPPED = """
        @functools.wraps(f)
        def g(x):
            out, cache = f(x)
            return {out}, cache
        return g
"""
DECORATORS = {
    "plain": ("def keep(f):" + WRAPPED.replace("\n    ", "\n"), "@keep"),
    "made by a call": (f"def keep(*kinds):\n    def made(f):{WRAPPED}    return made", "@keep(1)"),
    "with or without a call": (
        f"def keep(f=None, n=1):\n    def made(f):{WRAPPED}"
        "    return made if f is None else made(f)",
        "@keep",
    ),
}
SEEN = {"out": True, "out * 1": True, "out * (1 + (len(x) == 70))": False}


@pytest.mark.parametrize("kind", DECORATORS)
@pytest.mark.parametrize("out", SEEN)
def test_of_a_decorator_what_runs_later_is_followed(kind: str, out: str, tmp_path: Path) -> None:
    """Nothing of what ran when the file was loaded is told, and a number in the wrapper is met."""
    decorator, mark = DECORATORS[kind]
    text = DECORATED.format(decorator=decorator.format(out=out), mark=mark)
    check = check_of(check_text(text, tmp_path), "relu_forward")
    assert check.passed is SEEN[out]
    assert check.never_run == []


# ---------------------------------------------------------------------- lambdas at the top

LATER = {
    "in a dict": ("STEPS = {{'forward': {it}}}", "STEPS['forward'](x)"),
    "in a list": ("STEPS = []\nSTEPS.append({it})", "STEPS[0](x)"),
    "put into a dict": ("STEPS = dict()\nSTEPS['forward'] = {it}", "STEPS['forward'](x)"),
    "in a call": ("twice = partial({it})", "twice(x)"),
    "with a type": ("twice: object = {it}", "twice(x)"),
    "of a class": ("class Steps:\n    forward = staticmethod({it})", "Steps.forward(x)"),
    "with a helper": ("STEPS = {{'forward': lambda x: helper(x)}}", "STEPS['forward'](x)"),
}
TOP = """
from functools import partial

import numpy as np

def helper(x):
    return x if len(x) != 23 else 2 * x

{made}

ORDER = sorted([3, 1], key=lambda n: n if n > 0 else -n)

def relu_forward(x):
    return np.maximum({used}, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""


@pytest.mark.parametrize(("made", "used"), LATER.values(), ids=LATER)
def test_a_lambda_at_the_top_is_followed_as_a_function_is(
    made: str, used: str, tmp_path: Path
) -> None:
    hidden = made.format(it="lambda x: x if len(x) != 23 else 2 * x")
    report = check_text(TOP.format(made=hidden, used=used), tmp_path)
    assert check_of(report, "relu_forward").verdict == "wrong"
    far = made.format(it="lambda x: x if x.size < 10**7 else 2 * x")
    text = TOP.format(made=far, used=used).replace("len(x) != 23", "x.size < 10**7")
    strict = check_text(text, tmp_path, strict=True)
    assert told(strict, "relu_forward") == ["2 * x unless x.size < 10 ** 7"]
    assert check_of(strict, "relu_forward").verdict == "incomplete"
