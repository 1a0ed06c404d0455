"""Every file in tests/attacks, at every level of protection that this machine has.

An attack never gets an answer accepted that it did not honestly compute, ends within its limits, leaves
no process and no file, and the next submission is judged as if nothing had been. The judge is not
asked here: NumPy says what relu is. An attack's docstring says how it ends (`Expected:`) and which
levels cannot stop it (`Not stopped by:`, with the reason); 1313 is the mark of having got its way.
"""

from __future__ import annotations

import ast
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layercheck.errors import UsageError
from layercheck.isolation import LEVELS, Limits, Sandbox, SandboxDied
from layercheck.profiles.profile import Target

HERE = Path(__file__).parent
ATTACKS = sorted((HERE / "attacks").glob("*.py"))
RELU = Target("relu", "relu", "relu_backward")
LIMITS = Limits(
    call_seconds=2.0, total_seconds=10.0, memory_bytes=1 << 30, output_bytes=8 << 20, processes=16
)
MARK = 1313.0
HONEST = """
import numpy as np

def relu(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attacks use Linux's own calls")


@dataclass
class Attack:
    """A submission file, and what its docstring says of it."""

    source: str
    expected: set[str]
    unstopped: str  # `plain, landlock: reason`

    def is_stopped_by(self, level: str) -> bool:
        return level not in self.unstopped.partition(":")[0]


def read_attack(path: Path, values: dict[str, str]) -> Attack:
    source = path.read_text()
    for name, value in values.items():
        source = source.replace(f"@{name}@", value)
    lines = (ast.get_docstring(ast.parse(source)) or "").splitlines()
    told = dict(
        line.split(": ", 1) for line in lines if line.startswith(("Expected: ", "Not stopped"))
    )
    return Attack(source, set(told["Expected"].split(" | ")), told.get("Not stopped by", ""))


@pytest.fixture(params=LEVELS)
def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox whose processes can be told from others by the test's folder in their arguments."""
    profiles = tmp_path / "profiles"
    shutil.copytree(HERE / "attack_profile", profiles)
    try:
        found = Sandbox(LIMITS, level=request.param, profiles=[str(profiles)])
    except UsageError as error:
        pytest.skip(str(error))
    with found:
        yield found


@pytest.fixture
def values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What an attack may know of its surroundings: folders, the tool's process, a listening port."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "victim.txt").write_text("still here")
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield {
            "FOLDER": str(tmp_path), "REPOSITORY": str(HERE.parent), "PARENT": str(os.getpid()),
            "SITE": sysconfig.get_path("purelib"), "PORT": str(server.getsockname()[1]), "NAME": uuid.uuid4().hex,
        }  # fmt: skip


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_gains_nothing_and_leaves_nothing(
    path: Path, sandbox: Sandbox, values: dict[str, str], tmp_path: Path
) -> None:
    attack = read_attack(path, values)
    began = time.monotonic()
    outcomes = [*tried(sandbox, attack.source)]
    assert time.monotonic() - began < LIMITS.total_seconds + 5
    if attack.is_stopped_by(sandbox.level):
        assert outcomes
        assert set(outcomes) <= attack.expected
    assert tried(sandbox, HONEST) == ["right"] * 3  # whatever went before
    sandbox.close()
    assert left_processes(str(tmp_path)) == []
    left = left_files(values["NAME"], tmp_path, sandbox)
    if attack.is_stopped_by(sandbox.level):
        assert left == []
        assert (tmp_path / "victim.txt").exists()
    for file in left:
        file.unlink()


def tried(sandbox: Sandbox, source: str) -> list[str]:
    """How the load (if it failed) and three calls ended; a submission out of time is not asked again."""
    try:
        reply = sandbox.load("layers.py", source, "trial")
    except SandboxDied as died:
        return [died.kind]
    if "failed" in reply:
        return [reply["failed"]["kind"]]
    outcomes: list[str] = []
    for number in range(3):
        if "timed out" not in outcomes:
            outcomes.append(asked(sandbox, seed=number, repeat=number == 1))
    return outcomes


def asked(sandbox: Sandbox, seed: int, repeat: bool) -> str:
    random = np.random.RandomState(seed)
    x, dout = random.standard_normal((2, 3, 5)) + 0.1, random.standard_normal((2, 3, 5))
    try:
        reply, arrays = sandbox.call(RELU, "relu", {}, {"x": x, "dout": dout}, repeat=repeat)
    except SandboxDied as died:
        return died.kind
    return outcome_of(reply, arrays, {"out": np.maximum(x, 0), "dx": dout * (x > 0)})


def outcome_of(reply: dict[str, Any], arrays: dict[str, Any], right: dict[str, Any]) -> str:
    if "failed" in reply:
        return str(reply["failed"]["kind"])
    if any(np.any(value == MARK) for value in arrays.values()):
        return "got its way"
    for flag in ("changed", "differs"):
        if reply["answered"].get(flag):
            return flag
    same = arrays.keys() == right.keys() and all(equal(arrays[n], right[n]) for n in right)
    return "right" if same else "wrong"


def equal(found: Any, right: Any) -> bool:
    return (
        found.shape == right.shape and found.dtype == right.dtype and bool(np.all(found == right))
    )


def left_processes(mark: str, seconds: float = 3.0) -> list[str]:
    """Command lines of living processes that carry the mark; some need a moment to end."""
    deadline = time.monotonic() + seconds
    while True:
        found = [line for line in command_lines() if mark in line]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def command_lines() -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue


def left_files(name: str, folder: Path, sandbox: Sandbox) -> list[Path]:
    """Files of an attack anywhere that the attacks write to, and the private folder."""
    places = [folder, folder.parent, HERE.parent, Path(tempfile.gettempdir()), Path("/")]
    places += [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")]
    found = {file for place in places for file in place.glob(f"layercheck_attack_{name}*")}
    return sorted(found) + [p for p in [Path(sandbox.folder)] if p.exists()]


# ------------------------------------------------------------------ what an honest submission meets


def test_the_attacks_are_at_least_thirty_and_each_says_how_it_ends() -> None:
    attacks = [read_attack(path, {}) for path in ATTACKS]
    assert len(attacks) >= 30
    assert all(attack.expected for attack in attacks)


def test_a_failed_backward_still_has_its_forward(sandbox: Sandbox) -> None:
    source = (
        "def relu(x):\n    return x * (x > 0), x\n\ndef relu_backward(d, c):\n    return d @ c[9]\n"
    )
    sandbox.load("layers.py", source, "trial")
    reply, arrays = sandbox.call(RELU, "relu", {}, {"x": np.ones(3), "dout": np.ones(3)})
    failed = reply["failed"]
    assert (failed["kind"], failed["stage"]) == ("raised", "backward")
    assert failed["message"].startswith("IndexError: index 9 is out of bounds")
    assert failed["traceback"].count("File ") == 1
    assert "return d @ c[9]" in failed["traceback"]
    np.testing.assert_array_equal(arrays["out"], np.ones(3))


def test_printed_text_is_kept_and_cut(sandbox: Sandbox) -> None:
    sandbox.load("layers.py", HONEST + "print('héllo')\n", "trial")
    assert sandbox.text == "héllo\n"
    sandbox.load("layers.py", HONEST + "print('x' * 10_000_000)\n", "trial")
    assert len(sandbox.text) == LIMITS.text_bytes


def test_a_syntax_error_shows_the_line(sandbox: Sandbox) -> None:
    failed = sandbox.load("layers.py", "def relu(x):\n    print x\n", "trial")["failed"]
    assert failed["kind"] == "raised"
    assert "SyntaxError" in failed["message"]
    assert "print x" in failed["traceback"]


def test_what_was_patched_and_imported_is_told(sandbox: Sandbox) -> None:
    source = (
        HONEST + "np.abs = 3\nnp.int = int\ntry:\n    import torch\nexcept ImportError:\n    pass\n"
    )
    notes = sandbox.load("layers.py", source, "trial")["loaded"]["notes"]
    assert notes[0] == "imports torch, which is not allowed here"
    assert notes[1].startswith("replaces numpy.abs;")
    assert asked(sandbox, 0, repeat=True) == "right"


def test_lists_arrive_as_tuples(sandbox: Sandbox) -> None:
    source = "def relu(x, pad):\n    assert pad == ((0, 1), 2)\n    return x\n"
    sandbox.load("layers.py", source, "trial")
    reply, _ = sandbox.call(RELU, "relu", {"pad": ((0, 1), 2)}, {"x": np.ones(3)})
    assert "answered" in reply


def test_a_death_costs_one_call(sandbox: Sandbox) -> None:
    source = HONEST + "import os\ndef bad(x):\n    os._exit(3)\n"
    sandbox.load("layers.py", source, "trial")
    with pytest.raises(SandboxDied, match="exited: exit status 3"):
        sandbox.call(Target("relu", "bad"), "relu", {}, {"x": np.ones(3)})
    assert asked(sandbox, 0, repeat=False) == "right"
    assert sandbox.starts == 2


def test_the_time_in_all_is_limited(sandbox: Sandbox) -> None:
    source = "import time\ndef relu(x):\n    time.sleep(0.3)\n    return x\n\ndef relu_backward(d, c):\n    return d\n"
    sandbox.load("layers.py", source, "trial")
    sandbox.limits = replace(LIMITS, total_seconds=1.0)
    outcomes = [asked(sandbox, seed, repeat=False) for seed in range(8)]
    assert outcomes[0] == "wrong"
    assert outcomes[4:] == ["timed out"] * 4


def test_a_sandbox_that_is_dropped_with_its_parent_leaves_no_process(tmp_path: Path) -> None:
    """The tool itself is killed: nothing of the submission survives it."""
    profiles = tmp_path / "profiles"
    shutil.copytree(HERE / "attack_profile", profiles)
    for level in LEVELS:
        code = (
            "import sys, time; from layercheck.isolation import Sandbox;"
            f"s = Sandbox(level={level!r}, profiles=[{str(profiles)!r}]);"
            "print('up', flush=True); time.sleep(100)"
        )
        command = [sys.executable, "-c", code]
        environment = {**os.environ, "TMPDIR": str(tmp_path)}  # it cannot tidy up when it is killed
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as tool:
            assert tool.stdout is not None
            up = tool.stdout.readline()
            tool.kill()
        assert left_processes(str(tmp_path)) == []
        assert up or level == "landlock"  # its library is optional
