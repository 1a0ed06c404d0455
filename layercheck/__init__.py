"""layercheck: do these layers compute the right numbers, forward and backward?

The public Python interface. The command line is `layercheck`, see `layercheck --help`.
Nothing is imported here: with `python -m layercheck` the working directory is still on the path.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from layercheck.api.checking import assert_agrees, check
    from layercheck.api.examples import Example, allclose, assert_close, cases
    from layercheck.api.gradients import gradcheck
    from layercheck.api.marking import Marked, mark
    from layercheck.api.report import Report
    from layercheck.api.testing import parametrize
    from layercheck.errors import Undecided, UsageError

    Function = TypeVar("Function", bound=Callable[..., Any])

__all__ = [
    "Example",
    "Marked",
    "Report",
    "Undecided",
    "UsageError",
    "allclose",
    "assert_agrees",
    "assert_close",
    "cases",
    "check",
    "gradcheck",
    "implements",
    "mark",
    "parametrize",
]

PLACES = {
    "api.checking": ("assert_agrees", "check"),
    "api.examples": ("Example", "allclose", "assert_close"),
    "api.gradients": ("gradcheck",),
    "api.marking": ("Marked", "mark"),
    "api.report": ("Report",),
    "api.testing": ("parametrize",),
    "errors": ("Undecided", "UsageError"),
}
"""Where the public names are: imported when they are first used, since NumPy is by then."""


def implements(op: str, **settings: "Any") -> "Callable[[Function], Function]":
    """Say which op a function is: `@layercheck.implements("conv2d", backward="my_gradient")`.

    It is read from the source and changes nothing when the file runs. Further settings: the op's
    argument names with the function's (`x="image"`), layout="NHWC", weights="HWCF", ...
    """
    return lambda function: function


def load_ipython_extension(shell: "Any") -> None:
    """`%load_ext layercheck` in a notebook; then `%%check` above a cell checks its layers."""
    from layercheck.api.notebook import load

    load(shell)


def __getattr__(name: str) -> "Any":
    from importlib import import_module

    if name == "cases":
        return import_module("layercheck.cases")
    place = next((place for place, names in PLACES.items() if name in names), None)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{place}"), name)


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
