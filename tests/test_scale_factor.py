"""A size that is given as a multiple of the image's (`scale_factor=2`) is asked as that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from submitted import check_of, check_text

import layercheck
from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.submissions.profiles.target import Takes

FUNCTIONS = """
import numpy as np

def upsample(x, {argument}):
    h, w = ({name}, {name}) if isinstance({name}, int) else {name}
    return x.repeat({first}, axis=2).repeat({second}, axis=3), (h, w)

def upsample_backward(dout, cache):
    (h, w), (n, c, rows, columns) = cache, dout.shape
    return dout.reshape(n, c, rows // h, h, columns // w, w).sum(axis=(3, 5))
"""
ALONE = """
import numpy as np

def upsample(x, s):
    return x.repeat(s, axis=2).repeat(s, axis=3), s

def upsample_backward(dout, s):
    n, c, rows, columns = dout.shape
    return dout.reshape(n, c, rows // s, s, columns // s, s).sum(axis=(3, 5))
"""
CLASS = """
import numpy as np

class Upsample:
    def __init__(self, scale_factor=2):
        self.k = scale_factor

    def forward(self, x):
        return np.kron(x, np.ones((1, 1, self.k, self.k), x.dtype))

    def backward(self, grad):
        n, c, h, w = grad.shape
        return grad.reshape(n, c, h // self.k, self.k, w // self.k, self.k).sum((3, 5))
"""


def pairs(argument: str, *axes: str) -> str:
    first, second = axes or ("h", "w")
    name = argument.partition("=")[0].partition(":")[0]
    return FUNCTIONS.format(argument=argument, name=name, first=first, second=second)


@pytest.mark.parametrize("argument", ["scale_factor=2", "factor=(2, 2)", "scale: tuple[int, int]"])
@pytest.mark.parametrize("axes", [(), ("w", "h")])
def test_pairs_of_factors_are_asked_in_a_file(
    argument: str, axes: tuple[str, ...], tmp_path: Path
) -> None:
    found = check_of(check_text(pairs(argument, *axes), tmp_path), "upsample")
    assert found.compared >= 8
    assert found.attributes.varied == ["size"]
    assert found.passed is not bool(axes)


@pytest.mark.parametrize(("text", "name"), [(ALONE, "upsample"), (CLASS, "Upsample.forward")])
@pytest.mark.parametrize("wrong", [False, True])
def test_one_factor_is_asked_in_a_file(text: str, name: str, wrong: bool, tmp_path: Path) -> None:
    text = text.replace("axis=3)", "axis=3)[..., ::-1]").replace(
        "x.dtype))", "x.dtype))[..., ::-1]"
    )
    report = check_text(text if wrong else text.replace("[..., ::-1]", ""), tmp_path)
    assert check_of(report, name).compared >= 8
    assert check_of(report, name).passed is not wrong
    gradient = name.replace("forward", "backward") if "." in name else f"{name}_backward"
    assert check_of(report, gradient).compared >= 8


def scaled(x: Any, scale_factor: int) -> Any:
    return x.repeat(scale_factor, axis=2).repeat(scale_factor, axis=3)


def scaled_by_two(x: Any, scale_factor: tuple[int, int]) -> Any:
    height, width = scale_factor
    return x.repeat(height, axis=2).repeat(width, axis=3)


def scaled_last(x: Any, s: int = 2) -> Any:
    return x.repeat(s, axis=1).repeat(s, axis=2)


def turned(x: Any, scale_factor: int) -> Any:
    return np.flip(scaled(x, scale_factor), axis=3)


@pytest.mark.parametrize(
    ("function", "hints"),
    [(scaled, {}), (scaled_by_two, {}), (scaled_last, {"layout": "NHWC"})],
)
def test_factors_are_asked_of_functions_at_hand(function: Any, hints: dict[str, Any]) -> None:
    report = layercheck.check(interpolate=function, hints=hints)
    assert report.passed, report.text()
    assert report.checks[0].attributes.varied == ["size"]
    assert not layercheck.check(interpolate=turned).passed


def test_a_size_that_is_no_multiple_cannot_be_given() -> None:
    def refusal(case: Case, *forms: str) -> str:
        return Takes(factors={"size": forms}).refuses(case.shapes, case.all_attributes)

    whole = parse("interpolate x=1x1x2x3 size=4,6")
    unlike = parse("interpolate x=1x1x2x3 size=4,9")
    assert refusal(whole, "int") == ""
    assert refusal(unlike, "int", "pair") == ""
    assert refusal(unlike, "int") == "size is one multiple of the image's height and width"
    broken = parse("interpolate x=1x1x2x3 size=3,6")
    assert refusal(broken, "int", "pair") == "size is given as a whole multiple of the image's"
