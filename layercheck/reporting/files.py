"""Writing a file so that a reader never sees half of it, and where it was meant to be."""

from __future__ import annotations

import itertools
import os
import stat
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

from .held import Held, folder_of, settled

STDOUT = "-"
HALF = ".layercheck-half-"
"""How the name of a file that is being written begins: short, as the whole name may be long."""

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
counter = itertools.count()


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write UTF-8 to a file beside `path`, then put it in its place; raises OSError.

    `-` is standard output. What is no regular file (a device, a FIFO, a descriptor below /dev) is
    written to as it is; a link stays one.
    """
    if os.fspath(path) == STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    if is_special(Path(path)):
        with open(path, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        return
    replace_with(named(Path(path)), text)


def named(path: Path) -> Path:
    """Where a file is that somebody named: links may lead there, and what is a link stays one."""
    return settled(path) if path.is_symlink() else settled(path.parent) / path.name


def is_special(path: Path) -> bool:
    """Whether it is there and to be written to, not replaced."""
    below_dev = path.absolute().parts[1:2] in (("dev",), ("proc",))
    return path.exists() and (below_dev or not stat.S_ISREG(path.stat().st_mode))


def replace_with(target: Path, text: str) -> None:
    """Put a new file in the place of a regular one, of a link, or of none; no link leads there.

    Raises OSError where one does by now: `target` is a path that had none.
    """
    replace_bytes(target, text.encode("utf-8", "backslashreplace"))


def replace_bytes(target: Path, data: bytes) -> None:
    """The same of bytes."""
    with folder_of(target, make=True) as folder:
        half = name_of_half()
        try:
            with os.fdopen(folder.open(half, NEW), "wb") as file:
                file.write(data)
            folder.put(half, target.name)
        except BaseException:
            with suppress(OSError):
                folder.unlink(half)
            raise


def remove_file(target: Path) -> None:
    """Remove a file whose path no link is part of; raises OSError."""
    with folder_of(target) as folder:
        folder.unlink(target.name)


def name_of_half() -> str:
    """A name that no other file is written under."""
    return f"{HALF}{os.getpid()}-{next(counter)}"


class Growing:
    """A text that is written piece by piece, and put in its place when it is whole.

    `-` and what is no regular file get each piece at once. Raises OSError; where a piece cannot be
    written, only when it is to be whole: whoever writes has more to do.
    """

    def __init__(self, path: Path) -> None:
        self.at_once = str(path) == STDOUT or is_special(path)
        self.target = path if self.at_once else named(path)
        self.half = ""
        self.failure: OSError | None = None
        self.holding = ExitStack()
        if self.at_once:
            return
        self.folder: Held = self.holding.enter_context(folder_of(self.target, make=True))
        self.half = name_of_half()
        number = self.folder.open(self.half, NEW)
        self.file = os.fdopen(
            number, "w", encoding="utf-8", errors="backslashreplace", newline="\n"
        )

    def add(self, text: str) -> None:
        """One more piece, as long as there is room."""
        if self.failure is not None:
            return
        try:
            if self.at_once:
                write_text(self.target, text)
            else:
                self.file.write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            self.failure = error

    def finish(self) -> None:
        """Put it in its place. Raises OSError."""
        if self.failure is not None:
            raise self.failure
        if self.half:
            self.file.close()
            self.folder.put(self.half, self.target.name)
            self.half = ""
            self.holding.close()

    def drop(self) -> None:
        """Leave nothing of what is not whole."""
        if self.half:
            with suppress(OSError):  # of what still waits to be written
                self.file.close()
            with suppress(OSError):
                self.folder.unlink(self.half)
            self.half = ""
        self.holding.close()


def remove_halves(folder: Path) -> None:
    """Remove what processes left half written that are gone."""
    for path in folder.glob(f"{HALF}*"):
        number = path.name.removeprefix(HALF).partition("-")[0]
        if number.isdecimal() and not is_running(int(number)):
            path.unlink(missing_ok=True)


def is_running(process: int) -> bool:
    """Whether there is a process of this number; where nobody may ask, there may be."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
