"""The words that a `Literal` or an Enum has are all that a function is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from submitted import check_of, check_text
from test_words import handed_over

import layercheck

SCALED = """
import enum
from enum import Enum, auto
from typing import Literal

import numpy as np

{before}
def interpolate(x, size: tuple[int, int], mode: {annotation} = {default}):
    {guard}
    rows, columns = (np.arange(n) * o // n for n, o in zip(size, x.shape[2:]))
    return x[:, :, rows][..., columns]
"""
WORDS = {
    "one word": ('Literal["nearest"]', '"nearest"'),
    "a string": ("\"Literal['nearest']\"", '"nearest"'),
    "optional": ('Literal["nearest"] | None', '"nearest"'),
}


@pytest.mark.parametrize("how", WORDS)
def test_a_literal_of_one_word_leaves_the_others(how: str, tmp_path: Path) -> None:
    annotation, default = WORDS[how]
    text = SCALED.format(before="", annotation=annotation, default=default, guard="")
    found = check_of(check_text(text, tmp_path), "interpolate")
    assert found.passed, found
    assert "not asked: mode=bilinear, mode=nearest-exact" in found.note


def test_a_literal_beside_any_text_leaves_none(tmp_path: Path) -> None:
    text = SCALED.format(
        before="", annotation='Literal["nearest"] | str', default='"nearest"', guard=""
    )
    assert not check_of(check_text(text, tmp_path), "interpolate").passed


LOSS = """
import enum
from enum import Enum, auto

import numpy as np

class Reduction({base}):
    {members}

def softmax_cross_entropy(x, y, reduction: {annotation} = Reduction.MEAN):
    z = x - x.max(1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    loss = np.log(np.exp(z).sum(1)) - z[np.arange(len(y)), y]
    out = loss.mean() if reduction is Reduction.MEAN else {scale}loss.sum()
    return out, (p, y, reduction)

def softmax_cross_entropy_backward(dout, cache):
    p, y, reduction = cache
    d = p - np.eye(p.shape[1], dtype=p.dtype)[y]
    return dout * (d / len(y) if reduction is Reduction.MEAN else d)
"""
ENUMS = {
    "values": ("Enum", "MEAN = 'mean'\n    SUM = 'sum'", "Reduction"),
    "names": ("enum.Enum", "MEAN = auto()\n    SUM = auto()", "Reduction"),
    "texts": ("str, Enum", "MEAN = 'mean'\n    SUM = 'sum'", '"Reduction | None"'),
}


@pytest.mark.parametrize("how", ENUMS)
@pytest.mark.parametrize("scale", ["", "2 * "])
def test_an_enum_is_asked_its_members(how: str, scale: str, tmp_path: Path) -> None:
    base, members, annotation = ENUMS[how]
    text = LOSS.format(base=base, members=members, annotation=annotation, scale=scale)
    for report in (check_text(text, tmp_path), handed_over(text, tmp_path)):
        found = report.checks[0]
        assert found.passed is not bool(scale), report.text()
        assert "reduction" in found.attributes.varied
        assert "not asked: reduction=none" in found.note


CLASS = """
import enum

import numpy as np

class Mode(enum.Enum):
    MAX = "max"
    TANH = "tanh"

class GELU:
    def __init__(self, approximate: Mode = Mode.MAX):
        self.approximate = approximate

    def forward(self, x):
        assert self.approximate is Mode.TANH, self.approximate
        inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
        return (0.5 * x * (1 + np.tanh(inner))).astype(x.dtype)
"""


def test_a_constructor_is_given_the_members_of_its_enum(tmp_path: Path) -> None:
    found = check_of(check_text(CLASS, tmp_path), "GELU.forward")
    assert found.passed, found
    assert "not asked: approximate=none" in found.note


ALIASES = {
    "an alias": ('Mode = Literal["nearest"]', "Mode"),
    "a told alias": ("Mode: typing.TypeAlias = \"Literal['nearest']\"", "Mode"),
    "an alias in quotes": ('Mode = Literal["nearest"]', '"Mode"'),
    "an optional alias": ('Mode = Literal["nearest"]', '"typing.Optional[Mode]"'),
    "an alias or none": ('Mode = Literal["nearest"]', "typing.Union[None, Mode]"),
    "an alias of an alias": ('Near = Literal["nearest"]\nMode = Near', "Mode"),
    "words of words": ('Near = Literal["nearest"]\nMode = Literal[Near]', "Mode"),
    "a remark": ("", 'typing.Annotated[Literal["nearest"], "not bilinear"]'),
    "a remark on an alias": ('Mode = Literal["nearest"]', 'typing.Annotated[Mode, "bilinear"]'),
    "an alias with a remark": ('Mode = typing.Annotated[Literal["nearest"], "how"]', "Mode"),
}


@pytest.mark.parametrize("how", ALIASES)
def test_an_alias_promises_what_it_stands_for(how: str, tmp_path: Path) -> None:
    before, annotation = ALIASES[how]
    text = SCALED.format(
        before=f"import typing\n{before}\n", annotation=annotation, default='"nearest"', guard=""
    )
    found = check_of(check_text(text, tmp_path), "interpolate")
    assert found.passed, found
    assert "not asked: mode=bilinear, mode=nearest-exact" in found.note


@pytest.mark.parametrize("how", ["an alias", "a remark on an alias"])
def test_a_handed_over_function_promises_what_its_alias_stands_for(
    how: str, tmp_path: Path
) -> None:
    before, annotation = ALIASES[how]
    text = SCALED.format(
        before=f"import typing\n{before}\n", annotation=annotation, default='"nearest"', guard=""
    )
    path = tmp_path / "scaled.py"
    path.write_text(text)
    made: dict[str, Any] = {}
    exec(compile(text, str(path), "exec"), made)
    found = check_of(layercheck.check(interpolate=made["interpolate"]), "interpolate")
    assert found.passed, found


def test_an_alias_of_a_module_beside_it_promises_the_same(tmp_path: Path) -> None:
    (tmp_path / "kinds.py").write_text('from typing import Literal\nMode = Literal["nearest"]\n')
    text = SCALED.format(
        before="from kinds import Mode\n", annotation="Mode", default='"nearest"', guard=""
    )
    found = check_of(check_text(text, tmp_path), "interpolate")
    assert found.passed, found
