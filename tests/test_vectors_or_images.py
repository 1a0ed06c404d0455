"""A batch norm of vectors or of images: which, a file's text says in many ways."""

from __future__ import annotations

import pytest
from loaded_files import Submission, failures

NORM = '''
import numpy as np
{above}
class BatchNorm:
    """{said}"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum = eps, momentum

    def forward(self, x, training=True):
        {first}
        old = self.running_mean, self.running_var
        if training:
            self.running_mean = (1 - self.momentum) * old[0] + self.momentum * m
            self.running_var = (1 - self.momentum) * old[1]
            self.running_var = self.running_var + self.momentum * v * (len(x) / (len(x) - 1))
        else:
            m, v = old
        self.sd = np.sqrt(v + self.eps)
        self.xh = (x - m) / self.sd
        return self.gamma * self.xh + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.xh).sum(0), dout.sum(0)
        g = dout * self.gamma
        return (g - g.mean(0) - self.xh * (g * self.xh).mean(0)) / self.sd
'''

VECTORS = {
    "axis by name": "m, v = x.mean(axis=0), x.var(axis=0)",
    "axis by place": "m, v = x.mean(0), x.var(0)",
    "functions, axis by place": "m, v = np.mean(x, 0), np.var(x, 0)",
    "sums of Python": "m = sum(x) / len(x); v = sum((r - m) ** 2 for r in x) / len(x)",
    "reduce": "m = np.add.reduce(x) / len(x); v = np.add.reduce((x - m) ** 2) / len(x)",
    "products": "o = np.ones(len(x)) / len(x); m = o @ x; v = o @ (x - m) ** 2",
    "einsum": "m = np.einsum('nd->d', x) / len(x); v = np.einsum('nd,nd->d', x - m, x - m) / len(x)",
    "two sizes": "N, D = x.shape; m = x.sum(0) / N; v = np.reshape((x - m) ** 2, (N, D)).sum(0) / N",
    "two dimensions": "assert x.ndim == 2; m, v = x.mean(0), x.var(0)",
    "a row to broadcast": "m, v = x.mean(0).reshape(1, -1)[0], x.var(0)[np.newaxis, :][0]",
    "a helper": "m, v = moments(x)",
}
HELPER = "def moments(x):\n    return x.mean(0), x.var(0)\n"


@pytest.mark.parametrize("name", VECTORS)
def test_a_batch_norm_of_vectors_is_asked_for_vectors(name: str) -> None:
    submission = Submission(NORM.format(above=HELPER, said="", first=VECTORS[name]))
    (target,) = submission.targets
    assert target.op == "batch_norm_1d"
    assert not failures(submission, target, 8)


@pytest.mark.parametrize("name", ["sums of Python", "products"])
def test_what_leaves_it_open_is_asked_for_vectors(name: str) -> None:
    source = NORM.partition("    def backward")[0].format(above="", said="", first=VECTORS[name])
    (target,) = Submission(source).targets
    assert target.op == "batch_norm_1d"


IMAGES = {
    "three axes": "m, v = x.mean((0, 2, 3)), x.var((0, 2, 3))",
    "the last axis stays": "m, v = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))",
    "four sizes": "N, C, H, W = x.shape; m, v = x.mean(0), x.var(0)",
    "two sizes or four": "N, D = x.shape if x.ndim == 2 else 0; N, C, H, W = x.shape",
    "turned": "f = np.moveaxis(x, 1, -1); n, d = f.shape; m, v = f.mean(0), f.var(0)",
    "axes by count": "a = tuple(i for i in range(x.ndim) if i != 1); m, v = x.mean(a), x.var(a)",
    "einsum": "m = np.einsum('nchw->c', x) / x.size; v = m",
    "to broadcast": "m, v = x.mean(0)[None, :, None, None], x.var(0)",
    "channel by channel": "m = v = np.array([x[:, c].mean() for c in range(x.shape[1])])",
    "a helper": "m, v = moments(x)",
    "a framework": "m = v = np.zeros(3); x = F.batch_norm(x)",
}
WIDE = "def moments(x):\n    return x.mean((0, 2, 3)), x.var((0, 2, 3))\n"


@pytest.mark.parametrize("name", IMAGES)
def test_a_batch_norm_of_images_is_asked_for_images(name: str) -> None:
    backward = NORM.replace(".sum(0)", ".sum(self.axes)").replace(".mean(0)", ".mean(self.axes)")
    (target,) = Submission(backward.format(above=WIDE, said="", first=IMAGES[name])).targets
    assert target.op == "batch_norm"


@pytest.mark.parametrize(
    ("said", "op"),
    [
        ("x: (N, D)", "batch_norm_1d"),
        ("of a (batch, features) array", "batch_norm_1d"),
        ("x: (N, D) or (N, C, H, W)", "batch_norm"),
        ("x: (batch, channels, height, width)", "batch_norm"),
        ("of images NHWC", "batch_norm"),
        ("", "batch_norm"),
    ],
)
def test_a_docstring_says_the_shape(said: str, op: str) -> None:
    first = "m, v = x.mean(0), x.var(0); assert x.ndim"
    (target,) = Submission(NORM.format(above="", said=said, first=first)).targets
    assert target.op == op


def test_images_made_rows_are_vectors() -> None:
    first = "if x.ndim != 2: N, C, H, W = x.shape; x = x.reshape(N, -1)"
    text = NORM.format(above="", said="", first=f"{first}\n        m, v = x.mean(axis=0), x.var(0)")
    (target,) = Submission(text).targets
    assert target.op == "batch_norm_1d"


@pytest.mark.parametrize(
    ("body", "op"),
    [
        ("N, D = x.shape\n    m, v = x.sum(0) / N, x.var(0)", "batch_norm_1d"),
        ("m, v = np.mean(x, 0), np.var(x, 0)", "batch_norm_1d"),
        ("m, v = x.mean((0, 2, 3)), 1", "batch_norm"),
    ],
)
def test_functions_are_read_in_the_same_way(body: str, op: str) -> None:
    source = f"import numpy as np\ndef batch_norm(x, gamma, beta):\n    {body}\n    return x\n"
    (target,) = Submission(source).targets
    assert target.op == op
    (named,) = Submission(source.replace("batch_norm", "batch_norm2d")).targets
    assert named.op == "batch_norm"
