"""The layers by themselves: errors with the data in them, empty batches, indices, any dtype."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import framework

from layercheck.cases.parse import parse
from layercheck.cases.quick import quick
from layercheck.cases.standard import standard
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer
from layercheck.judging.facts import facts
from layercheck.judging.judge import judge
from ref_layers import OPS
from ref_layers.add import add
from ref_layers.affine import affine
from ref_layers.arrays import CHUNK_BYTES
from ref_layers.avg_pool import avg_pool
from ref_layers.batch_norm import batch_norm, batch_norm_backward
from ref_layers.batch_norm_1d import batch_norm_1d
from ref_layers.concat import concat
from ref_layers.conv2d import conv2d, conv2d_backward
from ref_layers.conv2d_transpose import conv2d_transpose, conv2d_transpose_backward
from ref_layers.dropout import dropout
from ref_layers.elu import elu, elu_backward
from ref_layers.flatten import flatten
from ref_layers.gelu import gelu
from ref_layers.global_avg_pool import global_avg_pool
from ref_layers.group_norm import group_norm, group_norm_backward
from ref_layers.instance_norm import instance_norm
from ref_layers.layer_norm import layer_norm
from ref_layers.log_softmax import log_softmax
from ref_layers.max_pool import max_pool, max_pool_backward
from ref_layers.op import Array, Op
from ref_layers.pad import pad
from ref_layers.rms_norm import rms_norm
from ref_layers.separable_conv2d import separable_conv2d
from ref_layers.soft_cross_entropy import soft_cross_entropy, soft_cross_entropy_backward
from ref_layers.softmax import softmax
from ref_layers.softmax_cross_entropy import softmax_cross_entropy, softmax_cross_entropy_backward
from ref_layers.softplus import softplus
from ref_layers.svm_loss import svm_loss
from ref_layers.windows import count, windows


def draw(*shape: int) -> Array:
    return np.random.RandomState(0).standard_normal(shape)


X = draw(2, 6, 7, 5)


SCORES, LABELS = draw(3, 4), np.array([0, 3, 2])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: add(X, X[0]), "add y: got (6, 7, 5), expected the shape of x, (2, 6, 7, 5)"),
        (lambda: concat(X[0, 0, 0], X[0, 0, 0]), "concat x: got (5,), expected (N, C, ...)"),
        (lambda: concat(X, X[:1]), "concat: got (1, 6, 7, 5), expected (2, 6, 7, 5) but for axis 1"),
        (lambda: concat(X, X, X[..., 1:]), "concat: got (2, 6, 7, 4), expected (2, 6, 7, 5) but for axis 1"),
        (lambda: affine(X[0, 0, 0, 0], draw(1, 4)), "affine x: got (), expected (N, ...)"),
        (lambda: affine(X, draw(210, 4)[0]), "affine w: got (4,), expected (210, M) for x (2, 6, 7, 5)"),
        (lambda: affine(X, draw(209, 4)), "affine w: got (209, 4), expected (210, M) for x (2, 6, 7, 5)"),
        (lambda: affine(X, draw(210, 4), draw(5)), "affine b: got (5,), expected (4,)"),
        (lambda: avg_pool(X[0], kernel_size=2), "avg_pool x: got (6, 7, 5), expected (N, C, H, W)"),
        (lambda: avg_pool(X, kernel_size=(3, 2), padding=(1, 2)), "avg_pool padding: got ((1, 1), (2, 2)), expected at most half of the kernel (3, 2)"),
        (lambda: avg_pool(X, kernel_size=2, divisor_override=0), "avg_pool divisor_override: got 0, expected None or an integer other than 0"),
        (lambda: avg_pool(X, kernel_size=2, divisor_override=1.5), "avg_pool divisor_override: got 1.5, expected None or an integer other than 0"),
        (lambda: avg_pool(X, kernel_size=8), "avg_pool: kernel (8, 8) is larger than the padded input (7, 5); use a smaller kernel or more padding"),
        (lambda: batch_norm(X[0, 0, 0]), "batch_norm x: got (5,), expected (N, C), (N, C, L) or (N, C, H, W)"),
        (lambda: batch_norm(X[None]), "batch_norm x: got (1, 2, 6, 7, 5), expected (N, C), (N, C, L) or (N, C, H, W)"),
        (lambda: batch_norm(X, draw(5)), "batch_norm gamma: got (5,), expected (6,)"),
        (lambda: batch_norm(X, beta=draw(6, 1)), "batch_norm beta: got (6, 1), expected (6,)"),
        (lambda: batch_norm(X, running_mean=draw(5), running_var=draw(6)), "batch_norm running_mean: got (5,), expected (6,)"),
        (lambda: batch_norm(X, running_mean=draw(6), running_var=draw(7)), "batch_norm running_var: got (7,), expected (6,)"),
        (lambda: batch_norm(X, running_mean=draw(6)), "batch_norm: got one of running_mean and running_var, expected both or neither"),
        (lambda: batch_norm(X, running_var=draw(6)), "batch_norm: got one of running_mean and running_var, expected both or neither"),
        (lambda: batch_norm(X, training=False), "batch_norm: got training=False without statistics, expected running_mean and running_var"),
        (lambda: batch_norm(X[:1, :, :1, :1]), "batch_norm x: got (1, 6, 1, 1): 1 for each channel, expected at least 2 values for each channel in training"),
        (lambda: batch_norm(X[:, :0]), "batch_norm x: got (2, 0, 7, 5): 0 for each channel, expected at least 2 values for each channel in training"),
        (lambda: batch_norm_1d(X), "batch_norm_1d x: got (2, 6, 7, 5), expected (N, C) or (N, C, L)"),
        (lambda: batch_norm_1d(X[0, 0, 0]), "batch_norm_1d x: got (5,), expected (N, C) or (N, C, L)"),
        (lambda: conv2d(X[0], draw(4, 6, 3, 3)), "conv2d x: got (6, 7, 5), expected (N, C, H, W)"),
        (lambda: conv2d(X, draw(4, 6, 3)), "conv2d w: got (4, 6, 3), expected (F, C/groups, KH, KW)"),
        (lambda: conv2d(X, draw(4, 5, 3, 3)), "conv2d w: got (4, 5, 3, 3), expected (F, 6, KH, KW) for x (2, 6, 7, 5) and groups 1"),
        (lambda: conv2d(X, draw(4, 2, 3, 3), groups=2), "conv2d w: got (4, 2, 3, 3), expected (F, 3, KH, KW) for x (2, 6, 7, 5) and groups 2"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), draw(5)), "conv2d b: got (5,), expected (4,)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), groups=0), "conv2d groups: got 0, expected a divisor of C = 6 and of F = 4"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), groups=-1), "conv2d groups: got -1, expected a divisor of C = 6 and of F = 4"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), groups=3), "conv2d groups: got 3, expected a divisor of C = 6 and of F = 4"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), groups=4), "conv2d groups: got 4, expected a divisor of C = 6 and of F = 4"),
        (lambda: conv2d(X, draw(4, 6, 8, 3)), "conv2d: kernel (8, 3) is larger than the padded input (7, 5); use a smaller kernel or more padding"),
        (lambda: conv2d(X, draw(4, 6, 3, 6)), "conv2d: kernel (3, 6) is larger than the padded input (7, 5); use a smaller kernel or more padding"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), dilation=(4, 1)), "conv2d: kernel (3, 3), dilated to (9, 3) is larger than the padded input (7, 5); use a smaller kernel or more padding"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=0), "stride: got 0, expected integers >= 1"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=(1, 0)), "stride: got (1, 0), expected integers >= 1"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=(1, 2, 3)), "stride: got (1, 2, 3), expected an int or a pair (height, width)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride="12"), "stride: got '12', expected an int or a pair (height, width)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=b"12"), "stride: got b'12', expected an int or a pair (height, width)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride={1, 2}), "stride: got {1, 2}, expected an int or a pair (height, width)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=True), "stride: got True, expected an int or a pair (height, width)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=1.5), "stride: got 1.5, expected an int or a pair (height, width)"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), stride=(1.5, 1)), "stride: got (1.5, 1), expected integers >= 1"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), dilation=0), "dilation: got 0, expected integers >= 1"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), padding=-1), "padding: got -1, expected integers >= 0"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), padding=((0, 1), (-1, 0))), "padding: got (-1, 0), expected integers >= 0"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), padding=(1, (2, 3))), "padding: got (1, (2, 3)), expected integers >= 0"),
        (lambda: conv2d(X, draw(4, 6, 3, 3), padding="full"), 'padding: got \'full\', expected an int, (h, w), ((top, bottom), (left, right)), "valid", "same" or "same_lower"'),
        (lambda: OPS["conv2d"].name_gradients((X, X), ["x"]), "2 gradients; expected (dx, dw, db)"),
        (lambda: conv2d_transpose(X[0], draw(6, 4, 3, 3)), "conv2d_transpose x: got (6, 7, 5), expected (N, C, H, W)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3)), "conv2d_transpose w: got (6, 4, 3), expected (6, F/groups, KH, KW) for x (2, 6, 7, 5)"),
        (lambda: conv2d_transpose(X, draw(4, 6, 3, 3)), "conv2d_transpose w: got (4, 6, 3, 3), expected (6, F/groups, KH, KW) for x (2, 6, 7, 5)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), draw(5)), "conv2d_transpose b: got (5,), expected (4,)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), draw(4), groups=2), "conv2d_transpose b: got (4,), expected (8,)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), groups=0), "conv2d_transpose groups: got 0, expected a divisor of C = 6"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), groups=4), "conv2d_transpose groups: got 4, expected a divisor of C = 6"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), padding="full"), 'padding: got \'full\', expected an int, (h, w), ((top, bottom), (left, right)), "valid", "same" or "same_lower"'),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), stride=0), "stride: got 0, expected integers >= 1"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), dilation=0), "dilation: got 0, expected integers >= 1"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), output_padding=-1), "output_padding: got -1, expected integers >= 0"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), output_size=(0, 9)), "output_size: got (0, 9), expected integers >= 1"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), stride=2, output_padding=2), "conv2d_transpose: got output size (17, 13): output_padding (2, 2), expected output_padding from (0, 0) to less than max(stride, dilation) = (2, 2)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), stride=2, output_padding=1, padding="same"), "conv2d_transpose output_padding: got 1, expected 0 where output_size None or padding 'same' gives the size"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), stride=2, output_padding=1, padding="same_lower"), "conv2d_transpose output_padding: got 1, expected 0 where output_size None or padding 'same_lower' gives the size"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), stride=2, output_padding=1, output_size=(15, 11)), "conv2d_transpose output_padding: got 1, expected 0 where output_size (15, 11) or padding 0 gives the size"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), output_size=(99, 99)), "conv2d_transpose: got output size (99, 99): output_padding (90, 92), expected output_padding from (0, 0) to less than max(stride, dilation) = (1, 1)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), output_size=(8, 7)), "conv2d_transpose: got output size (8, 7): output_padding (-1, 0), expected output_padding from (0, 0) to less than max(stride, dilation) = (1, 1)"),
        (lambda: conv2d_transpose(X, draw(6, 4, 1, 1), padding=9), "conv2d_transpose: got output size (-11, -13), expected at least (1, 1); use less padding"),
        (lambda: conv2d_transpose(X, draw(6, 4, 1, 1), padding=(3, 3)), "conv2d_transpose: got output size (1, -1), expected at least (1, 1); use less padding"),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), stride=2, padding="same", output_size=(15, 10)), 'conv2d_transpose output_size: got (15, 10), expected a size whose "same" windows at stride (2, 2) number (7, 5)'),
        (lambda: conv2d_transpose(X, draw(6, 4, 3, 3), stride=2, padding="same", output_size=(14, 8)), 'conv2d_transpose output_size: got (14, 8), expected a size whose "same" windows at stride (2, 2) number (7, 5)'),
        (lambda: dropout(X, p=-0.5), "dropout p: got -0.5, expected a probability from 0 to 1"),
        (lambda: dropout(X, p=1.5), "dropout p: got 1.5, expected a probability from 0 to 1"),
        (lambda: dropout(X, X[0]), "dropout mask: got (6, 7, 5), expected (2, 6, 7, 5)"),
        (lambda: flatten(X, start_dim=-1), "flatten start_dim: got -1, expected 0 to 3 for x (2, 6, 7, 5)"),
        (lambda: flatten(X, start_dim=4), "flatten start_dim: got 4, expected 0 to 3 for x (2, 6, 7, 5)"),
        (lambda: flatten(X, start_dim=1.0), "flatten start_dim: got 1.0, expected 0 to 3 for x (2, 6, 7, 5)"),
        (lambda: flatten(X, start_dim=2, channels_last=True), "flatten start_dim: got 2, expected 1 with channels_last"),
        (lambda: gelu(X, approximate="erf"), 'gelu approximate: got erf, expected "none" or "tanh"'),
        (lambda: global_avg_pool(X[0]), "global_avg_pool x: got (6, 7, 5), expected (N, C, H, W) with H, W >= 1"),
        (lambda: global_avg_pool(X[:, :, :0]), "global_avg_pool x: got (2, 6, 0, 5), expected (N, C, H, W) with H, W >= 1"),
        (lambda: global_avg_pool(X[..., :0]), "global_avg_pool x: got (2, 6, 7, 0), expected (N, C, H, W) with H, W >= 1"),
        (lambda: group_norm(X[0, 0, 0], num_groups=1), "group_norm x: got (5,), expected (N, C, ...)"),
        (lambda: group_norm(X, num_groups=0), "group_norm num_groups: got 0, expected a divisor of C = 6"),
        (lambda: group_norm(X, num_groups=-1), "group_norm num_groups: got -1, expected a divisor of C = 6"),
        (lambda: group_norm(X, num_groups=4), "group_norm num_groups: got 4, expected a divisor of C = 6"),
        (lambda: group_norm(X, num_groups=2.0), "group_norm num_groups: got 2.0, expected a divisor of C = 6"),
        (lambda: group_norm(X, draw(5), num_groups=2), "group_norm gamma: got (5,), expected (6,)"),
        (lambda: group_norm(X, beta=draw(6, 1), num_groups=2), "group_norm beta: got (6, 1), expected (6,)"),
        (lambda: instance_norm(X[0, 0]), "instance_norm x: got (7, 5), expected (N, C, L) or (N, C, H, W)"),
        (lambda: instance_norm(X[..., :1, :1]), "instance_norm x: got (2, 6, 1, 1): 1 position(s) a channel, expected at least 2 positions a channel"),
        (lambda: instance_norm(X, draw(5)), "instance_norm gamma: got (5,), expected (6,)"),
        (lambda: instance_norm(X, beta=draw(6, 1)), "instance_norm beta: got (6, 1), expected (6,)"),
        (lambda: layer_norm(X[0, 0, 0]), "layer_norm x: got (5,), expected (N, ...)"),
        (lambda: layer_norm(X, normalized_dims=0), "layer_norm normalized_dims: got 0, expected 1 to 3 for x (2, 6, 7, 5)"),
        (lambda: layer_norm(X, normalized_dims=4), "layer_norm normalized_dims: got 4, expected 1 to 3 for x (2, 6, 7, 5)"),
        (lambda: layer_norm(X, normalized_dims=1.0), "layer_norm normalized_dims: got 1.0, expected 1 to 3 for x (2, 6, 7, 5)"),
        (lambda: layer_norm(X, draw(7), normalized_dims=1), "layer_norm gamma: got (7,), expected (5,)"),
        (lambda: layer_norm(X, beta=draw(5), normalized_dims=2), "layer_norm beta: got (5,), expected (7, 5)"),
        (lambda: rms_norm(X[0, 0, 0]), "rms_norm x: got (5,), expected (N, ...)"),
        (lambda: rms_norm(X, normalized_dims=0), "rms_norm normalized_dims: got 0, expected 1 to 3 for x (2, 6, 7, 5)"),
        (lambda: rms_norm(X, normalized_dims=4), "rms_norm normalized_dims: got 4, expected 1 to 3 for x (2, 6, 7, 5)"),
        (lambda: rms_norm(X, normalized_dims=1.0), "rms_norm normalized_dims: got 1.0, expected 1 to 3 for x (2, 6, 7, 5)"),
        (lambda: rms_norm(X, draw(7), normalized_dims=1), "rms_norm gamma: got (7,), expected (5,)"),
        (lambda: softplus(X, beta=0), "softplus beta: got 0, expected a number above 0"),
        (lambda: log_softmax(X, dim=4), "log_softmax dim: got 4, expected an axis of x (2, 6, 7, 5)"),
        (lambda: log_softmax(X, dim=-5), "log_softmax dim: got -5, expected an axis of x (2, 6, 7, 5)"),
        (lambda: softmax(X, dim=4), "softmax dim: got 4, expected an axis of x (2, 6, 7, 5)"),
        (lambda: softmax(X, dim=-5), "softmax dim: got -5, expected an axis of x (2, 6, 7, 5)"),
        (lambda: max_pool(X[0], kernel_size=2), "max_pool x: got (6, 7, 5), expected (N, C, H, W)"),
        (lambda: max_pool(X, kernel_size=0), "kernel: got 0, expected integers >= 1"),
        (lambda: max_pool(X, kernel_size=9), "max_pool: kernel (9, 9) is larger than the padded input (7, 5); use a smaller kernel or more padding"),
        (lambda: max_pool(X, kernel_size=3, padding=2), "max_pool padding: got ((2, 2), (2, 2)), expected at most half of the kernel, which spans (3, 3)"),
        (lambda: max_pool(X, kernel_size=2, padding=((0, 0), (0, 2))), "max_pool padding: got ((0, 0), (0, 2)), expected at most half of the kernel, which spans (2, 2)"),
        (lambda: max_pool(X[:, :, :1, :1], kernel_size=2, padding=1, dilation=2), "max_pool: got a window that sees nothing but padding, expected every window to see a pixel; use less padding or dilation"),
        (lambda: pad(X[0], padding=1), "pad x: got (6, 7, 5), expected (N, C, H, W)"),
        (lambda: pad(X, padding="same"), "pad padding: got 'same', expected an int, (h, w) or ((top, bottom), (left, right))"),
        (lambda: pad(X, padding=-1), "padding: got -1, expected integers >= 0"),
        (lambda: separable_conv2d(X[0], draw(12, 1, 3, 3), draw(4, 12, 1, 1)), "separable_conv2d x: got (6, 7, 5), expected (N, C, H, W)"),
        (lambda: separable_conv2d(X, draw(12, 1, 3), draw(4, 12, 1, 1)), "separable_conv2d w_depth: got (12, 1, 3), expected (6*M, 1, KH, KW)"),
        (lambda: separable_conv2d(X, draw(12, 2, 3, 3), draw(4, 12, 1, 1)), "separable_conv2d w_depth: got (12, 2, 3, 3), expected (6*M, 1, KH, KW)"),
        (lambda: separable_conv2d(X, draw(8, 1, 3, 3), draw(4, 8, 1, 1)), "separable_conv2d w_depth: got (8, 1, 3, 3), expected (6*M, 1, KH, KW)"),
        (lambda: separable_conv2d(X, draw(12, 1, 3, 3), draw(4, 12, 1)), "separable_conv2d w_point: got (4, 12, 1), expected (F, 12, 1, 1)"),
        (lambda: separable_conv2d(X, draw(12, 1, 3, 3), draw(4, 6, 1, 1)), "separable_conv2d w_point: got (4, 6, 1, 1), expected (F, 12, 1, 1)"),
        (lambda: separable_conv2d(X, draw(12, 1, 3, 3), draw(4, 12, 2, 1)), "separable_conv2d w_point: got (4, 12, 2, 1), expected (F, 12, 1, 1)"),
        (lambda: separable_conv2d(X, draw(12, 1, 3, 3), draw(4, 12, 1, 2)), "separable_conv2d w_point: got (4, 12, 1, 2), expected (F, 12, 1, 1)"),
        (lambda: separable_conv2d(X, draw(12, 1, 8, 3), draw(4, 12, 1, 1)), "conv2d: kernel (8, 3) is larger than the padded input (7, 5); use a smaller kernel or more padding"),
        (lambda: soft_cross_entropy(X, X), "soft_cross_entropy x: got (2, 6, 7, 5), expected (N, C)"),
        (lambda: soft_cross_entropy(SCORES[:, :0], SCORES[:, :0]), "soft_cross_entropy x: got (3, 0), expected (N, C)"),
        (lambda: soft_cross_entropy(SCORES, SCORES[:2]), "soft_cross_entropy y: got (2, 4), expected the shape of x, (3, 4)"),
        (lambda: soft_cross_entropy(SCORES, LABELS), "soft_cross_entropy y: got (3,), expected the shape of x, (3, 4)"),
        (lambda: soft_cross_entropy(SCORES, SCORES, draw(3)), "soft_cross_entropy weight: got (3,), expected (4,) for x (3, 4)"),
        (lambda: soft_cross_entropy(SCORES, SCORES, reduction="max"), "soft_cross_entropy reduction: got max, expected one of ('mean', 'sum', 'none')"),
        (lambda: soft_cross_entropy(SCORES, SCORES, label_smoothing=-0.5), "soft_cross_entropy label_smoothing: got -0.5, expected 0 to 1"),
        (lambda: soft_cross_entropy(SCORES, SCORES, label_smoothing=1.5), "soft_cross_entropy label_smoothing: got 1.5, expected 0 to 1"),
        (lambda: softmax_cross_entropy(X, LABELS), "softmax_cross_entropy x: got (2, 6, 7, 5), expected (N, C)"),
        (lambda: softmax_cross_entropy(SCORES[:, :0], LABELS), "softmax_cross_entropy x: got (3, 0), expected (N, C)"),
        (lambda: softmax_cross_entropy(SCORES, LABELS[:2]), "softmax_cross_entropy y: got (2,), expected (3,) for x (3, 4)"),
        (lambda: softmax_cross_entropy(SCORES, LABELS / 2), "softmax_cross_entropy y: got float64, expected whole numbers"),
        (lambda: softmax_cross_entropy(SCORES, LABELS - 1), "softmax_cross_entropy y: got label [-1], expected 0 to 3"),
        (lambda: softmax_cross_entropy(SCORES, LABELS + 1), "softmax_cross_entropy y: got label [4], expected 0 to 3"),
        (lambda: softmax_cross_entropy(SCORES, LABELS, reduction="max"), "softmax_cross_entropy reduction: got max, expected one of ('mean', 'sum', 'none')"),
        (lambda: softmax_cross_entropy(SCORES, LABELS, label_smoothing=-0.5), "softmax_cross_entropy label_smoothing: got -0.5, expected 0 to 1"),
        (lambda: softmax_cross_entropy(SCORES, LABELS, label_smoothing=1.5), "softmax_cross_entropy label_smoothing: got 1.5, expected 0 to 1"),
        (lambda: svm_loss(X, LABELS), "svm_loss x: got (2, 6, 7, 5), expected (N, C)"),
        (lambda: svm_loss(SCORES, LABELS[:2]), "svm_loss y: got (2,), expected (3,) for x (3, 4)"),
        (lambda: svm_loss(SCORES, LABELS / 2), "svm_loss y: got float64, expected whole numbers"),
        (lambda: svm_loss(SCORES, LABELS - 1), "svm_loss y: got label [-1], expected 0 to 3"),
        (lambda: svm_loss(SCORES, LABELS + 3), "svm_loss y: got label [6], expected 0 to 3"),
        (lambda: svm_loss(SCORES, LABELS, reduction="max"), "svm_loss reduction: got max, expected one of ('mean', 'sum', 'none')"),
    ],
)  # fmt: skip
def test_bad_arguments_raise_with_the_data(call: Callable[[], Any], told: str) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda: concat(draw(2, 3), draw(2, 4))[0], (2, 7)),
        (lambda: affine(draw(3), draw(1, 2))[0], (3, 2)),
        (lambda: avg_pool(X, kernel_size=3, padding=1, divisor_override=-1)[0], (2, 6, 3, 2)),
        (lambda: batch_norm(draw(2, 1))[0], (2, 1)),
        (lambda: batch_norm_1d(draw(1, 3, 2))[0], (1, 3, 2)),
        (lambda: flatten(X, start_dim=0)[0], (420,)),
        (lambda: flatten(X, start_dim=3)[0], X.shape),
        (lambda: global_avg_pool(X[..., :1, :1])[0], (2, 6, 1, 1)),
        (lambda: group_norm(draw(2, 6), num_groups=6)[0], (2, 6)),
        (lambda: instance_norm(draw(2, 3, 2))[0], (2, 3, 2)),
        (lambda: layer_norm(draw(2, 3), normalized_dims=1)[0], (2, 3)),
        (lambda: layer_norm(X, normalized_dims=3)[0], X.shape),
        (lambda: rms_norm(draw(2, 3), normalized_dims=1)[0], (2, 3)),
        (lambda: rms_norm(X, normalized_dims=3)[0], X.shape),
        (lambda: log_softmax(X, dim=-4)[0], X.shape),
        (lambda: softmax(X, dim=3)[0], X.shape),
        (lambda: soft_cross_entropy(SCORES, SCORES, label_smoothing=1)[0], ()),
        (lambda: soft_cross_entropy(SCORES, SCORES, label_smoothing=0)[0], ()),
        (lambda: soft_cross_entropy(SCORES[:, :1], SCORES[:, :1], draw(1))[0], ()),
        (lambda: softmax_cross_entropy(SCORES, LABELS, label_smoothing=1)[0], ()),
        (lambda: softmax_cross_entropy(SCORES[:, :1], 0 * LABELS)[0], ()),
        (lambda: softmax_cross_entropy(SCORES[:, :1], np.array([0, -100, 0]))[0], ()),
        (lambda: separable_conv2d(X, draw(6, 1, 7, 5), draw(4, 6, 1, 1))[0], (2, 4, 1, 1)),
    ],
)  # fmt: skip
def test_what_barely_fits_is_taken(call: Callable[[], Any], shape: tuple[int, ...]) -> None:
    assert call().shape == shape


EMPTY = np.zeros((0, 6, 7, 5))


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (lambda: conv2d(EMPTY, draw(4, 6, 3, 3), draw(4)), conv2d_backward),
        (lambda: conv2d_transpose(EMPTY, draw(6, 4, 3, 3), draw(4)), conv2d_transpose_backward),
        (lambda: max_pool(EMPTY, kernel_size=2), max_pool_backward),
        (lambda: group_norm(EMPTY, draw(6), draw(6), num_groups=2), group_norm_backward),
        (
            lambda: batch_norm(EMPTY, draw(6), draw(6), draw(6), np.ones(6), training=False),
            batch_norm_backward,
        ),
    ],
)
def test_a_batch_of_no_samples_is_allowed(
    forward: Callable[[], Any], backward: Callable[..., Any]
) -> None:
    """As in torch: an empty output, and parameter gradients of zeros."""
    out, cache = forward()
    assert out.shape[0] == 0
    grads = backward(out, cache)
    grads = grads if isinstance(grads, tuple) else (grads,)
    assert grads[0].shape == EMPTY.shape
    assert all((grad == 0).all() for grad in grads[1:])


@pytest.mark.parametrize("case", ["conv2d x=0x6x7x5 w=4x6x3x2 b=4", "max_pool x=0x6x7x5 kernel_size=2",
                                  "conv2d_transpose x=0x6x7x5 w=6x4x3x2", "group_norm x=0x6x7x5 gamma=6 beta=6 num_groups=2"])  # fmt: skip
def test_torch_answers_a_batch_of_no_samples_alike(case: str) -> None:
    asked = parse(case)
    theirs = framework("torch").answer(asked)
    ours = Module("ref_layers").answer(asked)
    assert isinstance(theirs, Answer)
    assert isinstance(ours, Answer)
    for name, value in theirs.arrays.items():
        np.testing.assert_array_equal(ours.arrays[name], value)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.25])
def test_labels_as_rows_of_0_and_1_are_labels_as_numbers(label_smoothing: float) -> None:
    named: dict[str, Any] = {"label_smoothing": label_smoothing, "reduction": "none"}
    rows = np.eye(4)[LABELS]
    soft, kept = soft_cross_entropy(SCORES, rows, **named)
    hard, cache = softmax_cross_entropy(SCORES, LABELS, **named)
    np.testing.assert_array_max_ulp(soft, hard, 4)
    dx = soft_cross_entropy_backward(draw(3), kept)
    np.testing.assert_array_max_ulp(dx, softmax_cross_entropy_backward(draw(3), cache), 16)


def test_batch_norm_in_training_rejects_a_batch_of_no_samples() -> None:
    with pytest.raises(ValueError, match="0 for each channel"):
        batch_norm(EMPTY)


# ---------------------------------------------------------------------- one text, many arithmetics


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble"])
@pytest.mark.parametrize("op", OPS)
def test_answers_keep_the_dtype_of_the_inputs(op: str, dtype: str) -> None:
    subject = Module("ref_layers")
    for case in standard(op)[::40]:
        with np.errstate(all="ignore"):
            reply = subject.answer(case, dtype)
        assert isinstance(reply, Answer), (case, reply)
        for name, value in reply.arrays.items():
            kind = np.asarray(value).dtype
            assert kind == np.dtype(dtype) or kind.kind == "i", (str(case), name)


@pytest.mark.parametrize("op", [op.name for op in OPS.values() if op.linear])
def test_linear_layers_are_exact_on_integers(op: str) -> None:
    """Dyadic values: no rounding can happen, so every order of summation gives the same bits."""
    for case in [c for c in standard(op) if c.fill == "integers"]:
        reply = Module("ref_layers").answer(case)
        assert isinstance(reply, Answer)
        assert {c.verdict for c in facts(case).compare_all("ref_layers", reply)} == {"exact"}


def whole(*shape: int) -> Array:
    """Whole numbers: sums of products have no rounding error, so that equality is the right test."""
    return np.random.RandomState(sum(shape)).randint(-8, 9, size=shape).astype(float)


@pytest.mark.parametrize(("sides", "expected"), [((1, 0), 4), ((0, 1), 3)])
def test_a_last_window_starts_inside_the_image_or_its_near_padding(
    sides: tuple[int, int], expected: int
) -> None:
    assert count(6, sides, 2, 2, ceil_mode=True) == expected


LARGER = [
    "max_pool x=2x3x2x4 kernel_size=3 stride=2 ceil_mode=true dtype=float64 seed=1",
    "max_pool x=2x3x2x5 kernel_size=4,3 stride=3,2 padding=0,1 ceil_mode=true dtype=float64 seed=1",
    "avg_pool x=2x3x2x4 kernel_size=3 stride=2 ceil_mode=true dtype=float64 seed=1",
    "avg_pool x=2x3x4x3 kernel_size=7,6 stride=4 padding=1 ceil_mode=true dtype=float64 seed=1",
]


@pytest.mark.parametrize("line", LARGER)
def test_the_only_window_may_hang_over_the_far_edge(line: str) -> None:
    """torch takes a kernel that is larger than the image by less than a stride."""
    case = parse(line)
    answers = {name: framework(name).answer(case) for name in ("torch", "tensorflow")}
    oracles = {name: framework(name) for name in answers}
    subject = Module("ref_layers")
    judged = judge(facts(case), subject, subject.answer(case), answers, oracles)
    assert judged.verdict.passes
    assert "torch" in judged.confirmed_by
    assert not judged.defects
    plain = parse(line.replace("ceil_mode=true ", ""))
    with pytest.raises(ValueError, match="is larger than the padded input"):
        subject.answer(plain)


def test_padding_leaves_the_leading_axes_alone() -> None:
    win = windows("conv2d", (2, 3), 2, 1, ((1, 0), (0, 2)), 1)
    for leading in ((), (4,), (4, 5), (4, 5, 6)):
        assert win.pad(np.ones((*leading, 2, 3))).shape == (*leading, 3, 5)


def test_chunks_of_rows_give_the_same_answer_as_one_chunk() -> None:
    """A tall image whose columns do not fit two chunks, against sums over taps in another order."""
    x, w, dout = whole(2, 8, 129, 44), whole(6, 8, 3, 5), whole(2, 6, 64, 40)
    assert x.shape[0] * 8 * 15 * 64 * 40 * 8 > 2 * CHUNK_BYTES
    out, dx, dw = np.zeros_like(dout), np.zeros_like(x), np.zeros_like(w)
    for i, j in np.ndindex(3, 5):
        seen = (slice(None), slice(None), slice(i, i + 127, 2), slice(j, j + 40))
        out += np.einsum("fc,nchw->nfhw", w[:, :, i, j], x[seen])
        dx[seen] += np.einsum("fc,nfhw->nchw", w[:, :, i, j], dout)
        dw[:, :, i, j] = np.einsum("nfhw,nchw->fc", dout, x[seen])
    ours, cache = conv2d(x, w, stride=(2, 1))
    assert np.array_equal(ours, out)
    assert all(map(np.array_equal, conv2d_backward(dout, cache)[:2], (dx, dw)))
    back, cache = conv2d_transpose(dout, w, stride=(2, 1))  # the adjoint: the same three arrays
    assert np.array_equal(back, dx)
    assert all(map(np.array_equal, conv2d_transpose_backward(x, cache)[:2], (out, dw)))


@pytest.mark.parametrize(
    "op",
    [op for op in OPS.values() if set(op.optional) & set(op.differentiable)],
    ids=lambda op: op.name,
)
def test_an_input_that_is_left_out_has_no_gradient(op: Op) -> None:
    lacking = [c.question for c in quick(op.name) if not set(op.optional) <= set(c.inputs)]
    assert lacking
    for asked in lacking:
        _, cache = op.forward(**asked.inputs, **asked.attributes)
        gradients = zip(op.differentiable, op.backward(asked.dout, cache), strict=True)
        absent = {name for name, gradient in gradients if gradient is None}
        assert absent == set(op.differentiable) - set(asked.inputs)


# ---------------------------------------------------------------------- how layers are found


def imported_anew(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in [name for name in sys.modules if name.partition(".")[0] == "ref_layers"]:
        monkeypatch.delitem(sys.modules, name)
    return importlib.import_module("ref_layers")


def test_every_file_that_ends_with_an_op_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = imported_anew(monkeypatch)
    files = sorted(Path(layers.__file__).parent.glob("*.py"))
    assert list(layers.OPS) == [f.stem for f in files if "\nOP = Op(" in f.read_text("utf-8")]
    assert all(op.name == name for name, op in layers.OPS.items())


def test_a_layer_is_its_function_and_another_file_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = imported_anew(monkeypatch)
    assert layers.windows is sys.modules["ref_layers.windows"]
    backward, forward = layers.relu_backward, layers.relu
    assert (forward, backward) == (layers.OPS["relu"].forward, layers.OPS["relu"].backward)


def test_what_no_file_has_is_no_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = imported_anew(monkeypatch)
    with pytest.raises(AttributeError) as caught:
        _ = layers.convolution
    assert str(caught.value) == "module 'ref_layers' has no attribute 'convolution'"


def test_a_library_that_a_layer_lacks_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(name: str) -> None:
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    layers = imported_anew(monkeypatch)
    monkeypatch.setattr(importlib, "import_module", lacking)
    with pytest.raises(ModuleNotFoundError, match="numpy"):
        _ = layers.relu


# ---------------------------------------------------------------------- max_pool's corners


def test_nan_wins_as_in_torch() -> None:
    x = np.array([[[[1.0, np.nan], [3.0, 2.0]]]])
    (out, indices), _ = max_pool(x, kernel_size=2, return_indices=True)
    assert np.isnan(out).all()
    assert indices.ravel().tolist() == [1]


def test_minus_infinity_is_a_value_and_not_padding() -> None:
    x = np.full((1, 1, 2, 2), -np.inf)
    (out, indices), _ = max_pool(x, kernel_size=3, padding=1, stride=2, return_indices=True)
    assert out.ravel().tolist() == [-np.inf]
    assert indices.ravel().tolist() == [0]


def test_running_statistics_are_returned_and_not_changed_in_place() -> None:
    mean, var = draw(6), np.abs(draw(6))
    before = mean.copy(), var.copy()
    (_, new_mean, new_var), _ = batch_norm(X, running_mean=mean, running_var=var, momentum=0.25)
    np.testing.assert_array_equal((mean, var), before)
    n = X.size // 6
    bound = 8 * n * 2.0**-53
    assert np.abs(new_mean - (0.75 * mean + 0.25 * X.mean(axis=(0, 2, 3)))).max() <= bound
    assert (
        np.abs(new_var - (0.75 * var + 0.25 * X.var(axis=(0, 2, 3), ddof=1))).max()
        <= bound * new_var.max()
    )


def test_softplus_is_x_itself_above_its_threshold_alone() -> None:
    """torch compares with `>`: at the threshold the logarithm still counts."""
    out, _ = softplus(np.array([3.0, 3.5]), threshold=3)
    assert out.tolist() == [3 + np.log1p(np.exp(-3.0)), 3.5]
    assert softplus(np.array([20.5]))[0] == 20.5 < softplus(np.array([20.5]), threshold=21)[0]


def test_elu_has_at_0_the_slope_that_it_has_below() -> None:
    """torch's: alpha exp(x) wherever x is not above 0."""
    _, cache = elu(np.array([0.0, 1.0]), alpha=2.0)
    assert elu_backward(np.ones(2), cache).tolist() == [2, 1]


def test_soft_cross_entropy_of_a_single_class_is_0() -> None:
    """All of its share is there, whatever the score."""
    out, cache = soft_cross_entropy(SCORES[:, :1], np.ones((3, 1)), reduction="none")
    assert np.array_equal(out, np.zeros(3))
    assert not soft_cross_entropy_backward(draw(3), cache).any()
