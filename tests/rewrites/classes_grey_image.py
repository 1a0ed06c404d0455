"""A convolution of one grey image (H, W), which takes its learning step in backward."""

import numpy as np


class Conv:
    """image: (H, W)."""

    def __init__(self, num_filters, size):
        self.filters = np.random.randn(num_filters, size, size) / size**2

    def forward(self, image):
        h, w = image.shape
        f, kh, kw = self.filters.shape
        self.image = image
        out = np.zeros((h - kh + 1, w - kw + 1, f), image.dtype)
        for i in range(h - kh + 1):
            for j in range(w - kw + 1):
                out[i, j] = np.sum(image[i : i + kh, j : j + kw] * self.filters, axis=(1, 2))
        return out

    def backprop(self, d_out, learn_rate):
        gradient, dx = np.zeros(self.filters.shape, d_out.dtype), np.zeros_like(self.image)
        kh, kw = self.filters.shape[1:]
        for i in range(d_out.shape[0]):
            for j in range(d_out.shape[1]):
                for f in range(d_out.shape[2]):
                    gradient[f] += d_out[i, j, f] * self.image[i : i + kh, j : j + kw]
                    dx[i : i + kh, j : j + kw] += d_out[i, j, f] * self.filters[f]
        self.filters -= learn_rate * gradient
        return dx
