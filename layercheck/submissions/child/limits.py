"""What the child gives up before it runs somebody else's code. Limits only ever get tighter."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

PR_SET_NO_NEW_PRIVS, PR_GET_SECCOMP, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 21, 22, 2
PR_SET_THP_DISABLE = 41
CAPABILITIES = 0x20080522
"""The version of the form in which capset(2) is asked."""

WAITING = 64
"""Signals and timers that may wait: of those each user has so many in all."""

INSTRUCTION = 8
"""Bytes of one step of a filter."""


def drop_user(user: int) -> None:
    """Become a user whom nothing belongs to: then the limit on processes counts ours alone."""
    if sys.platform != "win32":
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def give_up_rights() -> list[str]:
    """Root is asked like anybody else: no limit is raised again, nobody else's file is opened.

    Returns what now holds; nothing of a user who has no such rights.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # or a program that is started has them again
    header = (ctypes.c_uint32 * 2)(CAPABILITIES, 0)
    none = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, in two halves
    return ["no rights of root"] if libc.capset(header, none) == 0 else []


def set_rlimits(limits: Mapping[str, Any]) -> list[str]:
    """Set what the system has; returns the names of the limits that now hold."""
    try:
        import resource
    except ImportError:  # Windows
        return []
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": int(limits["memory_bytes"]),
        "RLIMIT_FSIZE": int(limits["file_bytes"]),
        "RLIMIT_CPU": int(limits["total_seconds"]) + 5,
        "RLIMIT_NPROC": tasks_of_user() + int(limits["processes"]),
        "RLIMIT_NOFILE": int(limits["open_files"]),
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_SIGPENDING": WAITING,
    }
    return [name for name, value in wanted.items() if lower(resource, name, value)]


def lower(resource: Any, name: str, value: int) -> bool:
    kind = getattr(resource, name, None)
    if kind is None:
        return False
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (value, value))
    except (ValueError, OSError):  # macOS has the names, but refuses some of them
        return False
    return True


def tasks_of_user() -> int:
    """Processes and threads that this user has already; RLIMIT_NPROC counts them all."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            lines = (folder / "status").read_text().splitlines()
            fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
            if int(fields["Uid"].split()[0]) == os.getuid():
                count += int(fields["Threads"])
    return count


def refuse_huge_pages() -> list[str]:
    """Of a huge page of which a part is given back, the whole may stay, and counts for nobody."""
    if sys.platform != "linux":
        return []
    refused = ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0
    return ["no huge pages"] if refused else []


def file_rules(rules: Mapping[str, list[str]]) -> Any:
    """Landlock's rules, to be applied: read what is listed, write in the private folder, no TCP, no
    signals outwards. Made before there are limits: the binding starts a program to find the C
    library, which others of this user's may leave no room for."""
    library = importlib.import_module("py_landlock")  # an optional extra
    AccessFs, lock = library.AccessFs, library.Landlock(strict=False)
    reading = AccessFs.READ_FILE | AccessFs.EXECUTE
    for path in rules["read"]:
        folder = AccessFs.READ_DIR if Path(path).is_dir() else AccessFs(0)
        lock.add_path_rule(path, access=reading | folder)
    lock.add_path_rule(*rules["list"], access=AccessFs.READ_DIR)
    lock.allow_read_write(*rules["write"])
    lock.add_path_rule("/dev/null", access=AccessFs.READ_FILE | AccessFs.WRITE_FILE)
    return lock


def restrict_files(lock: Any) -> list[str]:
    """Apply the rules; they hold from now on, for all that is started as well."""
    lock.apply()
    return [f"Landlock ABI {int(lock.abi_version)}"]


def refuse_calls(program: bytes) -> None:
    """Have the kernel refuse what a filter (BPF) names, for this process and all that it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    steps = ctypes.create_string_buffer(program, len(program))
    asked = Program(len(program) // INSTRUCTION, ctypes.cast(steps, ctypes.c_void_p))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(asked), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")


def has_filter() -> bool:
    """Whether one is at work here."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER)


class Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def ignore_interrupts() -> None:
    """Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
