"""Layer objects whose samples are the columns of a matrix."""

from __future__ import annotations

import pytest
from test_profile_signatures import wrong_in

SOURCE = """
import numpy as np

class Dense:
    def __init__(self, {arguments}):
        self.{w} = {start_w}
        self.b = {start_b}

    def forward(self, x):
        self.x = x
        return {product} + self.b

    def backward(self, dout):
        self.grad_w = {dw}
        self.grad_b = {db}
        return {dx}
"""
SIZES = {
    "arguments": "n_in, n_out",
    "start_w": "np.random.randn(n_out, n_in)",
    "start_b": "np.zeros((n_out, 1))",
}
GIVEN = {"arguments": "W, b", "start_w": "W", "start_b": "b"}
PRODUCTS = ("self.W @ x", "np.dot(self.W, x)", "self.W.dot(self.x)")
RIGHT = {"dw": "dout @ self.x.T", "db": "dout.sum(axis=1, keepdims=True)", "dx": "self.W.T @ dout"}
WRONG = {"dw": "2 * dout @ self.x.T", "db": "dout[:, :1]", "dx": "self.W.T @ dout / dout.shape[1]"}


def dense(made: dict[str, str], product: str, **changed: str) -> str:
    return SOURCE.format(w="W", **made, product=product, **{**RIGHT, **changed})


@pytest.mark.parametrize("made", [SIZES, GIVEN], ids=["sizes", "given"])
@pytest.mark.parametrize("product", PRODUCTS)
def test_samples_may_be_columns(made: dict[str, str], product: str) -> None:
    assert wrong_in(dense(made, product)) == set()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_gradient_of_columns_is_wrong(name: str) -> None:
    assert wrong_in(dense(SIZES, PRODUCTS[0], **{name: WRONG[name]})) == {"Dense.backward"}


def test_rows_that_are_turned_for_the_product_stay_rows() -> None:
    right = {"dw": "dout.T @ self.x", "db": "dout.sum(axis=0)", "dx": "dout @ self.W"}
    made = {**SIZES, "start_b": "np.zeros(n_out)"}
    assert wrong_in(dense(made, "(self.W @ x.T).T", **right)) == set()
