"""A child that somebody else kills costs its function nothing; one that kills itself gains nothing."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from submitted import check_of, check_text

from layercheck.cases.parse import parse
from layercheck.implementations.protocol import Answer
from layercheck.implementations.submission import SubmittedFile
from layercheck.submissions.sandbox.kills import MOST

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")

SLOW = """
import os, time
import numpy as np


def relu_forward(x):
    time.sleep(0.6)
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
ITSELF = SLOW.replace("time.sleep(0.6)", "os.kill(os.getpid(), 9)")
CASE = parse("relu x=2x3 seed=1")


def kill(file: SubmittedFile) -> None:
    """End the child that is asked now."""
    while file.sandbox.child._process is None:
        time.sleep(0.01)
    time.sleep(0.4)
    os.kill(file.sandbox.child._process.pid, signal.SIGKILL)


def test_a_function_whose_child_is_killed_is_asked_once_more(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(SLOW)
    with SubmittedFile(path) as file:
        (layer,) = file.layers()
        killer = threading.Thread(target=kill, args=(file,))
        killer.start()
        reply = layer.implementation.answer(CASE)
        killer.join()
        assert isinstance(reply, Answer)
        assert not reply.failures, reply.failures
        assert {"out", "dx"} <= reply.arrays.keys()
        assert file.sandbox._kills.count == 1


def test_one_that_kills_itself_has_the_verdict_that_it_had(tmp_path: Path) -> None:
    began = time.monotonic()
    report = check_text(ITSELF, tmp_path)
    forward = check_of(report, "relu_forward")
    assert (forward.verdict, forward.passed) == ("error", False)
    assert forward.first_wrong is not None
    assert "crashed: SIGKILL" in forward.first_wrong.reason
    assert "again when it was asked once more" in forward.first_wrong.reason
    assert not check_of(report, "relu_backward").passed
    assert time.monotonic() - began < 60


def test_a_file_is_asked_again_a_few_times_only(tmp_path: Path) -> None:
    names = ("relu", "tanh", "sigmoid", "softplus", "silu", "gelu")
    text = "import os\n" + "".join(
        f"def {name}(x):\n    open('n', 'a').write('x')\n    os.kill(os.getpid(), 9)\n\n"
        for name in names
    )
    path = tmp_path / "layers.py"
    path.write_text(text)
    with SubmittedFile(path) as file:
        for layer in file.layers():
            reply = layer.implementation.answer(parse(f"{layer.op} x=2x3 seed=1"))
            assert isinstance(reply, Answer)
            assert "SIGKILL" in reply.failures["forward"].message
        assert file.sandbox._kills.count == MOST
