"""A copy of a Keras layer in another dtype, its inner layers too."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras

from layercheck.errors import UsageError

from ..raised import theirs

OF_EVERY_LAYER = ("name", "trainable", "dtype")
"""What a layer's config says beside what its own constructor takes."""


@contextmanager
def in_dtype(dtype: str) -> Iterator[None]:
    """What is made without a word of its dtype has this one, as inner layers and numbers have."""
    policy, floats = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_dtype_policy(dtype)
    keras.config.set_floatx(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(floats)
        keras.config.set_dtype_policy(policy)


def copied(layer: Any, dtype: str, own: Mapping[str, Any]) -> Any:
    """A layer made as this one was, not built. own: of its config, in the place of what it says.

    Raises UsageError where it cannot be made anew.
    """
    kind = type(layer)
    try:
        config = {**typed(layer.get_config(), dtype), "dtype": dtype, **own}
        taken = inspect.signature(kind.__init__).parameters
        if "from_config" not in vars(kind) and not is_open(taken):
            config = {n: v for n, v in config.items() if n in taken or n not in OF_EVERY_LAYER}
        more = inspect.signature(kind.from_config).parameters
        trusted = {"safe_mode": False} if "safe_mode" in more else {}
        with in_dtype(dtype):
            made = kind.from_config(config, **trusted)
        if isinstance(layer, keras.layers.Lambda):  # its copy has lost the names around it
            made.function = layer.function
        made.dtype_policy = keras.DTypePolicy(dtype)
    except BaseException as error:  # a constructor of somebody's own
        said = (str(theirs(error)).strip().splitlines() or [""])[-1]
        raise UsageError(
            f"{kind.__name__} cannot be made anew in {dtype} ({type(error).__name__}: {said}); "
            "expected a layer whose get_config() gives what its constructor takes"
        ) from None
    return made


def is_open(parameters: Mapping[str, inspect.Parameter]) -> bool:
    """Whether a constructor takes any argument by name."""
    return any(one.kind is one.VAR_KEYWORD for one in parameters.values())


def typed(config: Any, dtype: str) -> Any:
    """A config in which every layer has this dtype."""
    if isinstance(config, dict):
        return {n: dtype if n == "dtype" else typed(v, dtype) for n, v in config.items()}
    if isinstance(config, (list, tuple)):
        return type(config)(typed(value, dtype) for value in config)
    return config
