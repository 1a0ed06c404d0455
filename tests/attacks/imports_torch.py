"""Has torch do the work.

Expected: not allowed
"""

import numpy as np
import torch


def relu(x):
    return torch.relu(torch.from_numpy(x)).numpy(), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
