"""A class's gradients wherever it keeps them; what is not found is no error, and no pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from blackbox import HEAD, check

LINEAR = """
class Linear:
    def __init__(self, in_dim, out_dim):
        self.W = np.random.randn(in_dim, out_dim)
        self.b = np.zeros(out_dim)
        {made}

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d):
        dx = d @ self.W.T
        dw, db = self.x.T @ d, d.sum(axis=0)
        {kept}
        return {returned}
"""

PLACES = {
    "gW": ("self.gW = None", "self.gW, self.gb = dw, db", "dx"),
    "gradW": ("pass", "self.gradW, self.gradb = dw, db", "dx"),
    "weight_grad": ("pass", "self.weight_grad, self.bias_grad = dw, db", "dx"),
    "private": ("pass", "self._dW, self._db = dw, db", "dx"),
    "grads, a dict": ("self.grads = {}", "self.grads['W'], self.grads['b'] = dw, db", "dx"),
    "grads, a list": ("self.grads = [0, 0]", "self.grads[0], self.grads[1] = dw, db", "dx"),
    "grads, the other way round": ("pass", "self.grads = [db, dw]", "dx"),
    "beside dx, a dict": ("pass", "pass", "dx, {'W': dw, 'b': db}"),
    "beside dx, a list": ("pass", "pass", "dx, [dw, db]"),
    "a dict of other keys": ("pass", "pass", "{'d_input': dx, 'grad_W': dw, 'gb': db}"),
    "nothing returned": ("pass", "self.dinput, self.dW, self.db = dx, dw, db", "None"),
    "a step of its own rate": (
        "self.lr = 0.1",
        "self.W -= self.lr * dw; self.b -= self.lr * db",
        "dx",
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_gradients_are_found_and_judged_where_they_are_kept(name: str, tmp_path: Path) -> None:
    made, kept, returned = PLACES[name]
    source = HEAD + LINEAR.format(made=made, kept=kept, returned=returned)
    outcome = check(tmp_path, source)
    assert outcome.code == 0, outcome.out
    assert {"dx", "dw", "db"} <= {*outcome.check("Linear.backward")["arrays_right"]}
    wrong = check(tmp_path, source.replace("self.x.T @ d,", "self.x.T @ d * 2,"))
    assert wrong.check("Linear.backward")["arrays_wrong"] == ["dw"]


UNKNOWN = {
    "names that nobody knows": ("pass", "self.first, self.second = dw, db", "dx"),
    "a list of more": ("pass", "self.grads = [dw, db, dx]", "dx"),
    "none at all": ("pass", "pass", "dx"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_gradient_that_is_not_found_is_neither_wrong_nor_passed_over(
    name: str, tmp_path: Path
) -> None:
    made, kept, returned = UNKNOWN[name]
    source = HEAD + LINEAR.format(made=made, kept=kept, returned=returned)
    outcome = check(tmp_path, source)
    found = outcome.check("Linear.backward")
    assert (outcome.code, found["verdict"], found["passed"]) == (1, "incomplete", False)
    assert found["arrays_wrong"] == []
    assert "its gradient of W was not found; expected one of self.dW" in outcome.out
    assert "is wrong" not in outcome.out
    wrong = check(tmp_path, source.replace("d @ self.W.T", "d @ self.W.T * 2"))
    assert wrong.check("Linear.backward")["arrays_wrong"] == ["dx"]


def test_what_fails_beside_a_wrong_gradient_is_not_called_wrong(tmp_path: Path) -> None:
    source = LINEAR.format(made="pass", kept="self.dW, self.db = str(dw), str(db)", returned="dx")
    outcome = check(tmp_path, HEAD + source)
    assert "is wrong in" not in outcome.out
