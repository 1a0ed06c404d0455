"""A child that somebody else kills costs its function nothing; one that kills itself gains nothing."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from submitted import check_of, check_text

from layercheck.cases.parse import parse
from layercheck.implementations.protocol import Answer
from layercheck.implementations.submission import SubmittedFile
from layercheck.processes.child import Child
from layercheck.submissions.sandbox.kills import MOST
from layercheck.submissions.sandbox.sandbox import Sandbox

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


def kill(child: Child) -> None:
    """End the process that is asked now."""
    while child._process is None:
        time.sleep(0.01)
    time.sleep(0.4)
    os.kill(child._process.pid, signal.SIGKILL)


@contextmanager
def killed(child: Child) -> Iterator[None]:
    """End it once, meanwhile."""
    killer = threading.Thread(target=kill, args=(child,))
    killer.start()
    yield
    killer.join()


def test_a_function_whose_child_is_killed_is_asked_once_more(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(SLOW)
    with SubmittedFile(path) as file:
        (layer,) = file.layers()
        with killed(file.sandbox.child):
            reply = layer.implementation.answer(CASE)
        assert isinstance(reply, Answer)
        assert not reply.failures, reply.failures
        assert {"out", "dx"} <= reply.arrays.keys()
        assert file.sandbox._kills.count == 1


def test_a_file_whose_child_is_killed_while_it_loads_is_loaded_once_more() -> None:
    text = SLOW.replace("\n\ndef", "\n\ntime.sleep(0.8)\n\ndef", 1)
    with Sandbox() as sandbox:
        sandbox.read("layers.py", text.encode())
        with killed(sandbox.child):
            assert "loaded" in sandbox.load()
        assert sandbox._kills.count == 1
        x = np.array([[-1.0, 2.0]])
        _, arrays = sandbox.call(0, "relu", {}, {"x": x})
        assert np.array_equal(arrays["out"], np.maximum(x, 0))


@pytest.mark.parametrize("ask", ["read", "wanted"])
def test_one_that_is_killed_while_it_reads_is_asked_once_more(ask: str) -> None:
    with Sandbox() as sandbox:
        if ask == "wanted":
            sandbox.read("layers.py", SLOW.encode())
        assert sandbox.child._process is not None
        os.kill(sandbox.child._process.pid, signal.SIGKILL)
        time.sleep(0.5)  # until all below it is gone, too
        if ask == "wanted":
            assert sandbox.wanted({"base": b"import other\n"})[:1] == ["other"]
        else:
            assert sandbox.read("layers.py", SLOW.encode())["read"]["targets"]
        assert sandbox.child.starts == 2


def test_a_file_that_kills_itself_while_it_loads_is_started_twice_in_all(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(f"import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n{SLOW}")
    with SubmittedFile(path) as file:
        assert "crashed: SIGKILL" in file.problem
        assert "again when it was asked once more" in file.problem
        for layer in file.layers():
            assert layer.implementation.answer(CASE).failures  # type: ignore[union-attr]
        assert file.sandbox.child.starts == 2


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


NAMES = ("relu", "tanh", "sigmoid", "softplus", "silu", "gelu")


def file_of(body: str, folder: Path) -> Path:
    """A file of functions with this body each."""
    path = folder / "layers.py"
    head = "import os\nimport numpy as np\n\ncalls = []\n\n"
    path.write_text(head + "".join(f"def {name}(x):\n{body}\n\n" for name in NAMES))
    return path


def test_a_file_that_was_seen_to_kill_itself_is_not_asked_again(tmp_path: Path) -> None:
    with SubmittedFile(file_of("    os.kill(os.getpid(), 9)", tmp_path)) as file:
        for layer in file.layers():
            asked = parse(f"{layer.op} x=2x3 seed=1")
            waiting = [layer.implementation.begin(asked) for _ in range(9)]  # type: ignore[attr-defined]
            for reply in waiting:
                assert "SIGKILL" in reply().failures["forward"].message
        assert file.sandbox._kills.count == 1
        assert file.sandbox.child.starts == len(NAMES) + 1


def test_a_file_is_asked_again_a_few_times_only(tmp_path: Path) -> None:
    body = """    calls.append(1)
    if len(calls) == 2:
        os.kill(os.getpid(), 9)
    return np.maximum(x, 0)"""
    with SubmittedFile(file_of(body, tmp_path)) as file:
        for layer in file.layers():
            for seed in (1, 2):
                layer.implementation.answer(parse(f"{layer.op} x=2x3 seed={seed}"))
        assert file.sandbox._kills.count == MOST
