"""layercheck: do these layers compute the right numbers, forward and backward?

The public Python interface. The command line is `layercheck`, see `layercheck --help`.
Nothing is imported here: with `python -m layercheck` the working directory is still on the path.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])


def implements(op: str, **settings: "Any") -> "Callable[[Function], Function]":
    """Say which op a function is: `@layercheck.implements("conv2d", backward="my_gradient")`.

    It is read from the source and changes nothing when the file runs. Further settings: the op's
    argument names with the function's (`x="image"`), layout="NHWC", weights="HWCF", ...
    """
    return lambda function: function
