"""Routes that put a question another way: along one axis, along three, in bfloat16."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from layercheck.atlas.observe import HAS_NONE, seen
from layercheck.atlas.row import Row
from layercheck.cases.parse import parse
from layercheck.implementations.protocol import Answer, Refusal
from layercheck.implementations.route import Routes
from oracles import routes

OF_OTHER_AXES = [name.removesuffix("/1d") for name in routes.names() if name.endswith("/1d")]
DRAWN = "dtype=float32 fill=normal seed=1"
OF_A_ROW = [
    "conv2d x=2x3x1x9 w=4x3x1x3 b=4 stride=2",
    "conv2d x=2x4x1x9 w=6x2x1x3 stride=1,2 padding=0,1 dilation=1,2 groups=2",
    "conv2d x=2x3x1x9 w=4x3x1x4 padding=same",
    "conv2d_transpose x=2x3x1x5 w=3x4x1x3 b=4 stride=1,2 padding=0,1 output_padding=0,1",
    "max_pool x=2x3x1x9 kernel_size=1,3 stride=2 padding=0,1 return_indices=true",
    "max_pool x=2x3x1x8 kernel_size=1,3 stride=1,2 ceil_mode=true",
    "avg_pool x=2x3x1x9 kernel_size=1,3",
    "avg_pool x=2x3x1x8 kernel_size=1,3 stride=2 padding=0,1 count_include_pad=false",
]
OF_IMAGES = [
    "conv2d x=2x4x7x6 w=6x2x3x2 b=6 stride=2,1 padding=1,0 dilation=1,2 groups=2",
    "conv2d_transpose x=2x3x4x5 w=3x4x3x2 b=4 stride=2 padding=1,0 output_padding=0,1",
    "max_pool x=2x3x7x6 kernel_size=3,2 stride=2,1 padding=1,0 dilation=1,2",
    "avg_pool x=2x3x7x6 kernel_size=3,2 stride=2,1 padding=1,0 divisor_override=5",
]
NOT_OF_A_ROW = [
    "conv2d x=2x3x2x9 w=4x3x1x3",
    "conv2d x=2x3x1x9 w=4x3x1x3 padding=1",
    "conv2d_transpose x=2x3x1x5 w=3x4x1x3 stride=2 output_padding=1",
    "conv2d_transpose x=2x3x1x5 w=3x4x1x3 stride=2 padding=same",
    "max_pool x=2x3x1x9 kernel_size=3",
]


@pytest.fixture(scope="module")
def ways() -> Iterator[Routes]:
    with Routes() as found:
        yield found


def row_of(text: str) -> Row:
    return Row("a", "b", f"{text} {DRAWN}", "edge")


def words(ways: Routes, route: str, text: str) -> str:
    row = row_of(text)
    return seen(row, ways.ask(route, row.question, row.said)).words


@pytest.mark.parametrize("text", [*OF_A_ROW, *OF_IMAGES])
@pytest.mark.parametrize("axes", ["1d", "3d"])
@pytest.mark.parametrize("family", OF_OTHER_AXES)
def test_it_is_the_same_question(ways: Routes, family: str, axes: str, text: str) -> None:
    """Whatever is answered is the definition's; torch's has all arguments of the other."""
    if not routes.is_here(family):
        pytest.skip(f"{family} is not installed")
    said = words(ways, f"{family}/{axes}", text)
    if (family == "jax" and text.startswith("avg_pool")) or (axes == "1d" and text in OF_IMAGES):
        assert said == HAS_NONE
    elif family == "torch":
        assert said == "agrees"
    elif family == "onnxruntime" and "pool" in text and "stride" not in text:
        assert said == "differs: out, without dx"  # its windows step by 1 unless it is told
    else:
        assert said.startswith(("agrees", "refuses: "))


@pytest.mark.parametrize("text", NOT_OF_A_ROW)
@pytest.mark.parametrize("family", OF_OTHER_AXES)
def test_what_changes_the_rows_is_no_question_of_one_axis(
    ways: Routes, family: str, text: str
) -> None:
    if not routes.is_here(family):
        pytest.skip(f"{family} is not installed")
    row = row_of(text)
    reply = ways.ask(f"{family}/1d", row.question, row.said)
    assert isinstance(reply, str | Refusal)
    assert isinstance(reply, str) or family == "torch" or "padding" in row.said


@pytest.mark.parametrize("family", ["torch", "tensorflow", "jax"])
def test_bfloat16_rounds_what_it_is_given_and_what_it_gives(ways: Routes, family: str) -> None:
    if not routes.is_here(family):
        pytest.skip(f"{family} is not installed")
    row = row_of("affine x=3x5 w=5x2")
    reply = ways.ask(f"{family}/bfloat16", row.question, row.said)
    assert isinstance(reply, Answer)
    assert {*reply.arrays} == {"out", "dx", "dw"}
    for value in reply.arrays.values():
        assert value.dtype == np.float32
        assert not (value.view(np.uint32) & 0xFFFF).any()  # bfloat16 has the upper half alone
    inputs = {n: v.view(np.uint32) + 0x7FFF for n, v in row.question.inputs.items()}
    x, w = ((bits >> 16 << 16).view(np.float32) for bits in inputs.values())
    assert np.abs(reply.arrays["out"] - x @ w).max() <= 2.0**-8 * (np.abs(x) @ np.abs(w)).max()
    assert f"{family}/bfloat16" not in routes.usual()


def test_every_op_of_these_routes_has_rows_that_name_them() -> None:
    from layercheck.atlas.row import rows

    for route in (f"{family}/{axes}" for family in OF_OTHER_AXES for axes in ("1d", "3d")):
        named = {row.op for row in rows() if route in row.answers}
        averages = set() if route.startswith("jax/") else {"avg_pool"}
        assert named == {"conv2d", "conv2d_transpose", "max_pool", *averages}
        assert parse(f"{OF_A_ROW[0]} {DRAWN}").op in named
