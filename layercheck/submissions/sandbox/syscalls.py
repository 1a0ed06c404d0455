"""The system calls that no layer needs, refused by the kernel (seccomp): memory that no limit
counts, further namespaces, other processes' insides, what belongs to somebody else's files."""

from __future__ import annotations

import errno
import sys
import tempfile
from contextlib import suppress
from functools import cache
from typing import Any

NAMES = """
memfd_create memfd_secret shmget shmat shmctl semget msgget mq_open userfaultfd mlock mlock2
mlockall
vmsplice splice tee mknod mknodat
landlock_create_ruleset landlock_add_rule landlock_restrict_self
unshare setns mount umount2 pivot_root chroot mount_setattr move_mount open_tree fsopen fsmount
fsconfig fspick
ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd perf_event_open bpf
migrate_pages move_pages
socket socketpair
inotify_init inotify_init1 fanotify_init flock
open_by_handle_at name_to_handle_at
keyctl add_key request_key io_uring_setup io_uring_enter io_uring_register init_module finit_module
delete_module kexec_load swapon swapoff reboot acct quotactl syslog personality
chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat
setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat
"""
REFUSED = tuple(NAMES.split())
"""With EPERM, by line: memory that no limit counts, namespaces, other processes' insides, sockets
(some kinds know no namespace, and what lies in them counts for nobody), news of others' files and
locks on them, the kernel's own affairs, what belongs to files. A name that this machine's
libseccomp does not know is none of its kernel's calls."""

NEWER = {
    "setxattrat": 463,
    "removexattrat": 466,
    "open_tree_attr": 467,
    "file_getattr": 468,
    "file_setattr": 469,
}
"""Calls that a libseccomp may not know yet, by their number, which is one on all machines."""

CONTROLS = (0x5412, 0x40086602, 0x40046602, 0x401C5820, 0x8901, 0x8902)
"""What ioctl(2) is told to type for a terminal's user, to set a file's flags, and to say whom a
descriptor's signals go to."""

OF_DESCRIPTORS = (
    *(6, 7, 13, 14, 37, 38),  # locks on parts of a file: the kernel keeps as many as are asked for
    *(8, 10, 15),  # whom a descriptor's signals go to, and which: any process of the user
    *(1024, 1026),  # leases, news of a folder
    1031,  # a pipe's size: what lies in it is in nobody's memory
)
"""What fcntl(2) is told to do that reaches others, or that no limit counts."""

NEW_NAMESPACES = (
    0x10000000,  # user
    0x00020000,  # mount
    0x02000000,  # cgroup
    0x04000000,  # UTS
    0x08000000,  # IPC
    0x20000000,  # PID
    0x40000000,  # network
)
"""The flags of clone(2) that make one."""

SHARED_AND_ANONYMOUS = 0x21
"""The flags of mmap(2) for pages that outlive being dropped by whoever has them: then no process
has them resident."""

PR_SET_THP_DISABLE = 41
"""What prctl(2) is told to do without huge pages, by 1 and 0, and with them again."""

OF_OTHERS = {
    "prlimit64": (0,),
    "sched_setaffinity": (0,),
    "sched_setscheduler": (0,),
    "sched_setparam": (0,),
    "sched_setattr": (0,),
    "setpriority": (0, 1),
}
"""Calls that may be made of oneself alone, and which of their arguments have to be 0 for that."""

ONE_PROCESS = 1
"""What ioprio_set(2) takes first where no group or user is meant."""


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
    for number in NEWER.values():
        with suppress(OSError, ValueError, RuntimeError):
            calls.add_rule(refuse, number)
    for control in CONTROLS:
        calls.add_rule(refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, control))
    for asked in OF_DESCRIPTORS:
        calls.add_rule(refuse, "fcntl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, asked))
    for flag in NEW_NAMESPACES:
        calls.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    calls.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # whose flags lie in memory: clone then
    shared = seccomp.Arg(3, seccomp.MASKED_EQ, SHARED_AND_ANONYMOUS, SHARED_AND_ANONYMOUS)
    calls.add_rule(refuse, "mmap", shared)
    small = seccomp.Arg(0, seccomp.EQ, PR_SET_THP_DISABLE)
    calls.add_rule(refuse, "prctl", small, seccomp.Arg(1, seccomp.NE, 1))
    calls.add_rule(refuse, "prctl", small, seccomp.Arg(2, seccomp.NE, 0))
    for name, places in OF_OTHERS.items():
        for place in places:
            calls.add_rule(refuse, name, seccomp.Arg(place, seccomp.NE, 0))
    calls.add_rule(refuse, "ioprio_set", seccomp.Arg(0, seccomp.NE, ONE_PROCESS))
    calls.add_rule(refuse, "ioprio_set", seccomp.Arg(1, seccomp.NE, 0))
    with tempfile.TemporaryFile() as file:
        calls.export_bpf(file)
        file.seek(0)
        return file.read()
