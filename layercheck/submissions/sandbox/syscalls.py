"""The system calls that no layer needs, refused by the kernel (seccomp): memory that no limit
counts, further namespaces, other processes' insides, what belongs to somebody else's files."""

from __future__ import annotations

import errno
import sys
import tempfile
from functools import cache
from typing import Any

MEMORY = ("memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "semget", "msgget")
MEMORY += ("mq_open", "userfaultfd", "mlock", "mlock2", "mlockall")
NAMESPACES = ("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "mount_setattr")
NAMESPACES += ("move_mount", "open_tree", "fsopen", "fsmount", "fsconfig", "fspick")
INSIDES = ("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp")
INSIDES += ("pidfd_getfd", "perf_event_open", "bpf", "open_by_handle_at", "name_to_handle_at")
KERNEL = ("keyctl", "add_key", "request_key", "io_uring_setup", "io_uring_enter")
KERNEL += ("io_uring_register", "init_module", "finit_module", "delete_module", "kexec_load")
KERNEL += (
    "swapon",
    "swapoff",
    "reboot",
    "acct",
    "quotactl",
    "syslog",
    "personality",
    "fanotify_init",
)
ATTRIBUTES = ("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat")
ATTRIBUTES += ("utime", "utimes", "utimensat", "futimesat", "setxattr", "lsetxattr", "fsetxattr")
ATTRIBUTES += ("setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat")
REFUSED = (*MEMORY, *NAMESPACES, *INSIDES, *KERNEL, *ATTRIBUTES)
"""With EPERM; a name that this machine's libseccomp does not know is none of its kernel's calls."""

NEW_NAMESPACES = (0x10000000, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x20000000)
NEW_NAMESPACES += (0x40000000,)
"""The flags of clone(2) that make one: user, mount, cgroup, UTS, IPC, PID, network."""

AF_UNIX = 1


@cache
def program() -> bytes:
    """The filter as the kernel takes it (BPF); empty where libseccomp or its binding is missing."""
    if sys.platform != "linux":
        return b""
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError):  # it is an optional extra, and wants the library
        return b""
    return made(pyseccomp)


def made(seccomp: Any) -> bytes:
    """The filter, by pyseccomp."""
    calls = seccomp.SyscallFilter(seccomp.ALLOW)
    refuse = seccomp.ERRNO(errno.EPERM)
    for name in REFUSED:
        try:
            calls.add_rule(refuse, name)
        except (OSError, ValueError, RuntimeError):  # no call of this machine's
            continue
    for flag in NEW_NAMESPACES:
        calls.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    calls.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # whose flags lie in memory: clone then
    calls.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.EQ, AF_UNIX))
    with tempfile.TemporaryFile() as file:
        calls.export_bpf(file)
        file.seek(0)
        return file.read()
