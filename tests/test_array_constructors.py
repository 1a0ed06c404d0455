"""Layers whose constructor takes the arrays, as in "Deep Learning from Scratch", sizes of two as two
arguments, and layers that keep their output, as nnfs has them."""

from __future__ import annotations

import numpy as np
import pytest
from array_layers import (
    AFFINE,
    CONV,
    DENSE,
    DROPOUT,
    HEAD,
    IN_LISTS,
    LOSS,
    NORM,
    POOL,
    RELU,
    SOFTMAX,
)
from loaded_files import Submission, failures

from layercheck.cases.case import Case
from layercheck.reporting.verdict import PASSING
from layercheck.submissions.expressible import expressible
from layercheck.submissions.profiles import classes
from layercheck.submissions.profiles.call import Call

COUNT = 12
RIGHT = {
    "affine": AFFINE,
    "lists": IN_LISTS,
    "convolution": CONV,
    "pooling": POOL,
    "norm": NORM,
    "relu": RELU,
    "dense": DENSE,
    "softmax": SOFTMAX,
}
WRONG = {
    "a bias left away": (AFFINE, " + self.b", "", "forward", "out"),
    "a gradient of b": (AFFINE, "np.sum(dout, axis=0)", "np.mean(dout, axis=0)", "backward", "db"),
    "a gradient of W": (AFFINE, "np.dot(self.x.T, dout)", "0 * self.W", "backward", "dw"),
    "a constructor": (AFFINE, "= W, b", "= W, 2 * b", "forward", "out"),
    "in lists": (IN_LISTS, "np.sum(dout, axis=0)", "1", "backward", "db"),
    "filters": (CONV, '"ncijuv,nfij->fcuv", self.v', '"ncijuv,nfij->fcuv", 2 * self.v', "", "dw"),
    "a padding": (CONV, "(p, p)))", "(p, p)), mode='edge')", "forward", "out"),
    "zeros around": (POOL, "-np.inf", "0", "forward", "out"),
    "windows that overlap": (POOL, "np.add.at(d, (n, c, *at), dout)", "d[(n, c, *at)] = dout",
                             "backward", "dx"),
    "a scale": (NORM, "np.sum(self.xn * dout", "np.sum(self.xc * dout", "backward", "dgamma"),
    "statistics": (NORM, "self.momentum * old[0] + (1 - self.momentum) * mu",
                   "(1 - self.momentum) * old[0] + self.momentum * mu", "forward", "running_mean"),
    "statistics not taken": (NORM, "= running_mean, running_var", "= None, None", "forward", "out"),
    "unlike numbers for eps": (NORM, "(self.running_var + 10e-7)", "(self.running_var + 1e-4)",
                               "forward", "out"),
    "the input's gradient": (RELU, "<= 0", "< -1", "backward", "dx"),
    "biases": (DENSE, "np.sum(dvalues, axis=0, keepdims=True)", "self.biases", "backward", "db"),
    "an output": (SOFTMAX, "self.output = e /", "self.output = 2 * e /", "forward", "out"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_layers_pass(name: str) -> None:
    submission = Submission(HEAD + RIGHT[name])
    assert len(submission.targets) == 1
    for target in submission.targets:
        assert (target.lost, target.lost_backward, target.unknown) == ("", "", ())
        assert target.backward
        assert not failures(submission, target, COUNT)


@pytest.mark.parametrize("name", WRONG)
def test_one_mistake_fails_by_its_function_and_array(name: str) -> None:
    source, right, wrong, method, array = WRONG[name]
    assert source.count(right) == 1, right
    submission = Submission(HEAD + source.replace(right, wrong))
    (target,) = submission.targets
    expected = method or ("backward" if array.startswith("d") else "forward")
    blamed = {
        (c.part, c.array)
        for case in expressible(target.op, target.takes, 40)
        for c in submission.compare(target, case)
        if c.verdict not in PASSING
    }
    assert (expected, array) in blamed
    assert array == "out" or blamed == {(expected, array)}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("self.b.reshape(1, -1, 1, 1)", "self.b"),
        ("W, b, stride=1, pad=0", "kernels, bias=None, stride=1, pad=0"),
    ],
)
def test_forms_of_the_arrays_are_found(right: str, wrong: str) -> None:
    source = CONV.replace(right, wrong)
    if "kernels" in wrong:
        source = source.replace("= W, b, stride", "= kernels.copy(), bias, stride")
        source = source.replace(" + self.b.reshape(1, -1, 1, 1)", " + own").replace(
            "        return np.einsum", "        own = 0 if self.b is None else self.b[:, None, None]"
            "\n        return np.einsum", 1)  # fmt: skip
    else:
        source = source.replace("self.db = dout.sum((0, 2, 3))",
                                "self.db = dout.sum((0, 2, 3)).reshape(self.b.shape)")  # fmt: skip
    submission = Submission(HEAD + source)
    (target,) = submission.targets
    assert not failures(submission, target, COUNT)


@pytest.mark.parametrize("order", ["2, 3, 1, 0", "1, 2, 3, 0"])
def test_filters_may_have_their_axes_in_another_order(order: str) -> None:
    axes = [int(axis) for axis in order.split(",")]
    back = ", ".join(str(axes.index(axis)) for axis in range(4))
    source = CONV.replace("= W, b, stride", f"= W.transpose({back}), b, stride").replace(
        "nfij->fcuv\", self.v, dout)", f"nfij->fcuv\", self.v, dout).transpose({order})"
    )  # fmt: skip
    submission = Submission(HEAD + source)
    (target,) = submission.targets
    assert not failures(submission, target, COUNT)


def test_a_weight_of_the_other_order_is_found_where_it_is_square_too() -> None:
    source = (
        AFFINE.replace("self.x, self.W)", "self.x, self.W.T)")
        .replace("np.dot(self.x.T, dout)", "np.dot(dout.T, self.x)")
        .replace("dout, self.W.T)", "dout, self.W)")
    )
    submission = Submission(HEAD + source)
    (target,) = submission.targets
    assert not failures(submission, target, 40)


# ---------------------------------------------------------------------- what the text says


def test_a_momentum_without_a_default_is_what_it_multiplies() -> None:
    source = NORM.replace("beta, momentum=0.9,", "beta, momentum,")
    source = source.replace("            old = self.running_mean, self.running_var\n", "")
    source = source.replace("old[0]", "self.running_mean").replace("old[1]", "self.running_var")
    source = source.replace("running_mean=None, running_var=None", "running_mean, running_var")
    submission = Submission(HEAD + source)
    (target,) = submission.targets
    assert target.options.momentum == "decay"
    assert not failures(submission, target, COUNT)


def test_a_session_counts_its_momentum_anew_each_time() -> None:
    submission = Submission(HEAD + NORM)
    (target,) = submission.targets
    case = next(c for c in expressible(target.op, target.takes, 40) if is_trained(c))
    inputs = {name: value.copy() for name, value in case.inputs.items()}
    call = Call(case.op, inputs, case.all_attributes)
    session = classes.open_session(submission.namespace, call, target)
    first, second = session.forward(), session.forward()
    np.testing.assert_array_equal(first["running_mean"], second["running_mean"])


def is_trained(case: Case) -> bool:
    known = case.all_attributes
    return "running_mean" in case.inputs and known["training"] and known["momentum"] != 0.5


def test_a_number_for_eps_is_told() -> None:
    (target,) = Submission(HEAD + NORM).targets
    assert "eps is 1e-06, which no argument changes" in target.defaults
    (chosen,) = Submission(HEAD + NORM.replace("momentum=0.9", "momentum=0.9, eps=1e-5")).targets
    assert chosen.options.epsilon is None


def test_a_pooling_is_what_its_text_does() -> None:
    average = POOL.replace("v.max(-1)", "v.mean(-1)").replace("v.argmax(-1)", "None")
    found = [Submission(HEAD + source).targets[0].op for source in (POOL, average)]
    assert found == ["max_pool", "avg_pool"]
    both = Submission(HEAD + POOL.replace("return v.max(-1)", "return v.mean(-1)"))
    assert not both.targets
    (reason,) = both.reading.not_checked.values()
    assert reason.startswith("its text does not say which pooling it is")
    assert "layercheck.implements" in reason


@pytest.mark.parametrize(
    "signature",
    [
        "n_in, n_out, weights=None, bias=None",
        "in_features, out_features, bias=True",
        "kernel, size",
    ],
)
def test_sizes_and_flags_are_no_arrays(signature: str) -> None:
    head = f"class Linear:\n    def __init__(self, {signature}):\n        self.W = None\n"
    reading = Submission(head + "    def forward(self, x):\n        return x\n")
    assert all(not target.options.arrays for target in reading.targets)


def test_what_is_not_understood_is_listed() -> None:
    source = HEAD + AFFINE.replace("W, b)", "W, b, regularizer)", 1)
    submission = Submission(source)
    assert not submission.targets
    (reason,) = submission.reading.not_checked.values()
    assert reason.startswith("nothing is known of __init__'s argument regularizer")


# ---------------------------------------------------------------------- two arguments for a pair

HALVES = """
def max_pool2d(x, {0}):
    v = np.lib.stride_tricks.sliding_window_view(x, ({1}, {2}), axis=(2, 3))
    return v[:, :, ::{3}, ::{4}].max((4, 5))
"""
SPELT = [
    ("kernel_h", "kernel_w", "stride_h", "stride_w"),
    ("pool_height", "pool_width", "stride", "stride"),
    ("kh", "kw", "sh", "sw"),
    ("kH", "kW", "stride_y", "stride_x"),
    ("h_pool", "w_pool", "stride", "stride"),
]


@pytest.mark.parametrize("names", SPELT)
def test_a_size_of_two_may_be_two_arguments(names: tuple[str, ...]) -> None:
    own = ", ".join(dict.fromkeys(names))
    submission = Submission(HEAD + HALVES.format(own, *names))
    (target,) = submission.targets
    assert not failures(submission, target, COUNT)
    swapped = Submission(HEAD + HALVES.format(own, names[1], names[0], *names[2:]))
    assert failures(swapped, swapped.targets[0], 30)


def test_a_backward_gets_the_halves_that_it_names() -> None:
    source = """
def avg_pool2d(x, kh, kw):
    v = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))
    return v[:, :, ::kh, ::kw].mean((4, 5))

def avg_pool2d_backward(dout, x, kh, kw):
    dx = np.zeros_like(x)
    g = np.repeat(np.repeat(dout, kh, 2), kw, 3) / dout.dtype.type(kh * kw)
    dx[:, :, : g.shape[2], : g.shape[3]] = g
    return dx
"""
    submission = Submission(HEAD + source)
    (target,) = submission.targets
    assert target.takes.kinds["kernel_size"] == ["int", "pair"]
    assert not failures(submission, target, COUNT)


# ---------------------------------------------------------------------- kept outputs


def test_a_loss_is_given_back_its_own_probabilities() -> None:
    submission = Submission(HEAD + LOSS)
    target = submission.target("Activation_Softmax_Loss_CategoricalCrossentropy.forward")
    assert target.beyond
    assert failures(submission, target, COUNT).keys() <= {target.forward}
    wrong = Submission(HEAD + LOSS.replace("self.dinputs / samples", "self.dinputs"))
    broken = failures(wrong, wrong.target(target.forward), COUNT)
    assert target.backward in broken


def test_a_dropout_without_training_keeps_no_mask() -> None:
    (target,) = Submission(HEAD + DROPOUT).targets
    assert target.takes.forward_only == {"training": False}
    assert target.options.kept == "output"


def test_a_forward_that_keeps_and_returns_nothing_is_not_implemented_without_it() -> None:
    (target,) = Submission(HEAD + RELU.replace("self.output", "self.hidden")).targets
    assert target.options.kept == ""
