"""Halves of layers, which the classes beside this file inherit."""

import numpy as np


class Elementwise:
    """forward and backward by two methods of the class that inherits."""

    def forward(self, x):
        self.x, self.y = x, self.value(x)
        return self.y

    def backward(self, dout):
        return dout * self.slope(self.x, self.y)


class Weighted:
    """A weight and a bias, and where their gradients are put."""

    def make(self, *shape):
        self.W, self.b = np.random.randn(*shape), np.zeros(shape[-1])
        self.grads = {}

    def keep(self, dW, db):
        self.grads.update(W=dW, b=db)
