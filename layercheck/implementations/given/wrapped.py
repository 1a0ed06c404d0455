"""Functions that hand on whatever they are given: what they take is told by the one they hold."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any


def handed_on(function: Any) -> FunctionType | None:
    """The one function that a function of `*args, **kwargs` holds; None for any other."""
    if not isinstance(function, FunctionType) or hasattr(function, "__wrapped__"):
        return None
    kinds = {one.kind for one in inspect.signature(function).parameters.values()}
    if inspect.Parameter.VAR_POSITIONAL not in kinds or len(kinds) > 2:
        return None
    held = [cell.cell_contents for cell in function.__closure__ or ()]
    within = [one for one in held if isinstance(one, FunctionType)]
    return (handed_on(within[0]) or within[0]) if len(within) == 1 else None


class Wrapped:
    """A function of `*args, **kwargs` that says what it takes."""

    def __init__(self, function: Callable[..., Any], inner: FunctionType) -> None:
        self.function, self.__wrapped__ = function, inner
        self.__name__ = getattr(function, "__name__", inner.__name__)
        self.__signature__ = inspect.signature(inner)
        kinds = {one.kind for one in inspect.signature(function).parameters.values()}
        self.takes_names = inspect.Parameter.VAR_KEYWORD in kinds

    def __call__(self, *given: Any, **named: Any) -> Any:
        if self.takes_names:
            return self.function(*given, **named)
        placed = self.__signature__.bind(*given, **named)
        placed.apply_defaults()
        return self.function(*placed.args, **placed.kwargs)


def speaking(function: Any) -> Any:
    """The function, or one that says what it takes."""
    inner = handed_on(function)
    return function if inner is None else Wrapped(function, inner)
