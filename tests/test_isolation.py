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
from conftest import lacking

from layercheck.errors import UsageError
from layercheck.implementations.functions import same
from layercheck.implementations.told import Told, failure_of
from layercheck.processes.death import ChildDied
from layercheck.processes.wire import Array
from layercheck.submissions.sandbox.sandbox import LEVELS, Limits, Sandbox

HERE = Path(__file__).parent
ATTACKS = sorted((HERE / "attacks").glob("*.py"))
LIMITS = Limits(
    call_seconds=30.0, total_seconds=120.0, memory_bytes=1 << 30, output_bytes=8 << 20, processes=16
)
SHORT = replace(LIMITS, call_seconds=2.0, total_seconds=10.0)
"""For what is to run out of time, or is not stopped; all else must end by itself, busy machine or not."""
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

    def limits(self, level: str) -> Limits:
        ends = self.is_stopped_by(level) and "timed out" not in self.expected
        return LIMITS if ends else SHORT


def read_attack(path: Path, values: dict[str, str]) -> Attack:
    source = path.read_text()
    for name, value in values.items():
        source = source.replace(f"@{name}@", value)
    lines = (ast.get_docstring(ast.parse(source)) or "").splitlines()
    told = dict(
        line.split(": ", 1) for line in lines if line.startswith(("Expected: ", "Not stopped"))
    )
    return Attack(source, set(told["Expected"].split(" | ")), told.get("Not stopped by", ""))


class Watched(Sandbox):
    """A sandbox that knows how long its starts took: the machine's time, and no attack's."""

    starting = 0.0

    def _start(self) -> None:
        began = time.monotonic()
        super()._start()
        self.starting += time.monotonic() - began


@pytest.fixture(params=LEVELS)
def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    """A sandbox whose processes can be told from others by the test's folder in their arguments."""
    profiles = tmp_path / "profiles"
    shutil.copytree(HERE / "attack_profile", profiles)
    try:
        found = Watched(LIMITS, level=request.param, profiles=[str(profiles)])
    except UsageError as error:
        lacking(str(error))
    with found:
        yield found


@pytest.fixture
def values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What an attack may know of its surroundings: folders, the tool's process, a listening port."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "victim.txt").write_text("still here")
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield {
            "FOLDER": str(tmp_path),
            "REPOSITORY": str(HERE.parent),
            "PARENT": str(os.getpid()),
            "SITE": sysconfig.get_path("purelib"),
            "PORT": str(server.getsockname()[1]),
            "NAME": uuid.uuid4().hex,
        }


@pytest.mark.slow
@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_gains_nothing_and_leaves_nothing(
    path: Path, sandbox: Watched, values: dict[str, str], tmp_path: Path
) -> None:
    attack = read_attack(path, values)
    sandbox.limits = attack.limits(sandbox.level)
    began = time.monotonic() - sandbox.starting
    outcomes = tried(sandbox, attack.source)
    assert time.monotonic() - began - sandbox.starting < sandbox.limits.total_seconds + 5
    if attack.is_stopped_by(sandbox.level):
        assert outcomes
        assert set(outcomes) <= attack.expected
    sandbox.limits = LIMITS
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
        reply, number = loaded(sandbox, source)
    except ChildDied as died:
        return [died.kind]
    if "failed" in reply:
        return [failure_kind(reply["failed"])]
    outcomes: list[str] = []
    for seed in range(3):
        if "timed out" not in outcomes:
            outcomes.append(
                asked_twice(sandbox, number, seed) if seed == 1 else asked(sandbox, number, seed)
            )
    return outcomes


def loaded(sandbox: Sandbox, source: str) -> tuple[dict[str, Any], int]:
    """The reply to the load, and the number of the target that is asked."""
    found = sandbox.read("layers.py", source.encode(), "trial")["read"]
    names = [target["forward"] for target in found["targets"]]
    return sandbox.load(), names.index("relu") if "relu" in names else 0


def failure_kind(told: dict[str, Any]) -> str:
    try:
        return failure_of(told).kind
    except TypeError:
        return "no answer"


@dataclass
class Question:
    """The inputs, and what NumPy says is right."""

    given: dict[str, Array]
    right: dict[str, Array]


def question(seed: int) -> Question:
    random = np.random.RandomState(seed)
    x, dout = random.standard_normal((2, 3, 5)) + 0.1, random.standard_normal((2, 3, 5))
    return Question({"x": x, "dout": dout}, {"out": np.maximum(x, 0), "dx": dout * (x > 0)})


def asked(sandbox: Sandbox, number: int, seed: int) -> str:
    """How one call ended."""
    put = question(seed)
    try:
        return outcome_of(*sandbox.call(number, "relu", {}, put.given), put)
    except ChildDied as died:
        return died.kind


def asked_twice(sandbox: Sandbox, number: int, seed: int) -> str:
    """How two calls with the same question ended: as the first one, or in unlike ways."""
    put = question(seed)
    try:
        first = sandbox.call(number, "relu", {}, put.given)
        second = sandbox.call(number, "relu", {}, put.given)
    except ChildDied as died:
        return died.kind
    one, other = outcome_of(*first, put), outcome_of(*second, put)
    return one if one == other and same_bits(first[1], second[1]) else "differs"


def outcome_of(reply: dict[str, Any], arrays: dict[str, Array], put: Question) -> str:
    """What an answer comes to: only what is right in every array, inputs included, is right."""
    if any(np.any(value == MARK) for value in arrays.values()):
        return "got its way"
    try:
        told = Told.read(reply["answered"])
    except (KeyError, TypeError, AttributeError):
        return "no answer"
    for failure in (*told.failed.values(), *told.lacking.values()):
        return failure.kind
    if reply["changed"]:
        return "changed"
    if any(not equal(arrays.get(name), value) for name, value in inputs_after(put).items()):
        return "changed"
    answer = {name: value for name, value in arrays.items() if " " not in name}
    return "right" if same_arrays(answer, put.right) else "wrong"


def inputs_after(put: Question) -> dict[str, Array]:
    """What has to come back of the inputs after each part: what was put in."""
    x, dout = put.given["x"], put.given["dout"]
    return {"forward x": x, "backward x": x, "backward dout": dout}


def same_bits(one: dict[str, Array], other: dict[str, Array]) -> bool:
    return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)


def same_arrays(found: dict[str, Array], right: dict[str, Array]) -> bool:
    return found.keys() == right.keys() and all(equal(found[n], right[n]) for n in right)


def equal(found: Array | None, right: Array) -> bool:
    if found is None or found.shape != right.shape or found.dtype != right.dtype:
        return False
    return bool(np.array_equal(found, right))


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
    loaded(sandbox, source)
    reply, arrays = sandbox.call(0, "relu", {}, {"x": np.ones(3), "dout": np.ones(3)})
    ((part, failed),) = reply["answered"]["failed"].items()
    assert (part, failed["kind"]) == ("backward", "raised")
    assert failed["message"].startswith("IndexError: index 9 is out of bounds")
    assert failed["traceback"].count("File ") == 1
    assert "return d @ c[9]" in failed["traceback"]
    np.testing.assert_array_equal(arrays["out"], np.ones(3))


def test_each_part_tells_what_its_inputs_are_afterwards(sandbox: Sandbox) -> None:
    source = (
        "def relu(x):\n    x[0] = 7\n    return x + 0, x\n\n"
        "def relu_backward(d, c):\n    d[1] = 8\n    c[2] = 9\n    return d + 0\n"
    )
    loaded(sandbox, source)
    reply, arrays = sandbox.call(0, "relu", {}, {"x": np.ones(3), "dout": np.ones(3)})
    assert reply["answered"]["failed"] == {}
    np.testing.assert_array_equal(arrays["forward x"], [7, 1, 1])
    np.testing.assert_array_equal(arrays["backward x"], [7, 1, 9])
    np.testing.assert_array_equal(arrays["backward dout"], [1, 8, 1])


def test_printed_text_is_kept_and_cut(sandbox: Sandbox) -> None:
    loaded(sandbox, HONEST + "print('héllo')\n")
    assert sandbox.text == "héllo\n"
    loaded(sandbox, HONEST + "print('x' * 10_000_000)\n")
    assert len(sandbox.text) == LIMITS.text_bytes


def test_a_syntax_error_is_told_with_its_line(sandbox: Sandbox) -> None:
    for line, told in {
        "x = = 2": "invalid syntax, line 2: x = = 2",
        "print x": "Python 2 print statement, line 2; in Python 3 write print(...)",
    }.items():
        source = f"def relu(x):\n    {line}\n".encode()
        found = sandbox.read("layers.py", source, "trial")["read"]
        assert found["problem"] == told
        assert [target["forward"] for target in found["targets"]] == ["relu"]
        failed = sandbox.load()["failed"]
        assert failed["kind"] == "raised"
        assert failed["message"] == f"SyntaxError: {told}"


def test_what_was_patched_and_imported_is_told(sandbox: Sandbox) -> None:
    source = (
        HONEST + "np.abs = 3\nnp.int = int\ntry:\n    import torch\nexcept ImportError:\n    pass\n"
    )
    reply, number = loaded(sandbox, source)
    notes = reply["loaded"]["notes"]
    assert notes[0] == "imports torch, which is not allowed here"
    assert notes[1].startswith("replaces numpy.abs;")
    assert asked_twice(sandbox, number, 0) == "right"


def test_lists_arrive_as_tuples(sandbox: Sandbox) -> None:
    source = "def relu(x, pad):\n    assert pad == ((0, 1), 2)\n    return x\n"
    loaded(sandbox, source)
    reply, arrays = sandbox.call(0, "relu", {"pad": ((0, 1), 2)}, {"x": np.ones(3)})
    assert reply["answered"]["failed"] == {}
    np.testing.assert_array_equal(arrays["out"], np.ones(3))


def test_a_death_costs_one_call(sandbox: Sandbox) -> None:
    source = HONEST + "import os\ndef bad(x):\n    os._exit(3)\n"
    _, number = loaded(sandbox, source)
    with pytest.raises(ChildDied, match="exited: exit status 3"):
        sandbox.call(number + 1, "relu", {}, {"x": np.ones(3)})
    assert asked(sandbox, number, 0) == "right"
    assert sandbox.child.starts == 2


def test_the_time_in_all_is_limited(sandbox: Sandbox) -> None:
    source = "import time\ndef relu(x):\n    time.sleep(0.4)\n    return x\n\ndef relu_backward(d, c):\n    return d\n"
    _, number = loaded(sandbox, source)
    assert asked(sandbox, number, 0) == "wrong"
    sandbox.limits = replace(LIMITS, total_seconds=1.0)  # the first call counts
    outcomes = [asked(sandbox, number, seed) for seed in range(1, 5)]
    assert outcomes[1:] == ["timed out"] * 3


def test_a_sandbox_that_is_dropped_with_its_parent_leaves_no_process(tmp_path: Path) -> None:
    """The tool itself is killed: nothing of the submission survives it."""
    profiles = tmp_path / "profiles"
    shutil.copytree(HERE / "attack_profile", profiles)
    for level in LEVELS:
        code = (
            "import sys, time; from layercheck.submissions.sandbox.sandbox import Sandbox;"
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
