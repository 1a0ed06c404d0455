"""Interpolation by cubics: what every such formula has to do, and what tells the two apart."""

from __future__ import annotations

import numpy as np
import pytest

from layercheck.cases.parse import parse
from layercheck.judging.facts import facts
from ref_layers.interpolate import interpolate, interpolate_backward

MODES = ("bicubic", "bicubic-keys")
SIZES = [((4, 5), (8, 10)), ((5, 7), (3, 4)), ((1, 3), (4, 2)), ((6, 1), (5, 9))]


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("size", "new"), SIZES)
def test_an_even_image_stays_even_and_the_backward_is_the_transpose(
    size: tuple[int, int], new: tuple[int, int], mode: str, align_corners: bool
) -> None:
    rs = np.random.RandomState(0)
    said = {"size": new, "mode": mode, "align_corners": align_corners}
    assert np.allclose(interpolate(np.full((1, 1, *size), 3.0), **said)[0], 3, rtol=1e-14)
    x, dout = rs.randn(2, 3, *size), rs.randn(2, 3, *new)
    out, cache = interpolate(x, **said)
    dx = interpolate_backward(dout, cache)
    assert np.isclose((out * dout).sum(), (x * dx).sum(), rtol=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_pixels_that_lie_on_each_other_stay(mode: str) -> None:
    x = np.random.RandomState(1).randn(1, 1, 4, 5)
    assert np.array_equal(interpolate(x, size=(4, 5), mode=mode)[0], x)
    corners = interpolate(x, size=(7, 9), mode=mode, align_corners=True)[0]
    assert np.allclose(corners[..., ::2, ::2], x, rtol=1e-14)


def test_keys_follows_parabolas_and_pytorch_does_not() -> None:
    places = np.arange(9.0)
    x = (places**2)[None, None, None]
    for mode, is_near in (("bicubic", False), ("bicubic-keys", True)):
        out = interpolate(x, size=(1, 17), mode=mode, align_corners=True)[0][0, 0, 0]
        at = np.arange(17) / 2
        inner = (at >= 2) & (at <= 6)  # where two pixels lie on both sides
        assert np.allclose(out[inner], at[inner] ** 2, rtol=1e-13) is is_near


@pytest.mark.parametrize(("mode", "slope"), [("bicubic", -0.75), ("bicubic-keys", -0.5)])
def test_a_single_bright_pixel_shows_the_cubic(mode: str, slope: float) -> None:
    x = np.zeros((1, 1, 1, 9))
    x[..., 4] = 1
    out = interpolate(x, size=(1, 33), mode=mode, align_corners=True)[0][0, 0, 0]
    d = np.abs(np.arange(33) / 4 - 4)
    inner = (slope + 2) * d**3 - (slope + 3) * d**2 + 1
    outer = slope * (d**3 - 5 * d**2 + 8 * d - 4)
    assert np.allclose(out, np.where(d <= 1, inner, np.where(d < 2, outer, 0)), atol=1e-14)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_the_exact_result_and_bounds_are_there(mode: str, dtype: str) -> None:
    known = facts(parse(f"interpolate x=1x2x3x4 size=5,6 mode={mode} dtype={dtype} seed=1"))
    assert known.truth.arrays["dx"].shape == (1, 2, 3, 4)
