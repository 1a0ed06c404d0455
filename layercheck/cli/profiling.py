"""`--profile-run`: where the time of a check went."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from layercheck.stages import STAGES

P = ParamSpec("P")
T = TypeVar("T")


def profiled(wanted: bool, function: Callable[P, T]) -> Callable[P, T]:
    """The function; where that is wanted, one that tells its stages at the end."""

    @wraps(function)
    def told(*given: P.args, **named: P.kwargs) -> T:
        STAGES.begin()
        try:
            return function(*given, **named)
        finally:
            for line in STAGES.lines():
                click.echo(line, err=True)

    return told if wanted else function
