"""Which streams of questions there are: generators, ops and the routes of one process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layercheck.errors import UsageError
from layercheck.implementations.route import Process, process_of
from oracles import routes
from ref_layers import OPS

from . import generators


@dataclass(frozen=True)
class Stream:
    """Questions of one generator about one op, put to some routes of one process."""

    generator: str
    op: str
    routes: tuple[str, ...]

    @property
    def name(self) -> str:
        """By which it goes on after an interruption."""
        return f"{self.generator} {self.op} {' '.join(self.routes)}"

    @property
    def weight(self) -> float:
        """How much its processor time counts: what compiles each question gets less of it."""
        return COMPILING if any(map(generators.is_compiled, self.routes)) else 1.0


COMPILING = 4.0


def routes_of(asked: Sequence[str]) -> list[str]:
    """The routes that were asked for, or the usual ones that are here; raises UsageError for one
    that cannot be searched, and where there are none."""
    can = [name for name in routes.names() if not why_not(name)]
    for name in asked:
        if name not in can:
            known = f"any of: {', '.join(can)}" if can else "layercheck[all] to be installed"
            raise UsageError(f"{why_not(name)}; expected {known}")
    here = [name for name in (asked or routes.usual()) if name in can]
    if not here:
        raise UsageError("no framework of these routes is installed; install layercheck[all]")
    return here


def ops_of(asked: Sequence[str]) -> list[str]:
    """The ops that were asked for, or all that can be searched; raises UsageError for one that
    cannot."""
    can = [name for name in OPS if not is_drawn(name)]
    for name in asked:
        if name not in can:
            told = f"got op {name}, for which frameworks draw numbers that no definition can tell"
            raise UsageError(f"{told}; expected any of: {', '.join(can)}")
    return list(asked) or can


def why_not(name: str) -> str:
    """Why a route cannot be searched; empty where it can."""
    if name not in routes.names():
        return f"unknown route {name!r}"
    if name in routes.rounded():
        return f"got route {name}, which rounds more than the bounds of a search allow"
    lacking = " and ".join(routes.missing(name))
    return f"got route {name}, for which {lacking} is not installed" if lacking else ""


def processes(names: Sequence[str]) -> dict[Process, list[str]]:
    """The routes by the process that answers by them."""
    found: dict[Process, list[str]] = {}
    for name in names:
        found.setdefault(process_of(name), []).append(name)
    return found


def streams(ops: Sequence[str], names: Sequence[str]) -> Iterator[Stream]:
    """All streams of a process: eager routes share their questions, compiled ones have none to
    share."""
    eager = tuple(name for name in names if not generators.is_compiled(name))
    compiled = [name for name in names if generators.is_compiled(name)]
    for generator in generators.names():
        kind = generators.load(generator)
        for op in (op for op in ops_of(ops) if op in kind.OPS):
            if kind.EAGER and eager:
                yield Stream(generator, op, eager)
            if kind.COMPILED:
                yield from (Stream(generator, op, (name,)) for name in compiled)


def is_drawn(op: str) -> bool:
    """Whether frameworks draw something of their own for it, which no definition can tell."""
    return any(tensor.draw == "mask" for tensor in OPS[op].inputs.values())
