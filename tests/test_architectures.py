"""The grid of known networks: true sizes, nothing left out in silence, and how it is computed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from layercheck.cases.architectures import (
    MOST_ELEMENTS,
    MOST_MULTIPLICATIONS,
    Layer,
    architectures,
    layers,
    names,
)
from layercheck.cases.case import Case
from layercheck.cases.grids import GRIDS
from layercheck.cases.parse import parse
from layercheck.cli.options import choose_cases
from layercheck.errors import UsageError
from layercheck.implementations.protocol import Answer
from layercheck.judging.bounds import Bound
from layercheck.judging.facts import facts
from layercheck.judging.measure import EXTENDED, Operand, Together, TruthError
from layercheck.reporting.verdict import PASSING
from oracles import exact
from ref_layers.conv2d_transpose import transposed_windows
from ref_layers.op import Array
from ref_layers.windows import windows

LAYERS = layers()
WIDENED = parse("conv2d x=2x32x25x23 w=64x32x3x3 b=64 padding=1")
SMALL = parse("conv2d x=1x3x15x13 w=4x3x3x3 b=4 padding=1")


def title(layer: Layer) -> str:
    return f"{layer.network} {layer.layer}"


def no_array(*shape: int) -> Array:
    """An array of a shape, which takes no memory."""
    return np.broadcast_to(np.float32(0), shape)


def output(case: Case) -> tuple[int, ...]:
    """The size of one sample's output, from the geometry alone."""
    shapes, a = case.shapes, case.all_attributes
    (_, c, *image), w = shapes["x"], shapes.get("w", ())
    if case.op == "conv2d_transpose":
        chosen = (a["padding"], a["output_padding"], a["output_size"], a["dilation"])
        win = transposed_windows(no_array(*shapes["x"]), no_array(*w), a["stride"], *chosen)
        return (w[1] * a["groups"], *win.size)
    if case.op == "concat":
        return (sum(shape[1] for shape in shapes.values()), *image)
    if case.op == "global_avg_pool":
        return (c, 1, 1)
    if case.op in ("batch_norm", "add"):
        return (c, *image)
    kernel = w[2:] or a["kernel_size"]
    stride = kernel if a["stride"] is None else a["stride"]
    win = windows(case.op, image, kernel, stride, a["padding"], a.get("dilation", 1))
    return (w[0] if w else c, *win.out)


@pytest.mark.parametrize("layer", LAYERS, ids=title)
def test_the_table_gives_the_size_that_comes_out(layer: Layer) -> None:
    assert output(layer.case(1)) == layer.out


@pytest.mark.parametrize("layer", LAYERS, ids=title)
def test_two_samples_are_left_out_only_where_they_are_too_many(layer: Layer) -> None:
    fits = layer.multiplications(2) <= MOST_MULTIPLICATIONS and layer.elements(2) <= MOST_ELEMENTS
    assert layer.batches == ((1, 2) if fits else (1,))


def test_every_network_is_there() -> None:
    networks = ["LeNet-5", "AlexNet", "VGG-16", "GoogLeNet", "ResNet-18", "ResNet-50", "U-Net"]
    assert list(dict.fromkeys(layer.network for layer in LAYERS)) == [*networks, "DCGAN"]


@pytest.mark.parametrize("network", ["LeNet-5", "AlexNet", "VGG-16"])
def test_each_layer_takes_what_the_one_before_it_gives(network: str) -> None:
    chain = [layer for layer in LAYERS if layer.network == network]
    for before, after in pairwise(chain):
        assert after.case(1).shapes["x"][1:] == before.out


def test_no_case_stands_twice_and_every_one_has_a_name() -> None:
    texts = [str(case) for case in architectures()]
    assert len(set(texts)) == len(texts)
    assert list(names()) == texts
    assert {case.dtype for case in architectures()} == {"float32"}


def test_the_multiplications_are_those_of_the_formula() -> None:
    first = next(layer for layer in LAYERS if layer.network == "LeNet-5")
    assert first.multiplications(1) == 28 * 28 * 6 * 25  # 117,600 connections less the biases
    up = next(layer for layer in LAYERS if layer.layer == "generator 4")
    assert up.multiplications(2) == 2 * 32 * 32 * 128 * 3 * 25


def test_the_grid_is_found_by_its_name_and_by_op() -> None:
    chosen = list(GRIDS["architectures"](["add", "concat"]))
    assert {case.op for case in chosen} == {"add", "concat"}
    assert len(list(GRIDS["architectures"](None))) == len(architectures())


def test_the_largest_cases_are_computed_in_float64_and_say_so() -> None:
    large = exact.truth(WIDENED.question)
    assert large.arithmetic == "float64, widened"
    assert large.unit_roundoff == 2.0**-53
    assert {array.dtype for array in large.arrays.values()} == {np.dtype(np.longdouble)}


@pytest.mark.skipif(not exact.EXTENDED, reason="longdouble is float64 on this machine")
def test_float64_questions_and_smaller_cases_keep_longdouble() -> None:
    wide = exact.truth(WIDENED.question.astype(np.float64))
    assert (wide.arithmetic, wide.unit_roundoff) == ("longdouble", EXTENDED.kept)
    assert exact.truth(SMALL.question).unit_roundoff == EXTENDED.kept


def error_of_truth(array: Array, bound: Bound, truth: TruthError) -> Array:
    """How far each element of an exact array may be off."""
    whole = Together([Operand(array, array, bound, 1.0, "float32", truth)])
    return whole.error_of_truth().reshape(array.shape)


@pytest.mark.skipif(not exact.EXTENDED, reason="longdouble is float64 on this machine")
def test_float64_is_as_near_to_longdouble_as_the_widening_says() -> None:
    """The allowance for the truth's own rounding covers it, and is far below the layer's."""
    truth, known = exact.truth(WIDENED.question), facts(WIDENED)
    better = exact.truth(WIDENED.question.astype(np.float64)).arrays
    for name, array in truth.arrays.items():
        bound, off = known.bounds[name], TruthError(truth.unit_roundoff, truth.accumulated)
        allowed = error_of_truth(array, bound, off)
        assert (np.abs(array - better[name]) <= allowed).all()
        assert (allowed <= 2.0**-20 * bound.limit).all()


def test_what_storing_the_truth_cost_is_not_multiplied_by_the_terms() -> None:
    """However long its sums are: one rounding more for each number, and no more."""
    known = facts(WIDENED)
    array, bound = known.truth.arrays["dw"], known.bounds["dw"]
    stored = TruthError(2.0**-33, EXTENDED.accumulated)
    more = error_of_truth(array, bound, stored) - error_of_truth(array, bound, EXTENDED)
    assert (more <= 2.0**-33 * np.abs(array)).all()


def test_a_case_in_float64_still_rejects_trivial_answers() -> None:
    known = facts(WIDENED)
    zeros = {n: np.zeros(a.shape, np.float32) for n, a in known.truth.arrays.items()}
    assert all(c.verdict == "wrong" for c in known.compare_all("zeros", Answer(zeros)))
    rounded = {n: a.astype(np.float32) for n, a in known.truth.arrays.items()}
    assert all(c.verdict in PASSING for c in known.compare_all("rounded", Answer(rounded)))


def test_the_command_line_takes_the_grid_by_its_name() -> None:
    chosen = choose_cases(("add",), "", "C == 256", "architectures")
    assert {str(case) for case in chosen} < set(names())
    with pytest.raises(UsageError, match="architectures grid"):
        choose_cases((), "float64", "", "architectures")
