"""JAX: vjp, with double precision where the question has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import jax
import numpy as np

from oracles.oracle import Array

from . import Pullback, several


def vjp(
    function: Callable[[dict[str, Any]], Any], inputs: Mapping[str, Array], wanted: Sequence[str]
) -> tuple[Sequence[Any], Pullback]:
    """What `function` gives, and the gradients of its first array."""

    def first(*leaves: Any) -> tuple[Any, tuple[Any, ...]]:
        out, *more = several(function({**held, **dict(zip(wanted, leaves, strict=True))}))
        return out, tuple(more)

    with jax.enable_x64(True):
        held = {name: jax.numpy.asarray(value) for name, value in inputs.items()}
        if not wanted:  # a function may have one text for itself, and one for its gradient
            return several(function(held)), lambda dout: ()
        out, pull, more = jax.vjp(first, *(held[name] for name in wanted), has_aux=True)

    def pullback(dout: Array) -> Sequence[Array]:
        with jax.enable_x64(True):
            return [np.asarray(value) for value in pull(jax.numpy.asarray(dout, out.dtype))]

    return (out, *more), pullback


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is asked with double precision, as a gradient of JAX's is."""

    @wraps(function)
    def asked(*values: Any, **named: Any) -> Any:
        with jax.enable_x64(True):
            return function(*values, **named)

    return asked
