"""What the files in tests/attacks come to in a sandbox; NumPy says what relu is, and no judge.

`python tests/attacked.py FOLDER [LEVEL]` tries all of them, at each level or at one, as the user that
it runs as, and prints what came of each as JSON.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

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


@dataclass
class Attack:
    """A submission file, and what its docstring says of it."""

    title: str
    source: str
    expected: set[str]
    unstopped: (
        str  # `plain, landlock, as root: reason`; `as another user` where root's child is not
    )

    def is_stopped_by(self, level: str, as_root: bool | None = None) -> bool:
        """Of root or of another user; None: of the one that this process is."""
        where, _, _ = self.unstopped.partition(":")
        as_root = os.geteuid() == 0 if as_root is None else as_root
        only = "as another user" if as_root else "as root"
        return level not in where or only in where

    def held(self, came: Came) -> bool:
        """Whether nothing was gained, and nothing left."""
        return bool(came.outcomes) and set(came.outcomes) <= self.expected and not came.left

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
    expected = set(told["Expected"].split(" | "))
    return Attack(lines[0], source, expected, told.get("Not stopped by", ""))


class Watched(Sandbox):
    """A sandbox that knows how long its starts took: the machine's time, and no attack's."""

    starting = 0.0

    def _start(self) -> None:
        began = time.monotonic()
        super()._start()
        self.starting += time.monotonic() - began


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
    shape = (2, 3, 5, 4)
    x, dout = random.standard_normal(shape) + 0.1, random.standard_normal(shape)
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


def left_files(name: str, folder: Path) -> list[Path]:
    """Files of an attack anywhere that the attacks write to."""
    places = [folder, folder.parent, HERE.parent, Path(tempfile.gettempdir()), Path("/")]
    places += [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")]
    found = {file for place in places for file in place.glob(f"layercheck_attack_{name}*")}
    return sorted(found)


# ------------------------------------------------------------------ all of them, by another user


@dataclass
class Came:
    """What one attack came to at one level. left: files and processes."""

    attack: str
    level: str
    outcomes: list[str]
    left: list[str]
    seconds: float


def surroundings(folder: Path, port: int) -> dict[str, str]:
    """What an attack may know: folders, the tool's process, a listening port."""
    (folder / "victim.txt").write_text("still here")
    return {
        "FOLDER": str(folder),
        "REPOSITORY": str(HERE.parent),
        "PARENT": str(os.getpid()),
        "SITE": str(Path(np.__file__).parents[1]),
        "PORT": str(port),
        "NAME": uuid.uuid4().hex,
    }


def attacked_at(level: str, folder: Path) -> Iterator[Came]:
    """Each attack in a sandbox of this level, and last what is honest."""
    profiles = folder / "profiles"
    shutil.copytree(HERE / "attack_profile", profiles)
    try:
        sandbox = Watched(LIMITS, level=level, profiles=[str(profiles)])
    except UsageError as error:
        yield Came("", level, [str(error)], [], 0.0)
        return
    with sandbox, closing(socket.create_server(("127.0.0.1", 0))) as server:
        for path in ATTACKS:
            values = surroundings(folder, server.getsockname()[1])
            attack = read_attack(path, values)
            sandbox.limits = attack.limits(level)
            began = time.monotonic() - sandbox.starting
            outcomes = tried(sandbox, attack.source)
            seconds = time.monotonic() - began - sandbox.starting
            left = [str(file) for file in left_files(values["NAME"], folder) if remove(file)]
            victim = [] if (folder / "victim.txt").exists() else ["victim.txt is gone"]
            yield Came(path.stem, level, outcomes, left + victim, seconds)
        sandbox.limits = LIMITS
        honest = tried(sandbox, HONEST)
    kept = [sandbox.folder.path] if os.path.exists(sandbox.folder.path) else []
    yield Came("", level, honest, left_processes(str(folder)) + kept, 0.0)


def remove(file: Path) -> bool:
    """Remove what an attack left; whether it was there."""
    there = file.exists()
    file.unlink(missing_ok=True)
    return there


def main(folder: Path, levels: Sequence[str]) -> None:
    """Every level beside the others: an attack mostly waits. Of a user whose processes are limited
    one at a time: at some levels what one attack starts counts for all."""
    found: list[Came] = []

    def work(level: str) -> None:
        (folder / level).mkdir()
        found.extend(attacked_at(level, folder / level))

    threads = [threading.Thread(target=work, args=(level,)) for level in levels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps([vars(one) for one in found]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or LEVELS)
