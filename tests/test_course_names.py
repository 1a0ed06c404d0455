"""Functions named as CS231n's whose arguments are not the course's: asked otherwise, or listed."""

from __future__ import annotations

import pytest
from loaded_files import Submission, failures

HEAD = "import numpy as np\n"
CONV = """
def conv_forward_naive(x, w, b, stride=1, pad=0):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    v = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], axis=(2, 3))
    v = v[:, :, ::stride, ::stride]
    return np.einsum("ncijuv,fcuv->nfij", v, w) + b[:, None, None], (x, w, b, stride, pad)
"""
NORM = """
def layernorm_forward(x, gamma, beta, eps=1e-5):
    z = x - x.mean(1, keepdims=True)
    sd = np.sqrt((z * z).mean(1, keepdims=True) + eps)
    return gamma * z / sd + beta, (z / sd, sd, gamma)

def layernorm_backward(dout, cache):
    h, sd, gamma = cache
    g = dout * gamma
    dx = (g - g.mean(1, keepdims=True) - h * (g * h).mean(1, keepdims=True)) / sd
    return dx, (dout * h).sum(0), dout.sum(0)
"""
DROPOUT = """
def dropout_forward(A, keep_prob=0.5):
    D = np.random.rand(*A.shape) < keep_prob
    return A * D / keep_prob, (D, keep_prob)

def dropout_backward(dA, cache):
    D, keep_prob = cache
    return dA * D / keep_prob
"""
OTHERWISE = {
    "stride and pad": (CONV, "+ b[", "- b["),
    "eps": (NORM, "+ eps", "+ 1e-5"),
    "keep_prob": (DROPOUT, "A * D / keep_prob", "A * D / (1 - keep_prob)"),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_attributes_in_the_place_of_a_dictionary_are_given_as_such(name: str) -> None:
    source, right, wrong = OTHERWISE[name]
    submission = Submission(HEAD + source)
    assert submission.reading.profiles == ["functional"]
    for target in submission.targets:
        assert not failures(submission, target, 8)
        assert not target.unknown
    broken = Submission(HEAD + source.replace(right, wrong))
    assert failures(broken, broken.targets[0], 12)


def test_the_assignments_contract_stays() -> None:
    (target,) = Submission(HEAD + CONV).targets
    assert target.beyond


@pytest.mark.parametrize("slot", ["conv_param", "params", "p", "stride", "conv_param=None"])
def test_a_dictionary_is_one_whatever_it_is_called(slot: str) -> None:
    own = slot.partition("=")[0]
    body = f"s, p = {own}['stride'], {own}['pad']"
    submission = Submission(f"def conv_forward_naive(x, w, b, {slot}):\n    {body}\n")
    assert submission.reading.profiles == ["cs231n"]


@pytest.mark.parametrize(
    ("signature", "told"),
    [
        ("max_pool_forward_naive(x, height, width, step)", "nothing is known of its argument hei"),
        ("softmax_loss(W, x, y, reg)", "nothing is known of its argument W, reg"),
        ("dropout_forward(x, ratio=0.5)", ""),
    ],
)
def test_what_nobody_can_call_is_listed_and_not_blamed(signature: str, told: str) -> None:
    submission = Submission(f"def {signature}:\n    return x\n")
    assert submission.reading.profiles != ["cs231n"]
    if told:
        assert not submission.targets
        (reason,) = submission.reading.not_checked.values()
        assert reason.startswith(told)
        assert "layercheck.implements" in reason


def test_a_letter_is_no_attribute_where_the_course_has_a_dictionary() -> None:
    found = Submission("def conv_forward_naive(x, w, b, p):\n    return x, x").reading
    assert found.profiles == ["cs231n"]
    found = Submission("def dropout_forward(x, p):\n    return x, x").reading
    assert found.profiles == ["functional"]


LOSS = '''
def softmax_loss(scores, {labels}):
    """{said}"""
    t = {labels}
    z = scores - scores.max(1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(1, keepdims=True))
    return -(t * lp).sum() / len(z), (np.exp(lp) - t) / len(z)
'''


@pytest.mark.parametrize(
    ("labels", "said"), [("onehot", ""), ("y_one_hot", ""), ("y", "y: (N, C), one-hot labels")]
)
def test_labels_are_one_hot_where_their_name_or_the_docstring_says_so(
    labels: str, said: str
) -> None:
    submission = Submission(HEAD + LOSS.format(labels=labels, said=said))
    (target,) = submission.targets
    assert not failures(submission, target, 10)
    plain = Submission(HEAD + LOSS.format(labels="y", said=""))
    assert not plain.targets[0].options.one_hot


SVM = """
def svm_loss(x, y, {name}=1.0{more}):
    rows = np.arange(len(x))
    m = np.maximum(0, x - x[rows, y][:, None] + {margin})
    m[rows, y] = 0
    d = (m > 0).astype(x.dtype)
    d[rows, y] = -d.sum(1)
    return m.sum() / len(x), d / len(x)
"""


@pytest.mark.parametrize("name", ["margin", "delta"])
def test_an_attribute_beside_the_courses_arguments_is_varied(name: str) -> None:
    submission = Submission(HEAD + SVM.format(name=name, margin=name, more=""))
    (target,) = submission.targets
    assert "margin" not in target.takes.fixed
    assert not failures(submission, target, 20)
    fixed = Submission(HEAD + SVM.format(name=name, margin="1.0", more=""))
    assert failures(fixed, fixed.targets[0], 20)


def test_an_argument_that_nothing_is_known_of_is_told() -> None:
    source = SVM.format(name="margin", margin="margin", more=", verbose=False")
    (target,) = Submission(HEAD + source).targets
    assert target.unknown == ("verbose",)


FROM_SCRATCH = """
class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio

    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.rand(*x.shape) > self.dropout_ratio
            return x * self.mask / (1.0 - self.dropout_ratio)
        return x

    def backward(self, dout):
        return dout * self.mask / (1.0 - self.dropout_ratio)
"""


def test_the_names_of_deep_learning_from_scratch_are_known() -> None:
    submission = Submission(HEAD + FROM_SCRATCH)
    (target,) = submission.targets
    assert (target.unknown, "p" in target.takes.fixed, "training" in target.takes.fixed) == (
        (),
        False,
        False,
    )
    assert not failures(submission, target, 8)


@pytest.mark.parametrize("ending", ["fast", "im2col"])
def test_other_versions_of_the_naive_functions_are_asked_as_these_are(ending: str) -> None:
    source = CONV.replace("_naive", f"_{ending}").replace("stride=1, pad=0", "conv_param")
    source = source.replace(
        "):\n", '):\n    stride, pad = conv_param["stride"], conv_param["pad"]\n'
    )
    submission = Submission(HEAD + source)
    (target,) = submission.targets
    assert (target.forward, target.backward) == (f"conv_forward_{ending}", "")
    assert not failures(submission, target, 8)
    broken = Submission(HEAD + source.replace("+ b[", "- b["))
    assert failures(broken, broken.targets[0], 12)


def test_a_version_for_some_cases_alone_is_listed() -> None:
    source = CONV.replace("_naive", "_fast").replace("stride=1, pad=0", "conv_param")
    body = '):\n    stride, pad = conv_param["stride"], conv_param["pad"]\n    assert stride == 1\n'
    submission = Submission(HEAD + source.replace("):\n", body))
    assert not submission.targets
    assert "conv_forward_fast" in submission.reading.not_checked
