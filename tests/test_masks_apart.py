"""Masks whose elements share a fate however far apart they are; right generators never do."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from layercheck.cases.parse import parse
from layercheck.judging.chance import (
    alike_by_lag,
    by_lags,
    by_rows,
    divergence,
    findings,
    together,
)
from layercheck.judging.drawn import oddities_of_calls
from layercheck.pipeline.drawn_cases import LARGE, REPEATED
from oracles.oracle import Array

Draw = Callable[[int, tuple[int, ...]], Array]
"""Numbers from 0 to 1 of a seed and a shape."""


def of(generator: type[np.random.BitGenerator]) -> Draw:
    return lambda seed, shape: np.random.Generator(generator(seed)).random(shape)


def of_python(seed: int, shape: tuple[int, ...]) -> Array:
    drawn = random.Random(seed)
    return np.array([drawn.random() for _ in range(int(np.prod(shape)))]).reshape(shape)


def permuted(seed: int, shape: tuple[int, ...]) -> Array:
    size = int(np.prod(shape))
    return np.random.RandomState(seed).permutation((np.arange(size) + 0.5) / size).reshape(shape)


def in_float32(seed: int, shape: tuple[int, ...]) -> Array:
    return np.random.default_rng(seed).random(shape, np.float32)


RIGHT: dict[str, Draw] = {
    "RandomState": lambda seed, shape: np.random.RandomState(seed).random_sample(shape),
    "PCG64": of(np.random.PCG64),
    "Philox": of(np.random.Philox),
    "SFC64": of(np.random.SFC64),
    "float32": in_float32,
    "random": of_python,
    "permutation": permuted,
}


@pytest.mark.parametrize("draw", RIGHT.values(), ids=RIGHT)
def test_right_generators_are_never_blamed(draw: Draw) -> None:
    for number, line in enumerate(LARGE * 6):
        case = parse(line)
        p = case.all_attributes["p"]
        assert not list(findings(draw(number, case.shapes["x"]) >= p, 1 - p))


@pytest.mark.parametrize("draw", RIGHT.values(), ids=RIGHT)
def test_small_masks_of_right_generators_are_never_blamed(draw: Draw) -> None:
    for seed, (shape, p) in enumerate(
        product([(1,), (2, 1), (3, 5), (40,), (33, 5), (12, 10, 4)] * 8, (0.0, 0.05, 0.5, 0.9))
    ):
        assert not list(findings(draw(seed, shape) >= p, 1 - p))


# ---------------------------------------------------------------------- masks that are wrong


def repeated(seed: int, shape: tuple[int, ...]) -> Array:
    return np.resize(np.random.RandomState(seed).random_sample(997), shape)


def shifted(seed: int, shape: tuple[int, ...]) -> Array:
    drawn = np.random.RandomState(seed).random_sample(shape)
    drawn[64:] = drawn[:-64].copy()
    return drawn


def mirrored(seed: int, shape: tuple[int, ...]) -> Array:
    drawn = np.random.RandomState(seed).random_sample(shape)
    half = len(drawn) // 2
    drawn[-half:] = drawn[:half][::-1].copy()
    return drawn


def one_column_twice(seed: int, shape: tuple[int, ...]) -> Array:
    drawn = np.random.RandomState(seed).random_sample(shape)
    drawn[:, -3] = drawn[:, 4]
    return drawn


def opposite(seed: int, shape: tuple[int, ...]) -> Array:
    drawn = np.random.RandomState(seed).random_sample(shape)
    drawn[100:] = 1 - drawn[:-100].copy()
    return drawn


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (repeated, "elements 997 apart share one fate in 24,603 of 24,603 pairs"),
        (shifted, "elements 10,240 apart share one fate"),
        (opposite, "elements 16,000 apart share one fate in 0 of 9,600 pairs"),
        (mirrored, "indices 0 and 159 of axis 0 share one fate in 160 of 160 pairs"),
        (one_column_twice, "indices 4 and 157 of axis 1 share one fate in 160 of 160 pairs"),
    ],
)
def test_elements_that_share_a_fate_far_apart_are_told(draw: Draw, words: str) -> None:
    for seed in range(5):
        told = list(findings(draw(seed, (160, 160)) >= 0.5, 0.5))
        assert any(words in one for one in told)


@pytest.mark.parametrize("p", [0.05, 0.3, 0.95])
def test_repeated_numbers_are_told_at_any_rate(p: float) -> None:
    assert any("997 apart" in one for one in by_lags(repeated(1, (100, 100)) >= p, 1 - p))


def test_two_calls_of_many_that_share_a_mask_are_told() -> None:
    outs = np.random.RandomState(1).random_sample((64, *parse(REPEATED).shapes["x"])) >= 0.5
    assert not list(oddities_of_calls(parse(REPEATED), outs.astype(float)))
    outs[50] = outs[11]
    (told,) = oddities_of_calls(parse(REPEATED), outs.astype(float))
    assert "indices 11 and 50 of the calls share one fate in 96 of 96 pairs" in told


# ---------------------------------------------------------------------- the bound


def test_pairs_at_each_lag_are_counted() -> None:
    for size in (1, 2, 3, 50, 211):
        mask = np.random.RandomState(size).random_sample(size) >= 0.4
        alike, n = alike_by_lag(mask)
        expected = [int((mask[lag:] == mask[:-lag]).sum()) for lag in range(1, size)]
        assert alike.tolist() == expected
        assert n.tolist() == list(range(size - 1, 0, -1))


@pytest.mark.parametrize("share", [0.5, 0.8, 0.1])
def test_no_count_of_pairs_is_likelier_than_its_bound(share: float) -> None:
    """Of all masks of twelve elements, each with its probability."""
    masks = np.array(list(product((0, 1), repeat=12)))
    chance = np.prod(np.where(masks, share, 1 - share), axis=1)
    for lag in range(1, 12):
        alike, n = (masks[:, lag:] == masks[:, :-lag]).sum(axis=1), 12 - lag
        for count in range(n + 1):
            beyond = alike >= count if count / n >= together(share) else alike <= count
            bound = np.exp(-n / 2 * divergence(np.array(count / n), together(share)))
            assert chance[beyond].sum() <= bound * (1 + 1e-12)


def test_a_long_axis_is_compared_at_its_lags_alone() -> None:
    mask = np.random.RandomState(1).random_sample((5000, 2)) >= 0.5
    assert not list(by_rows(mask, 0.5, 0, "axis 0"))
    assert not list(by_lags(mask, 0.5))
