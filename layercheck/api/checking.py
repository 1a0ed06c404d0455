"""A whole check from a program: the pipeline of the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from inspect import signature
from types import ModuleType
from typing import Any

from layercheck.cases.grids import GRIDS
from layercheck.errors import UsageError, unknown
from layercheck.implementations.given.subject import given
from layercheck.pipeline import run
from layercheck.pipeline.options import ALLOWED, Options
from ref_layers import OPS

from .examples import named
from .report import Report
from .told import OP, one_of, text_of

Subject = str | os.PathLike[str] | ModuleType | type | Callable[..., Any] | object
Names = str | Sequence[str] | None


def check(
    subject: Subject | None = None,
    /,
    *,
    ops: Names = None,
    oracles: Names = None,
    grid: str = "",
    where: str = "",
    dtype: str = "",
    hints: Mapping[str, Any] | None = None,
    strict: bool = False,
    allow: Names = (),
    **functions: Callable[..., Any],
) -> Report:
    """Check a subject as the command line does; the report.

    subject: a module or its name, a file's path (sandboxed), a class, an object (a torch.nn.Module,
    a Keras layer, ...), a function, or a namespace such as a notebook's `globals()` · functions: by
    the names of the ops, `conv2d=f, conv2d_backward=df`; a framework's function without a backward
    has the framework's gradient · ops: only these; of a class, an object or a function: what it is
    · oracles: live ones, `"exact"` alone for none; by default what a program hands over is held
    against recorded answers · grid, where, dtype, strict, allow: as on the command line · hints:
    what `@layercheck.implements` takes (`layout="NHWC"`, `x="image"`, `fixed={"groups": 1}`), and
    `arrays="torch"`.
    Raises UsageError where there is nothing to check.

    >>> import numpy as np, layercheck
    >>> report = layercheck.check(
    ...     relu=lambda x: (np.maximum(x, 0), x), relu_backward=lambda dout, x: dout * (x > 0)
    ... )
    >>> report.passed, [check.target for check in report.checks]
    (True, ['relu', 'relu_backward'])
    """
    options = options_of(oracles, grid, where, dtype, strict, allow)
    return checked(subject, functions, names_of(ops), options, hints or {})


def options_of(
    oracles: Names = None,
    grid: str = "",
    where: str = "",
    dtype: str = "",
    strict: bool = False,
    allow: Names = (),
) -> Options:
    """The options of a run; raises UsageError for a value that there is not."""
    return Options(
        grid=one_of("grid", grid, ("", *GRIDS)),
        oracles=None if oracles is None else names_of(oracles),
        where=text_of("where", where, "a condition, such as 'stride > 1'"),
        dtype=one_of("dtype", dtype, ("", "float32", "float64")),
        strict=bool(one_of("strict", strict, (False, True))),
        allow=tuple(one_of("allow", verdict, ALLOWED) for verdict in names_of(allow)),
    )


def checked(
    subject: Subject | None,
    functions: Mapping[str, Any],
    ops: tuple[str, ...],
    options: Options,
    hints: Mapping[str, Any],
) -> Report:
    """The report of a subject in any form."""
    subject = os.fspath(subject) if isinstance(subject, os.PathLike) else subject
    if not isinstance(hints, Mapping):
        raise UsageError(
            f"got hints={hints!r}; expected what @layercheck.implements takes, as a dict: "
            '{"layout": "NHWC"} (how much is told of a failure is an option of the command line)'
        )
    spec = subject if isinstance(subject, str) else given(subject, functions, ops, hints)
    if isinstance(spec, str) and (hints or functions):
        raise UsageError(
            "hints and functions are for what a program hands over; a file has "
            "@layercheck.implements, a module the ops' own names"
        )
    return Report.of(run.check(spec, replace(options, ops=ops, every=True)))


def names_of(names: Names) -> tuple[str, ...]:
    """One name or several; raises UsageError for what is none."""
    found = (names,) if isinstance(names, str) else names or ()
    if not isinstance(found, Iterable) or not all(isinstance(name, str) for name in found):
        raise UsageError(f"got {names!r}; expected a name, or a list of names")
    return tuple(found)


def refuse_unknown(op: str, chosen: Mapping[str, Any]) -> None:
    """Raise UsageError for an op, or an option, that there is not."""
    if op and op not in OPS:
        raise unknown("op", op, OPS)
    others = chosen.keys() - signature(options_of).parameters
    if others:
        known = ", ".join(signature(options_of).parameters)
        raise UsageError(f"got {min(others)}=...; expected any of: backward, hints, {known}")


def assert_agrees(
    subject: Subject,
    op: str = "",
    /,
    *,
    backward: Callable[..., Any] | None = None,
    hints: Mapping[str, Any] | None = None,
    **chosen: Any,
) -> None:
    """Raise AssertionError, told as the terminal tells it, where a subject does not pass.

    op: what it is, an op's name, or one case as its line of text · backward: its gradient
    `df(dout, cache)`; the rest as of `check`. A module's name, a file and a class need no op.

    >>> import numpy as np, layercheck
    >>> layercheck.assert_agrees(lambda x: np.maximum(x, 0), "relu")
    >>> # doctest: +ELLIPSIS
    ... layercheck.assert_agrees(lambda x: np.maximum(x, 0.1), "relu x=2x3 seed=1")
    Traceback (most recent call last):
    AssertionError: relu out is wrong: fails in 1 of 1 case, in out
      smallest  relu x=2x3 dtype=float32 fill=normal seed=1
      where     against exact, float32, shape 2x3
      values    got 0.100000001, expected 0 at [0, 2]
      ...
      x      expected out   got out   difference out
      (-2)   [0]            [0.1]     [0.1]
    ...
    FAILED: relu wrong; 1 case, 4 comparisons
    """
    name, _, line = text_of("op", op, OP).partition(" ")
    refuse_unknown(name, chosen)
    options = replace(options_of(**chosen), brief=True)
    if line:
        case = named(op, options.where, options.dtype)
        options = replace(options, cases=(str(case),), hunt=False)
    functions = {} if backward is None else {name: subject, f"{name}_backward": backward}
    thing, ops = (None if functions else subject), ((name,) if name else ())
    report = checked(thing, functions, ops, options, hints or {})
    if not report.passed:
        raise AssertionError(report.failures_text())
