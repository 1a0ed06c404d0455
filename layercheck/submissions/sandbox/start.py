"""The ways to start the child, strongest first: what each level of protection takes."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from .limits import Limits
from .paths import RUNTIME, Paths, find_paths
from .syscalls import program

LEVELS = ("bubblewrap", "landlock", "plain")
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYTHONSAFEPATH": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LC_ALL": "C.UTF-8",
}
WINDOWS_NEEDS = ("SYSTEMROOT", "PATH", "TEMP")
PRIVATE = "/submission"  # the one folder to write to, inside bubblewrap
OWN_USERS = 0x6C63_0000  # far above what systems hand out; one for each process that asks


@dataclass(frozen=True)
class Way:
    """One way to start the child. user: the child becomes another user (we are root)."""

    level: str
    user: bool = False

    @property
    def folder(self) -> str:
        """Where the private folder lies in a world of the child's own; '' where it has none."""
        return PRIVATE if self.level == "bubblewrap" else ""


def ways(level: str | None) -> list[Way]:
    """What this machine may try for a level, or for the best that there is."""
    return [way for way in _all_ways() if level in (None, way.level)]


def _all_ways() -> Iterator[Way]:
    if sys.platform == "linux" and shutil.which("bwrap"):
        if os.geteuid() == 0:
            yield Way("bubblewrap", user=True)
        yield Way("bubblewrap")
    if sys.platform == "linux" and landlock_folder() is not None:
        yield Way("landlock")
    yield Way("plain")


def landlock_folder() -> str | None:
    """Where the library py-landlock lies, which is an optional extra."""
    spec = importlib.util.find_spec("py_landlock")
    return None if spec is None or spec.origin is None else os.path.dirname(spec.origin)


def command(
    way: Way,
    limits: Limits,
    folder: str,
    profiles: Sequence[str],
    calls: int | None = None,
    inputs: int | None = None,
) -> list[str]:
    """The command line that starts the child in this way.

    calls: where bubblewrap reads which system calls are refused; in other ways the child refuses
    them to itself · inputs: the memory in which it gets its inputs.
    """
    paths = find_paths(profiles)
    packages = [path for path in paths.numpy if path.endswith("numpy")]
    config: dict[str, Any] = {
        "limits": asdict(limits),
        "profiles": list(profiles),
        "packages": packages,
        "keeper": way.level != "bubblewrap",
        "user": OWN_USERS + os.getpid() % 65536 if way.user else None,
        "files": None,
        "calls": "",
        "inputs": inputs,
    }
    if way.level == "landlock":
        config["packages"] = [*packages, str(landlock_folder())]
        config["files"] = landlock_rules(paths, folder)
    if way.level != "bubblewrap":
        config["calls"] = base64.b64encode(program()).decode()
    python = [paths.python, "-u", "-s", "-S", "-B", "-X", "utf8", str(RUNTIME), json.dumps(config)]
    if way.level == "bubblewrap":
        seccomp = [] if calls is None else ["--seccomp", str(calls)]
        return [*bubblewrap(way, paths, limits, seccomp), *python]
    return python


@contextmanager
def filter_for(way: Way) -> Iterator[int | None]:
    """Where bubblewrap reads which system calls are refused; None where that is not its affair."""
    if way.level != "bubblewrap" or not program():
        yield None
        return
    reading, writing = os.pipe()  # a few hundred bytes, which fit into it
    try:
        os.write(writing, program())
        os.close(writing)
        yield reading
    finally:
        os.close(reading)


def landlock_rules(paths: Paths, folder: str) -> dict[str, list[str]]:
    listed = [tree for tree in paths.trees if os.path.isdir(tree)]
    return {"read": paths.readable, "list": listed, "write": [folder]}


def bubblewrap(way: Way, paths: Paths, limits: Limits, seccomp: Sequence[str]) -> list[str]:
    """An empty world with Python and NumPy read-only, a small folder to write, and no network."""
    size = ["--size", str(limits.file_bytes)] if "--size" in bwrap_options() else []
    return [
        "bwrap",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--new-session",
        *seccomp,
        *privileges(way),
        "--clearenv",
        *(a for pair in ENVIRONMENT.items() for a in ("--setenv", *pair)),
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--dev-bind",
        "/dev/null",
        "/dev/zero",  # mapped, it is memory that outlives being dropped
        *mounts(paths),
        "--remount-ro",
        "/dev",
        "--perms",
        "1777",
        *size,
        "--tmpfs",
        PRIVATE,
        "--chdir",
        PRIVATE,
        "--remount-ro",
        "/",
        "--",
    ]


def privileges(way: Way) -> list[str]:
    if way.user:
        return ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    closed = ["--disable-userns"] if "--disable-userns" in bwrap_options() else []
    return ["--unshare-user", *closed, "--cap-drop", "ALL"]


def mounts(paths: Paths) -> Iterator[str]:
    """Trees, then empty folders over their site-packages, then NumPy and the child's files."""
    shown = (paths.python, *paths.numpy, *paths.own)
    for folder in above((*paths.trees, *shown)):  # bubblewrap makes them 0700: closed to our user
        yield from ("--perms", "0755", "--dir", folder)
    for tree in paths.trees:
        if os.path.islink(tree):
            yield from ("--symlink", os.readlink(tree), tree)
        else:
            yield from ("--ro-bind", tree, tree)
    for folder in paths.hidden:
        yield from ("--perms", "0755", "--tmpfs", folder)
    for path in shown:
        yield from ("--ro-bind", path, path)
    for folder in paths.hidden:
        yield from ("--remount-ro", folder)


def above(paths: Iterable[str]) -> list[str]:
    """The folders that hold these paths, outermost first, where no path holds them itself."""
    folders = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    inside = tuple(f"{path}/" for path in paths)
    return sorted(f for f in folders - {"/"} if not f"{f}/".startswith(inside))


@lru_cache
def bwrap_options() -> frozenset[str]:
    """What this bubblewrap can do: --size came with 0.7, --disable-userns with 0.8."""
    told = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False)
    return frozenset((told.stdout + told.stderr).split())


def environment() -> dict[str, str]:
    """The child's whole environment."""
    kept = WINDOWS_NEEDS if sys.platform == "win32" else ()
    return {
        **ENVIRONMENT,
        "PATH": os.defpath,
        **{n: os.environ[n] for n in kept if n in os.environ},
    }
