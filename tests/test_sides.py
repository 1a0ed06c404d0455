"""Paddings of four numbers: in which form a function gets them, its text says."""

from __future__ import annotations

import numpy as np
import pytest
from loaded_files import Submission, failures

import layercheck
from layercheck.errors import UsageError

PAD = '''
import numpy as np

def pad(input, {signature}):
    """{said}"""
    {first}
    return np.pad(input, ((0, 0), (0, 0), (t, b), (l, r)), constant_values=value)
'''
FORMS = {
    "torch's own order": ("pad, value=0.0", "", "l, r, t, b = pad"),
    "np.pad's order": ("pad, value=0.0", "", "t, b, l, r = tuple(pad)"),
    "pairs": ("pad, value=0.0", "", "(t, b), (l, r) = pad"),
    "pairs in another order": ("pad, value=0.0", "", "(l, r), (t, b) = pad"),
    "pairs by place": ("pad, value=0.0", "", "t, b, l, r = pad[0][0], pad[0][1], *pad[1]"),
    "by place, documented": (
        "pad, value=0.0",
        "pad: (top, bottom, left, right)",
        "t, b, l, r = pad[0], pad[1], pad[2], pad[3]",
    ),
    "other names, documented": (
        "pad, value=0.0",
        "pad: (left, right, top, bottom)",
        "p, q, u, v = pad; l, r, t, b = p, q, u, v",
    ),
    "torch's signature": (
        "pad, mode='constant', value=0.0",
        "",
        "l, r, t, b = pad[0], pad[1], pad[2], pad[3]",
    ),
    "one number as well": (
        "pad, value=0.0",
        "",
        "pad = (pad,) * 4 if isinstance(pad, int) else pad; l, r, t, b = pad",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_padding_is_given_in_the_form_in_which_it_is_taken_apart(name: str) -> None:
    signature, said, first = FORMS[name]
    submission = Submission(PAD.format(signature=signature, said=said, first=first))
    (target,) = submission.targets
    assert not failures(submission, target, 20)
    wrong = Submission(PAD.format(signature=signature, said=said, first=f"{first}; t = t + 1"))
    assert failures(wrong, wrong.targets[0], 20)


def test_four_numbers_in_an_order_that_nobody_tells_are_not_asked() -> None:
    first = "l, r, t, b = pad[0], pad[1], pad[2], pad[3]"
    submission = Submission(PAD.format(signature="pad, value=0.0", said="", first=first))
    assert not submission.targets
    told = submission.reading.not_checked["pad"]
    assert told.startswith("its argument pad is four numbers, and nothing says in which order")


def test_a_class_gets_its_padding_in_the_same_way() -> None:
    source = """
import numpy as np

class ZeroPad2d:
    def __init__(self, padding):
        self.padding = padding

    def forward(self, x):
        l, r, t, b = self.padding
        return np.pad(x, ((0, 0), (0, 0), (t, b), (l, r)))
"""
    submission = Submission(source)
    (target,) = submission.targets
    assert not failures(submission, target, 20)


def test_a_function_of_a_program_gets_its_padding_in_the_same_way() -> None:
    def pad(x, padding, value=0.0):  # type: ignore[no-untyped-def]
        left, right, top, bottom = padding
        sides = ((0, 0), (0, 0), (top, bottom), (left, right))
        return np.pad(x, sides, constant_values=value)

    def turned(x, padding, value=0.0):  # type: ignore[no-untyped-def]
        left, right, top, bottom = padding
        sides = ((0, 0), (0, 0), (bottom, top), (left, right))
        return np.pad(x, sides, constant_values=value)

    assert layercheck.check(pad=pad).passed
    assert not layercheck.check(pad=turned).passed


def four(x, w, padding):  # type: ignore[no-untyped-def]
    top, bottom, left, right = padding
    padded = np.pad(x, [(0, 0), (0, 0), (top, bottom), (left, right)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    return np.einsum("nchwkl,fckl->nfhw", windows, w)


def two(x, w, padding):  # type: ignore[no-untyped-def]
    (top, bottom), (left, right) = padding
    return four(x, w, (top, bottom, left, right))


def right_alone_lost(x, w, padding):  # type: ignore[no-untyped-def]
    top, bottom, left, right = padding
    return four(x, w, (top, bottom, left, right if left else 0))


def unsaid(x, w, padding):  # type: ignore[no-untyped-def]
    a, b, c, d = padding
    return four(x, w, (a, b, c, d))


def test_words_are_no_four_numbers() -> None:
    assert layercheck.check(conv2d=four).passed
    assert layercheck.check(conv2d=two).passed
    assert not layercheck.check(conv2d=right_alone_lost).passed


def test_a_program_is_asked_in_which_order_four_numbers_are() -> None:
    with pytest.raises(UsageError, match="is four numbers, and nothing says in which order"):
        layercheck.check(conv2d=unsaid)
