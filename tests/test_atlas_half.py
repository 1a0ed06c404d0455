"""Every number of the 16-bit formats: what is told of an answer that is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import required

from layercheck.atlas import half
from layercheck.atlas.half import FORMATS, ORDER, Format, definition, measured, settings
from layercheck.atlas.half_page import page
from layercheck.cases.elementwise import activations
from layercheck.cli.commands.atlas import command
from layercheck.errors import UsageError
from layercheck.implementations.protocol import Answer, Refusal
from oracles.oracle import Array
from oracles.routes import Bits

ROOT = Path(__file__).parents[1]
HALF, BRAIN = FORMATS


def bits_of(form: Format, values: Array) -> Array:
    """The nearest numbers of a format, as they lie in memory."""
    if not form.dropped:
        return values.astype(np.float16).view(np.int16)
    wide = values.astype(np.float32).view(np.uint32).astype(np.uint64)
    odd = (wide >> 16) & 1
    return ((wide + 0x7FFF + odd) >> 16).astype(np.uint16).view(np.int16)


def test_formats_hold_the_numbers_that_they_are_said_to() -> None:
    assert HALF.values(np.array([0x3C00, 0x7BFF, 0x0001], np.int16)).tolist() == [1, 65504, 2**-24]
    assert BRAIN.values(np.array([0x3F80, 0x0001], np.int16)).tolist() == [1, 2.0**-133]
    assert HALF.largest == 65504
    assert BRAIN.largest == float(BRAIN.values(np.array([0x7F7F], np.int16))[0])
    assert HALF.last_place(np.array([1.0, 1.99, 2.0, 0.0])).tolist() == [
        2**-10,
        2**-10,
        2**-9,
        2**-24,
    ]


def test_the_activations_are_found() -> None:
    assert list(activations()) == [
        "elu",
        "gelu",
        "leaky_relu",
        "relu",
        "sigmoid",
        "silu",
        "softplus",
        "tanh",
    ]
    assert settings("gelu") == [{"approximate": "none"}, {"approximate": "tanh"}]
    assert settings("leaky_relu") == [{"negative_slope": 0.01}]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.kind)
@pytest.mark.parametrize("op", ["relu", "sigmoid"])
def test_the_exact_result_rounded_is_off_by_half_a_unit(op: str, form: Format) -> None:
    x = form.values(ORDER)
    right = definition(Bits(op, {}, form.kind, ORDER), x)["out"]
    got = form.values(bits_of(form, right))
    error, _, beyond = measured(form, x, got, right)
    assert error <= 0.5001
    assert beyond == 0
    spoilt = got.copy()
    place = int(np.flatnonzero(x == 1.5)[0])
    spoilt[place] += 3 * form.last_place(right)[place]
    error, at, beyond = measured(form, x, spoilt, right)
    assert (round(error), at, beyond) == (3, 1.5, 1)
    spoilt[place] = np.nan
    assert measured(form, x, spoilt, right)[0] == np.inf


def test_what_is_beyond_the_largest_number_may_be_infinite() -> None:
    right = np.array([70000.0, -70000.0, 1.0], np.longdouble)
    x = np.array([1.0, 2.0, 3.0], np.float32)
    assert measured(HALF, x, np.array([np.inf, -np.inf, 1.0], np.float32), right)[0] == 0
    assert measured(HALF, x, np.array([-np.inf, -np.inf, 1.0], np.float32), right)[1] == 1
    assert measured(HALF, x, np.array([np.inf, -np.inf, np.inf], np.float32), right)[1] == 3


def test_the_gradient_at_0_is_not_held_against_a_convention() -> None:
    x = HALF.values(ORDER)
    right = definition(Bits("relu", {}, "float16", ORDER), x)
    assert np.isnan(right["dx"][x == 0]).all()
    assert not np.isnan(right["dx"][x == 1]).any()


class Played:
    """In the place of the frameworks."""

    def table(self, family: str, asked: Bits) -> object:
        if family == "jax":
            return Refusal("no | kernel")
        return "has none" if family == "keras" else Answer({"out": bits_of(HALF, asked.bits * 0.0)})


def test_a_refusal_is_told_and_what_there_is_not_is_left_out() -> None:
    asked = Bits("relu", {}, "float16", ORDER)
    made = list(half.table(Played(), ["jax", "keras", "torch"], HALF, asked))  # type: ignore[arg-type]
    assert [(one.family, one.refused) for one in made] == [("jax", "no | kernel"), ("torch", "")]
    assert made[1].beyond > 30_000
    text = page(made, {"torch": "2.13.0"}, "avx2")
    assert "|  | jax | no \\| kernel |  |  |" in text
    assert "## relu, float16" in text


def test_a_framework_is_asked() -> None:
    required("torch")
    lines = list(half.lines(["torch"], ["relu"]))
    assert [(one.kind, one.array, one.error) for one in lines] == [
        ("float16", "out", 0),
        ("float16", "dx", 0),
        ("bfloat16", "out", 0),
        ("bfloat16", "dx", 0),
    ]


def test_the_page_has_every_activation_in_both_formats() -> None:
    text = (ROOT / "docs" / "atlas" / "half.md").read_text(encoding="utf-8")
    for op in activations():
        for form in FORMATS:
            assert any(
                line.startswith(f"## {op}") and line.endswith(f", {form.kind}")
                for line in text.splitlines()
            )


def test_an_op_that_is_no_activation_is_refused() -> None:
    found = CliRunner().invoke(command, ["--half", "--op", "conv2d"], standalone_mode=False)
    assert isinstance(found.exception, UsageError)
    assert "expected one of: elu" in str(found.exception)
