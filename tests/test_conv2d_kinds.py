"""Depthwise, grouped, dilated and 1x1 convolutions are all conv2d: no further ops are needed."""

from __future__ import annotations

import numpy as np

from ref_layers.conv2d import conv2d
from ref_layers.op import Array
from ref_layers.separable_conv2d import separable_conv2d

RS = np.random.RandomState(3)


def dyadic(*shape: int) -> Array:
    """Quarters: sums of products have no rounding error, so that equality is the right test."""
    return RS.randint(-16, 17, size=shape) / 4.0


def test_depthwise_is_groups_equal_to_the_channels() -> None:
    x, w = dyadic(2, 3, 6, 7), dyadic(6, 1, 3, 2)  # multiplier 2: filters 2c and 2c + 1 read c
    out, _ = conv2d(x, w, groups=3, stride=(2, 1), padding=1)
    for f in range(6):
        alone, _ = conv2d(x[:, [f // 2]], w[[f]], stride=(2, 1), padding=1)
        assert np.array_equal(out[:, [f]], alone)


def test_grouped_is_one_convolution_for_each_group() -> None:
    x, w = dyadic(2, 6, 5, 4), dyadic(4, 3, 2, 3)
    out, _ = conv2d(x, w, groups=2)
    halves = [conv2d(x[:, 3 * g : 3 * g + 3], w[2 * g : 2 * g + 2])[0] for g in range(2)]
    assert np.array_equal(out, np.concatenate(halves, axis=1))


def test_dilated_is_a_kernel_with_zeros_between_its_taps() -> None:
    x, w = dyadic(2, 3, 9, 8), dyadic(4, 3, 3, 2)
    spread = np.zeros((4, 3, 5, 4))
    spread[:, :, ::2, ::3] = w
    assert np.array_equal(conv2d(x, w, dilation=(2, 3))[0], conv2d(x, spread)[0])


def test_1x1_is_a_matrix_product_at_every_pixel() -> None:
    x, w = dyadic(2, 3, 4, 5), dyadic(6, 3, 1, 1)
    product = np.einsum("fc,nchw->nfhw", w[:, :, 0, 0], x)
    assert np.array_equal(conv2d(x, w)[0], product)


def test_a_separable_convolution_is_one_full_convolution_of_low_rank() -> None:
    x, depth, point = dyadic(2, 3, 6, 5), dyadic(6, 1, 3, 2), dyadic(4, 6, 1, 1)
    kernels = depth.reshape(3, 2, 3, 2)  # (C, M, KH, KW)
    full = np.einsum("fcm,cmuv->fcuv", point.reshape(4, 3, 2), kernels)
    out, _ = separable_conv2d(x, depth, point, stride=2, padding=1)
    assert np.array_equal(out, conv2d(x, full, stride=2, padding=1)[0])
