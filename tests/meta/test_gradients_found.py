"""A class's gradients wherever it keeps them; what is not found is no error, and no pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from blackbox import HEAD, check

import layercheck

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


# ---------------------------------------------------------------------- what has names

FORMS = {
    "a dataclass": "@dataclass\nclass Grads:\n    db: Any\n    dw: Any\n    dx: Any\n",
    "a dataclass of names that say nothing": "@dataclass\nclass Other:\n    a: Any\n    b: Any\n"
    "    c: Any\n\ndef Grads(dx, dw, db):\n    return Other(dx, dw, db)\n",
    "a named tuple in another order": "Grads = namedtuple('Grads', 'db dw dx')\n",
    "an object": "class Grads:\n    def __init__(self, dx, dw, db):\n"
    "        self.note, self.db, self.dw, self.dx = 'gradients', db, dw, dx\n",
    "a namespace": "Grads = SimpleNamespace\n",
    "slots": "class Grads:\n    __slots__ = ('db', 'dw', 'dx')\n    def __init__(self, **own):\n"
    "        for name, value in own.items():\n            setattr(self, name, value)\n",
    "a dict": "Grads = dict\n",
}
NAMED = """
from collections import namedtuple
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

{form}

"""
BODY = """
    x, w = cache
    flat = x.reshape(len(x), -1)
    dx, dw, db = (dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(axis=0)
    return Grads(dx=dx, dw=dw, db=db)
"""
USERS = {
    "functions": "def affine(x, w, b):\n    return x.reshape(len(x), -1) @ w + b, (x, w)\n\n"
    f"def affine_backward(dout, cache):{BODY}",
    "a course's": "def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w + b, (x, w)\n\n"
    f"def affine_backward(dout, cache):{BODY}",
    "a class": LINEAR.format(made="pass", kept="pass", returned="Grads(dx=dx, dw=dw, db=db)"),
    "a class's, beside dx": LINEAR.format(
        made="pass", kept="pass", returned="dx, Grads(dx=dx, dw=dw, db=db)"
    ),
    "a class's own": LINEAR.format(
        made="pass", kept="self.grads = Grads(dx=dx, dw=dw, db=db)", returned="dx"
    ),
}


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("form", FORMS)
def test_gradients_are_taken_by_their_names(form: str, user: str, tmp_path: Path) -> None:
    if "say nothing" in form and user in ("a class's, beside dx", "a class's own"):
        return  # there the gradient of x stands by itself
    source = NAMED.format(form=FORMS[form]) + USERS[user]
    outcome = check(tmp_path, source, "--where", "dtype == 'float32'")
    assert outcome.code == 0, outcome.out
    wrong = check(tmp_path, source.replace("dw=dw", "dw=2 * dw"), "--where", "dtype == 'float32'")
    (backward,) = [c for c in wrong.report["checks"] if "backward" in c["target"]]
    assert backward["arrays_wrong"] == ["dw"], wrong.out


@pytest.mark.parametrize("form", FORMS)
def test_a_program_may_hand_over_such_functions(form: str) -> None:
    own: dict[str, Any] = {}
    exec(NAMED.format(form=FORMS[form]) + USERS["functions"], own)
    report = layercheck.check(
        affine=own["affine"], affine_backward=own["affine_backward"], where="N == 2"
    )
    assert report.passed, report.text()


def test_an_object_of_other_names_is_told() -> None:
    own: dict[str, Any] = {}
    text = NAMED.format(form=FORMS["a namespace"]) + USERS["functions"]
    exec(text.replace("dx=dx, dw=dw, db=db", "first=dx, second=dw, third=db"), own)
    report = layercheck.check(affine=own["affine"], affine_backward=own["affine_backward"])
    assert "returned an object of first, second, third; expected (dx, dw, db)" in report.text()
