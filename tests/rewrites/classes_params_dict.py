"""Dense layers with dicts of parameters and gradients; activations and a loss."""

import numpy as np


class Dense:
    def __init__(self, input_size, output_size):
        self.params = {
            "W": np.random.randn(input_size, output_size),
            "b": np.zeros((1, output_size)),
        }
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads["W"] = self.x.T @ dout
        self.grads["b"] = dout.sum(axis=0, keepdims=True)
        return dout @ self.params["W"].T


class Sigmoid:
    def forward(self, x):
        self.out = np.where(x > 0, 1 / (1 + np.exp(-np.abs(x))), 1 - 1 / (1 + np.exp(-np.abs(x))))
        small = np.exp(-np.abs(x))
        self.out = np.where(x > 0, 1 / (1 + small), small / (1 + small))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.out = e / e.sum(axis=1, keepdims=True)
        return self.out

    def backward(self, dout):
        return self.out * (dout - (dout * self.out).sum(axis=1, keepdims=True))


class SoftmaxCrossEntropyLoss:
    def forward(self, logits, y):
        shifted = logits - logits.max(axis=1, keepdims=True)
        scores = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.shares, self.y = np.exp(scores), y
        return -scores[np.arange(len(y)), y].mean()

    def backward(self):
        dx = self.shares.copy()
        dx[np.arange(len(dx)), self.y] -= 1
        return dx / len(dx)
