"""Whether results are kept, and where: in the user's cache folder, as long as nobody else writes
there."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from oracles.oracle import Question

from .coded import Found, coded, decoded, sealed, unsealed
from .keys import key_of, key_of_case, key_of_text
from .store import Store

VARIABLE = "LAYERCHECK_CACHE"
"""The environment variable that names another folder, or is `off`."""

OFF = "off"
FILE = "results.sqlite"

T = TypeVar("T")


class Keeping:
    """The store of this process; opened when it is first wanted."""

    def __init__(self) -> None:
        self.forbidden = False
        self.opened: tuple[int, str, Store | None] | None = None

    def store(self) -> Store | None:
        """The store, if results are kept."""
        told = os.environ.get(VARIABLE, "")
        if self.forbidden or told == OFF:
            return None
        if self.opened is None or self.opened[:2] != (os.getpid(), told):
            folder = Path(told) if told else usual_folder()
            store = None if folder is None else Store(folder / FILE)
            self.opened = (os.getpid(), told, store)
        return self.opened[2]

    def forbid(self) -> None:
        """Keep nothing, and believe nothing that was kept: somebody may write there whose code is
        not trusted."""
        self.forbidden = True

    def flush(self) -> None:
        """Write what waits."""
        number, _, store = self.opened or (0, "", None)
        if store is not None and number == os.getpid():
            store.flush()


KEEPING = Keeping()
atexit.register(KEEPING.flush)


def usual_folder() -> Path | None:
    """Where the system has what programs may lose; None for a user who has no folder at all."""
    from platformdirs import user_cache_path

    try:
        return user_cache_path("layercheck", appauthor=False)
    except RuntimeError:
        return None


def kept(question: Question, kind: str, compute: Callable[[], Found]) -> Found:
    """What was computed earlier for a question; computed and kept now where it was not.

    kind: by which way, of several for one question.
    """
    return recalled(lambda: key_of(question, kind), compute, coded, decoded)


def kept_of(op: str, case: str, kind: str, compute: Callable[[], Found]) -> Found:
    """The same for a case, by what it says."""
    return recalled(lambda: key_of_case(op, case, kind), compute, coded, decoded)


def all_kept(op: str, cases: Sequence[str], kind: str) -> Mapping[str, Found]:
    """What is kept of several cases, each of which is looked up at the same time."""
    store = KEEPING.store()
    if store is None:
        return {}
    keys = {key_of_case(op, case, kind): case for case in cases}
    found: dict[str, Found] = {}
    for key, data in store.get_all(list(keys)).items():
        with suppress(ValueError):
            found[keys[key]] = decoded(data)
    return found


def kept_lines(text: str, compute: Callable[[], Sequence[str]]) -> Sequence[str]:
    """The same of lines, such as cases, which follow from what a text says and from our code."""

    def read(data: bytes) -> list[str]:
        return unsealed(data).decode().splitlines()

    def written(lines: Sequence[str]) -> bytes:
        return sealed("\n".join(lines).encode())

    return recalled(lambda: key_of_text(text), compute, written, read)


def recalled(
    key_of: Callable[[], bytes],
    compute: Callable[[], T],
    write: Callable[[T], bytes],
    read: Callable[[bytes], T],
) -> T:
    """A value from the store; where it has none that can be read, computed, and put there."""
    store = KEEPING.store()
    if store is None:
        return compute()
    key = key_of()
    data = store.get(key)
    with suppress(ValueError):
        if data is not None:
            return read(data)
    value = compute()
    store.put(key, write(value))
    return value
