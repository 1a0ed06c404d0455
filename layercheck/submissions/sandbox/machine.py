"""What this machine gives to keep other people's code in: found out by trying it."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from layercheck.errors import UsageError

from .sandbox import Sandbox
from .syscalls import REFUSED, program

Protection = tuple[str, bool, str]
STRONG = "bubblewrap"
PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP, PR_GET_CHILD_SUBREAPER = 39, 21, 37
SYS_LANDLOCK_CREATE_RULESET = 444


def protections() -> list[Protection]:
    """Each protection: its name, whether it is here, and what was found; last the level used."""
    return [*found()]


def found() -> Iterator[Protection]:
    """Try each protection."""
    yield tried("bubblewrap", missing="install the system package bubblewrap")
    yield namespaces()
    yield landlock()
    yield no_new_privs()
    yield filtered()
    yield rlimits()
    yield subreaper()
    yield level_used()


def tried(level: str, missing: str) -> Protection:
    """Start a child at this level."""
    if level == "bubblewrap" and shutil.which("bwrap") is None:
        return level, False, missing
    try:
        with Sandbox(level=level) as sandbox:
            return level, True, ", ".join(sandbox.held) or "works"
    except UsageError as error:
        return level, False, str(error)


def namespaces() -> Protection:
    names = [
        n
        for n in ("user", "mnt", "pid", "net", "ipc", "uts")
        if Path(f"/proc/self/ns/{n}").exists()
    ]
    most = "?"
    with suppress(OSError):
        most = Path("/proc/sys/user/max_user_namespaces").read_text().strip()
    detail = f"{' '.join(names)}; at most {most} user namespaces" if names else "Linux only"
    return "namespaces", len(names) == 6 and most != "0", detail


def landlock() -> Protection:
    abi = prctl_free_call(SYS_LANDLOCK_CREATE_RULESET, 0, 0, 1)
    if abi < 1:
        return "Landlock", False, "this kernel has none"
    if importlib.util.find_spec("py_landlock") is None:
        return "Landlock", False, f"the kernel has ABI {abi}; pip install 'layercheck[isolation]'"
    _, works, detail = tried("landlock", missing="")
    return "Landlock", works, f"ABI {abi}: {detail}"


def prctl_free_call(number: int, *arguments: int) -> int:
    """A system call by its number; -1 where there is none."""
    if sys.platform != "linux":
        return -1
    return int(ctypes.CDLL(None).syscall(number, *arguments))


def prctl(option: int, argument: object = 0) -> int:
    if sys.platform != "linux":
        return -1
    return int(ctypes.CDLL(None).prctl(option, argument, 0, 0, 0))


def no_new_privs() -> Protection:
    here = prctl(PR_GET_NO_NEW_PRIVS) >= 0
    detail = "set by bubblewrap, by Landlock and with the filter" if here else "Linux only"
    return "no_new_privs", here, detail


def filtered() -> Protection:
    """The filter of system calls."""
    name = "system calls filtered"
    if prctl(PR_GET_SECCOMP) < 0:
        return name, False, "this kernel has no seccomp"
    if not program():
        return name, False, "install libseccomp, and: pip install 'layercheck[isolation]'"
    return name, True, f"{len(REFUSED)} calls refused at every level"


def rlimits() -> Protection:
    if importlib.util.find_spec("resource") is None:
        return "resource limits", False, "Windows has none: memory and processes are not limited"
    count = "" if os.geteuid() else "; the number of root's processes is limited in bubblewrap only"
    return "resource limits", True, f"memory, processor time, file size, processes{count}"


def subreaper() -> Protection:
    value = ctypes.c_int()
    here = prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(value)) == 0
    return "subreaper", here, "ends orphans below bubblewrap's level" if here else "Linux only"


def level_used() -> Protection:
    """The best level that works, and whether it is enough for hostile code."""
    with Sandbox() as sandbox:
        level = sandbox.level
    root = sys.platform != "win32" and os.geteuid() == 0
    advice = ["" if level == STRONG else "run hostile code in a container"]
    if root and level != STRONG:
        advice.append("and not as root")
    return (
        f"level used: {level}",
        level == STRONG,
        " ".join(advice).strip() or "enough for hostile homework",
    )
