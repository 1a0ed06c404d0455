"""Every file in tests/attacks, at every level of protection that this machine has.

An attack never gets an answer accepted that it did not honestly compute, ends within its limits, leaves
no process and no file, and the next submission is judged as if nothing had been. The judge is not
asked here: NumPy says what relu is. An attack's docstring says how it ends (`Expected:`) and which
levels cannot stop it (`Not stopped by:`, with the reason); 1313 is the mark of having got its way.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import attack_table
import numpy as np
import pytest
from attacked import (
    ATTACKS,
    HERE,
    HONEST,
    LEVELS,
    LIMITS,
    Came,
    Watched,
    asked,
    asked_twice,
    left_files,
    left_processes,
    loaded,
    read_attack,
    surroundings,
    tried,
)
from conftest import REQUIRED, lacking, required

from layercheck.errors import UsageError
from layercheck.processes.death import ChildDied
from layercheck.submissions.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attacks use Linux's own calls")


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
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield surroundings(tmp_path, server.getsockname()[1])


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
    left = left_files(values["NAME"], tmp_path)
    left += [folder for folder in [Path(sandbox.folder.path)] if folder.exists()]
    if attack.is_stopped_by(sandbox.level):
        assert left == []
        assert (tmp_path / "victim.txt").exists()
    for file in left:
        file.unlink()


NOBODY = 65534
"""A user whom nothing belongs to; as little as to those before."""


def of_ordinary_users(folder: Path) -> list[Came]:
    """What all attacks come to without root's rights: each level by a user of its own, since the
    processes of a user are counted together, and some attacks start as many as they may."""

    def told(number: int) -> str:
        level, user = LEVELS[number], NOBODY - number
        own = folder / level
        own.mkdir()
        os.chown(own, user, user)
        return as_another([str(HERE / "attacked.py"), str(own), level], own, user)

    folder.chmod(0o755)
    with ThreadPoolExecutor(len(LEVELS)) as pool:
        return [
            Came(**one) for text in pool.map(told, range(len(LEVELS))) for one in json.loads(text)
        ]


def as_another(arguments: Sequence[str], folder: Path, user: int) -> str:
    """What a Python of another user prints; that one may not be allowed to run ours."""
    site = os.pathsep.join([str(HERE.parent), *(p for p in sys.path if p.endswith("-packages"))])
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for python in filter(None, [sys.executable, shutil.which(version, path=os.defpath)]):
        with suppress(PermissionError):
            return subprocess.run(
                [python, *arguments],
                cwd=folder,
                env={"PYTHONPATH": site, "TMPDIR": str(folder), "PATH": os.defpath},
                user=user,
                group=user,
                extra_groups=[],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
    return lacking("there is no Python that another user may run")


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="what is above was tried by such a user")
def test_an_ordinary_user_meets_the_same() -> None:
    """All attacks once more, at each level, without root's rights."""
    with tempfile.TemporaryDirectory(prefix="attacked-") as name:
        found = of_ordinary_users(Path(name))
    attacks = {path.stem: read_attack(path, {}) for path in ATTACKS}
    levels = {came.level for came in found if came.attack}
    assert {
        came.level: came.outcomes for came in found if not came.attack and came.level in levels
    } == {level: ["right"] * 3 for level in levels}
    assert "bubblewrap" in levels or not os.environ.get(REQUIRED)
    assert len(found) == len(levels) * len(attacks) + len(LEVELS)
    for came in found:
        if came.attack and attacks[came.attack].is_stopped_by(came.level, as_root=False):
            assert attacks[came.attack].held(came), came
        limits = LIMITS if not came.attack else attacks[came.attack].limits(came.level)
        assert came.seconds < limits.total_seconds + 5, came


# ------------------------------------------------------------------ what an honest submission meets


def test_the_attacks_are_at_least_thirty_and_each_says_how_it_ends() -> None:
    attacks = [read_attack(path, {}) for path in ATTACKS]
    assert len(attacks) >= 30
    assert all(attack.expected for attack in attacks)


def test_the_page_says_what_the_attacks_are_held_to() -> None:
    """`python tests/attack_table.py` writes it, from what they showed."""
    assert attack_table.PAGE.read_text(encoding="utf-8") == attack_table.page_with(
        attack_table.declared()
    )
    assert attack_table.declared().count("not held") == sum(
        attack.unstopped.partition(":")[0].count(level)
        for attack in attack_table.attacks().values()
        for level in LEVELS
    )


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


NO_ROOM = """
import ctypes.util, os, resource, subprocess  # this user need not be able to read them
import py_landlock
from layercheck.submissions.child import limits, runtime

if os.geteuid() == 0:
    limits.drop_user(1234567)
most = dict(memory_bytes=1 << 31, file_bytes=1, total_seconds=1, processes=0, open_files=64)
files = dict(read=[], list=["/"], write=["/tmp"])
print(runtime.restrict(dict(limits=most, files=files, calls="")))
"""


def test_landlock_holds_where_the_user_may_start_nothing_more() -> None:
    """Its binding starts a program; other processes of this user may have used up what there is."""
    required("py_landlock")
    command = [sys.executable, "-c", NO_ROOM]
    run = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    assert "'RLIMIT_NPROC'" in run.stdout, run.stderr
    assert "'Landlock ABI" in run.stdout
