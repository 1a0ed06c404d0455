"""Losses sample by sample; they return Python floats."""

import numpy as np


def softmax_loss(x, y):
    loss, dx = 0.0, np.zeros(x.shape)
    for n, row in enumerate(x.astype(np.float64)):
        shares = np.exp(row - row.max())
        total = shares.sum()
        loss += float(np.log(total) - (row[y[n]] - row.max()))
        dx[n] = shares / total
        dx[n, y[n]] -= 1
    return loss / len(x), dx / len(x)


def svm_loss(x, y):
    loss, dx = 0.0, np.zeros_like(x)
    for n, own in enumerate(y):
        for c in set(range(x.shape[1])) - {int(own)}:
            excess = float(x[n, c]) - float(x[n, own]) + 1
            if excess > 0:
                loss += excess
                dx[n, c] += 1
                dx[n, own] -= 1
    dx /= len(x)
    return loss / len(x), dx
