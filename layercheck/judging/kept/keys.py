"""By what a kept result is found: the question's every value, and the code that answers it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np

import ref_layers
from oracles.oracle import Question

SIZE = 20
"""Bytes of a key."""

ROOT = Path(next(iter(ref_layers.__path__))).parent
"""The folder that holds our packages."""

RESULTS = (
    "ref_layers/*.py",
    "oracles/*.py",
    "layercheck/judging/facts.py",
    "layercheck/judging/bounds/*.py",
    "layercheck/judging/kept/*.py",
)
"""The sources that an exact result and its bounds come from."""

VALUES = (
    "layercheck/cases/case.py",
    "layercheck/cases/draws.py",
    "layercheck/cases/fills.py",
    "layercheck/cases/named_fills.py",
    "layercheck/cases/text.py",
)
"""Those that a case's values come from besides."""

CASES = (
    "layercheck/cases/*.py",
    "layercheck/cases/levels/*.py",
    "layercheck/cases/quick/*.*",
    "layercheck/submissions/expressible.py",
    "layercheck/submissions/profiles/target.py",
    "layercheck/implementations/functions.py",
    "layercheck/implementations/layer.py",
    "layercheck/pipeline/attributes.py",
    "layercheck/pipeline/kept_cases.py",
    "layercheck/pipeline/pairs.py",
    "layercheck/pipeline/probes/same_sizes.py",
)
"""Those that a choice of cases comes from besides."""


def key_of_text(text: str) -> bytes:
    """The key of cases that follow from what a text says."""
    return hashlib.blake2b(code(RESULTS) + code(CASES) + text.encode(), digest_size=SIZE).digest()


def key_of_case(op: str, case: str, kind: str) -> bytes:
    """The key of what is computed in one way for a case, which says what its values are."""
    made_by = code(RESULTS) + code(VALUES) + stamp(op)
    return hashlib.blake2b(made_by + f" {kind} {case}".encode(), digest_size=SIZE).digest()


def key_of(question: Question, kind: str) -> bytes:
    """The key of what is computed in one way for a question."""
    found = hashlib.blake2b(code(RESULTS), digest_size=SIZE)
    settings = sorted(question.attributes.items())
    found.update(f"{kind} {question.op} {settings} {question.differentiable}".encode())
    for name, value in (*question.inputs.items(), ("dout", question.dout)):
        found.update(f"{name} {value.dtype.str} {value.shape}".encode())
        found.update(np.ascontiguousarray(value).data)
    return found.digest()


@cache
def code(made_by: tuple[str, ...]) -> bytes:
    """A fingerprint of the sources, the libraries below them and the machine's numbers."""
    found = hashlib.blake2b(digest_size=SIZE)
    for path in sources(made_by):
        found.update(path.name.encode() + path.read_bytes())
    extended = np.finfo(np.longdouble)
    machine = (platform.machine(), extended.bits, extended.nmant, np.__version__, flint())
    found.update(repr(machine).encode())
    return found.digest()


@cache
def stamp(op: str) -> bytes:
    """Which recording of an op there is."""
    try:
        told = Path(ROOT, "oracles", "recordings", f"{op}.npz").stat()
    except OSError:
        return b""
    return f"{told.st_size} {told.st_mtime_ns}".encode()


def sources(made_by: tuple[str, ...]) -> Iterator[Path]:
    """The files, in a fixed order."""
    for pattern in made_by:
        yield from sorted(ROOT.glob(pattern))


def flint() -> str:
    """The version of the ball arithmetic; '' without one."""
    try:
        return metadata.version("python-flint")
    except metadata.PackageNotFoundError:
        return ""
