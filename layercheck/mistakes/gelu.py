"""What people get wrong in gelu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.gelu import Cache, by_erf, by_tanh, gelu, gelu_backward
from ref_layers.op import Array
from ref_layers.sigmoid import sigmoid
from ref_layers.special import erf


def _by(share: Array, x: Array, approximate: str) -> Any:
    return x * share, gelu(x, approximate=approximate)[1]


def approximated(x: Array, *, approximate: str = "none") -> Any:
    """The tanh approximation is used though the exact one is asked for. It is up to 5e-4 off: use
    erf where approximate is "none"."""
    return _by(by_tanh(x)[0], x, approximate)


def approximate_ignored(x: Array, *, approximate: str = "none") -> Any:
    """erf is used though the tanh approximation is asked for. Follow `approximate`."""
    return _by(by_erf(x)[0], x, approximate)


def approximated_by_sigmoid(x: Array, *, approximate: str = "none") -> Any:
    """x * sigmoid(1.702 x) is used, the cruder approximation of the paper. Use erf, or tanh."""
    return _by(sigmoid(x * 1.702)[0], x, approximate)


def silu_in_its_place(x: Array, *, approximate: str = "none") -> Any:
    """x * sigmoid(x) is silu (swish). Use erf, or tanh."""
    return _by(sigmoid(x)[0], x, approximate)


def root_of_two_missing(x: Array, *, approximate: str = "none") -> Any:
    """erf(x) stands where erf(x / sqrt(2)) belongs. Divide x by sqrt(2)."""
    return _by(0.5 * (1 + erf(x)), x, approximate)


def half_missing(x: Array, *, approximate: str = "none") -> Any:
    """The factor 1/2 is missing. P(x) is (1 + erf(x / sqrt(2))) / 2."""
    out, cache = gelu(x, approximate=approximate)
    return 2 * out, cache


def one_missing(x: Array, *, approximate: str = "none") -> Any:
    """The 1 in 1 + erf is missing. P(x) goes from 0 to 1."""
    return _by(gelu(x, approximate=approximate)[1].share - 0.5, x, approximate)


def x_missing(x: Array, *, approximate: str = "none") -> Any:
    """P(x) is returned. Multiply it by x."""
    cache = gelu(x, approximate=approximate)[1]
    return cache.share, cache


def cubic_term_missing(x: Array, *, approximate: str = "none") -> Any:
    """The term 0.044715 x^3 is missing. Add it to x inside the tanh."""
    crude = 0.5 * (1 + np.tanh(float(np.sqrt(2 / np.pi)) * x))
    return _by(crude if approximate == "tanh" else by_erf(x)[0], x, approximate)


def square_for_the_cube(x: Array, *, approximate: str = "none") -> Any:
    """0.044715 multiplies x^2. The term has x^3."""
    crude = 0.5 * (1 + np.tanh(float(np.sqrt(2 / np.pi)) * (x + 0.044715 * x * x)))
    return _by(crude if approximate == "tanh" else by_erf(x)[0], x, approximate)


def root_of_two_over_pi_missing(x: Array, *, approximate: str = "none") -> Any:
    """The factor sqrt(2 / pi) is missing inside the tanh. Multiply x + 0.044715 x^3 by it."""
    crude = 0.5 * (1 + np.tanh(x + 0.044715 * x * x * x))
    return _by(crude if approximate == "tanh" else by_erf(x)[0], x, approximate)


def promoted_to_double(x: Array, *, approximate: str = "none") -> Any:
    """float32 becomes float64. Look for np.sqrt(2.0), an np.float64, np.zeros and the like."""
    out, cache = gelu(x, approximate=approximate)
    return out * np.float64(1), cache


def constants_of_float32(x: Array, *, approximate: str = "none") -> Any:
    """sqrt(2) is rounded to float32 whatever x is, which spoils float64. Keep constants in x's
    dtype."""
    near = x * (float(np.float32(2**0.5)) / 2**0.5)
    return _by(gelu(near, approximate=approximate)[1].share, x, approximate)


def density_missing(dout: Array, cache: Cache) -> Any:
    """The term x P'(x) is missing: P(x) depends on x, too. dx = dout * (P(x) + x P'(x))."""
    return dout * cache.share


def share_missing(dout: Array, cache: Cache) -> Any:
    """The term P(x) is missing. dx = dout * (P(x) + x P'(x))."""
    return dout * cache.x * cache.slope


def density_not_times_x(dout: Array, cache: Cache) -> Any:
    """P'(x) is not multiplied by x. dx = dout * (P(x) + x P'(x))."""
    return dout * (cache.share + cache.slope)


def density_not_normed(dout: Array, cache: Cache) -> Any:
    """The density lacks 1 / sqrt(2 pi). P'(x) = exp(-x^2 / 2) / sqrt(2 pi)."""
    return dout * (cache.share + cache.x * np.exp(-0.5 * cache.x * cache.x))


def gradient_of_the_other_form(dout: Array, cache: Cache) -> Any:
    """The gradient is the exact form's though the output is approximated. Differentiate the form
    that was used."""
    return gelu_backward(dout, Cache(cache.x, *by_erf(cache.x)))


def inner_slope_missing(dout: Array, cache: Cache) -> Any:
    """The inner derivative 1 + 3 * 0.044715 x^2 of the tanh form is missing. Apply the chain
    rule."""
    x = cache.x
    slope = cache.slope / (1 + 3 * 0.044715 * x * x)
    tanh_form = np.array_equal(cache.share, by_tanh(x)[0])
    return gelu_backward(dout, cache._replace(slope=slope if tanh_form else cache.slope))


def without_dout(dout: Array, cache: Cache) -> Any:
    """The slope itself is returned. Multiply it by dout."""
    return gelu_backward(np.ones_like(dout), cache)


def gradient_of_relu(dout: Array, cache: Cache) -> Any:
    """The gradient is relu's. gelu's is P(x) + x P'(x)."""
    return np.where(cache.x > 0, dout, 0)
