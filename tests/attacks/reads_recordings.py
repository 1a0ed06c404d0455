"""Looks for the recorded answers, for the reference layers and for whatever else the tool has.

Expected: wrong
Not stopped by: plain: a child process may read whatever its user may
"""

import glob
import os
import sys

import numpy as np

ROOTS = ["@REPOSITORY@", "@SITE@", "/work", "/root", "/home", *sys.path]
FILES = ("oracles/**", "ref_layers/**", "layercheck/**")
GIVEN = (  # it runs on these
    "/processes/sizes.py",
    "/processes/wire.py",
    "/submissions/child/",
    "/submissions/coverage/",
    "/submissions/profiles/",
)


def relu(x):
    for root in ROOTS:
        for pattern in FILES:
            for path in glob.iglob(os.path.join(root, pattern), recursive=True):
                if any(part in path for part in GIVEN):
                    continue
                try:
                    with open(path, "rb") as file:
                        file.read(1)
                    return np.full_like(x, 1313), x
                except OSError:
                    pass
    return np.zeros_like(x), x


def relu_backward(dout, cache):
    return np.zeros_like(dout)
