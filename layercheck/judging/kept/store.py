"""Bytes by key in one SQLite file, which several processes use at once. It is a cache: whatever is
wrong with the file, what was asked for is not there, and nothing is raised."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

AT_ONCE = 128
"""How many are written together: each transaction waits for the disk."""

MOST_BYTES = 256 * 1024 * 1024
"""How large the file grows: then the older half makes room."""

MOST_OF_ONE = 1024 * 1024
"""A longer value is not kept: few of them would push everything else out."""

PATIENCE = 0.5
"""How many seconds one process waits for what another one writes."""

SCHEMA = "CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, key BLOB UNIQUE, value BLOB)"
HALF = "DELETE FROM kept WHERE number <= (SELECT (min(number) + max(number)) / 2 FROM kept)"
T = TypeVar("T")


class Store:
    """A file of values by key; of its own in each process, since a connection outlives no fork."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self.path, self.most_bytes = path, most_bytes
        self.waiting: dict[bytes, bytes] = {}
        self.lock = threading.Lock()
        self.connection: sqlite3.Connection | None = None
        with suppress(OSError, sqlite3.Error):
            self.connection = opened_anew(path)

    def get(self, key: bytes) -> bytes | None:
        """What is kept, or None."""
        with self.lock:
            found = self._tried(lambda c: c.execute(READ, (key,)).fetchone())
        return found[0] if found else None

    def get_all(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """What is kept of several, which is looked up at once."""
        places = ", ".join("?" * len(keys))
        with self.lock:
            found = self._tried(lambda c: c.execute(READ_ALL.format(places), keys).fetchall())
        return dict(found or ())

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value; it is written with others, at the latest by `flush`."""
        if len(value) > MOST_OF_ONE:
            return
        with self.lock:
            self.waiting[key] = value
            full = len(self.waiting) >= AT_ONCE
        if full:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self.lock:
            waiting, self.waiting = self.waiting, {}
            if waiting:
                self._tried(lambda c: self._write(c, waiting))

    def _write(self, connection: sqlite3.Connection, waiting: dict[bytes, bytes]) -> None:
        with connection:
            if self.path.stat().st_size > self.most_bytes:
                connection.execute(HALF)  # its pages are written anew
            connection.executemany(
                "INSERT OR REPLACE INTO kept (key, value) VALUES (?, ?)", waiting.items()
            )

    def _tried(self, use: Callable[[sqlite3.Connection], T]) -> T | None:
        """A use of the connection; one that fails is the last one."""
        if self.connection is None:
            return None
        try:
            return use(self.connection)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):  # another process writes for long: this once it is not there
                return None
            self._give_up()
        except (sqlite3.Error, OSError):
            self._give_up()
        return None

    def _give_up(self) -> None:
        """Do without; a damaged file is made anew by the next one."""
        connection, self.connection = self.connection, None
        with suppress(sqlite3.Error, OSError):
            if connection is not None:
                connection.close()
            remove(self.path)


READ = "SELECT value FROM kept WHERE key = ?"
READ_ALL = "SELECT key, value FROM kept WHERE key IN ({})"


def opened_anew(path: Path) -> sqlite3.Connection:
    """The same as `opened`; what is no database makes room for one."""
    try:
        return opened(path)
    except sqlite3.OperationalError:
        raise  # it cannot be had now
    except sqlite3.DatabaseError:
        remove(path)
        return opened(path)


def remove(path: Path) -> None:
    """Remove a file with what SQLite has beside it; raises OSError."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


def opened(path: Path) -> sqlite3.Connection:
    """A connection to a file that is ours alone; raises OSError or sqlite3.Error.

    What others may write they could fill with bounds of their own.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_private(path.parent):
        raise PermissionError(f"{path.parent} is not this user's alone")
    connection = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")  # what a machine loses is computed again
        connection.execute(SCHEMA)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def is_private(folder: Path) -> bool:
    """Whether this user owns a folder, and nobody else may write to it."""
    if sys.platform == "win32":
        return True  # a user's own folder is his by the rights that it inherits
    told = folder.stat()
    return told.st_uid == os.geteuid() and not told.st_mode & 0o022
