"""Sources of layers whose constructor takes the arrays, and of layers that keep their output."""

from __future__ import annotations

HEAD = "import numpy as np\n"
AFFINE = """
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x_shape = x.shape
        self.x = x.reshape(x.shape[0], -1)
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.T).reshape(*self.x_shape)
"""
IN_LISTS = """
class Affine:
    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]

    def forward(self, x):
        W, b = self.params
        self.x = x
        return np.dot(x, W) + b

    def backward(self, dout):
        W, b = self.params
        self.grads[0][...] = np.dot(self.x.T, dout)
        self.grads[1][...] = np.sum(dout, axis=0)
        return np.dot(dout, W.T)
"""
CONV = """
class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        s, p = self.stride, self.pad
        self.xp, self.shape = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), x.shape
        v = np.lib.stride_tricks.sliding_window_view(self.xp, self.W.shape[2:], axis=(2, 3))
        self.v = v[:, :, ::s, ::s]
        return np.einsum("ncijuv,fcuv->nfij", self.v, self.W) + self.b.reshape(1, -1, 1, 1)

    def backward(self, dout):
        s, p = self.stride, self.pad
        self.dW = np.einsum("ncijuv,nfij->fcuv", self.v, dout)
        self.db = dout.sum((0, 2, 3))
        dxp = np.zeros_like(self.xp)
        oh, ow = dout.shape[2:]
        for u in range(self.W.shape[2]):
            for v in range(self.W.shape[3]):
                part = np.einsum("nfij,fc->ncij", dout, self.W[:, :, u, v])
                dxp[:, :, u : u + s * oh : s, v : v + s * ow : s] += part
        return dxp[:, :, p : p + self.shape[2], p : p + self.shape[3]]
"""
POOL = """
class Pooling:
    def __init__(self, pool_h, pool_w, stride=1, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        p, s, size = self.pad, self.stride, (self.pool_h, self.pool_w)
        xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], constant_values=-np.inf)
        v = np.lib.stride_tricks.sliding_window_view(xp, size, axis=(2, 3))[:, :, ::s, ::s]
        v = v.reshape(*v.shape[:4], -1)
        self.arg, self.shape, self.padded = v.argmax(-1), x.shape, xp.shape
        return v.max(-1)

    def backward(self, dout):
        p, s = self.pad, self.stride
        d = np.zeros(self.padded)
        n, c, i, j = np.indices(dout.shape)
        at = i * s + self.arg // self.pool_w, j * s + self.arg % self.pool_w
        np.add.at(d, (n, c, *at), dout)
        return d[:, :, p : p + self.shape[2], p : p + self.shape[3]]
"""
NORM = """
class BatchNormalization:
    def __init__(self, gamma, beta, momentum=0.9, running_mean=None, running_var=None):
        self.gamma, self.beta, self.momentum = gamma, beta, momentum
        self.running_mean, self.running_var = running_mean, running_var

    def forward(self, x, train_flg=True):
        self.input_shape = x.shape
        if x.ndim != 2:
            N, C, H, W = x.shape
            x = x.reshape(N, -1)
        return self.__forward(x, train_flg).reshape(*self.input_shape)

    def __forward(self, x, train_flg):
        if self.running_mean is None:
            N, D = x.shape
            self.running_mean, self.running_var = np.zeros(D), np.zeros(D)
        if train_flg:
            mu = x.mean(axis=0)
            xc = x - mu
            var = np.mean(xc**2, axis=0)
            std = np.sqrt(var + 10e-7)
            self.xc, self.std, self.xn, self.batch_size = xc, std, xc / std, x.shape[0]
            old = self.running_mean, self.running_var
            self.running_mean = self.momentum * old[0] + (1 - self.momentum) * mu
            var = var * len(x) / max(len(x) - 1, 1)
            self.running_var = self.momentum * old[1] + (1 - self.momentum) * var
            xn = self.xn
        else:
            xn = (x - self.running_mean) / np.sqrt(self.running_var + 10e-7)
        return self.gamma * xn + self.beta

    def backward(self, dout):
        self.dbeta = dout.sum(axis=0)
        self.dgamma = np.sum(self.xn * dout, axis=0)
        g = self.gamma * dout
        mean = g.mean(0) + self.xn * (g * self.xn).mean(0)
        return ((g - mean) / self.std).reshape(*self.input_shape)
"""
DENSE = """
class Layer_Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)
"""
DROPOUT = """
class Layer_Dropout:
    def __init__(self, rate):
        self.rate = 1 - rate

    def forward(self, inputs, training):
        self.inputs = inputs
        if not training:
            self.output = inputs.copy()
            return
        self.binary_mask = np.random.binomial(1, self.rate, size=inputs.shape) / self.rate
        self.output = inputs * self.binary_mask

    def backward(self, dvalues):
        self.dinputs = dvalues * self.binary_mask
"""
RELU = """
class Activation_ReLU:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues.copy()
        self.dinputs[self.inputs <= 0] = 0
"""
SOFTMAX = """
class Activation_Softmax:
    def forward(self, inputs):
        e = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = e / np.sum(e, axis=1, keepdims=True)

    def backward(self, dvalues):
        p = self.output
        self.dinputs = p * (dvalues - np.sum(dvalues * p, axis=1, keepdims=True))
"""
LOSS = (
    SOFTMAX
    + """
class Activation_Softmax_Loss_CategoricalCrossentropy:
    def __init__(self):
        self.activation = Activation_Softmax()

    def forward(self, inputs, y_true):
        self.activation.forward(inputs)
        self.output = self.activation.output
        clipped = np.clip(self.output, 1e-7, 1 - 1e-7)
        return np.mean(-np.log(clipped[range(len(inputs)), y_true]))

    def backward(self, dvalues, y_true):
        samples = len(dvalues)
        self.dinputs = dvalues.copy()
        self.dinputs[range(samples), y_true] -= 1
        self.dinputs = self.dinputs / samples
"""
)
