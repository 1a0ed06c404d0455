"""TensorFlow: GradientTape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from oracles.oracle import Array

from . import Pullback, several


def vjp(
    function: Callable[[dict[str, Any]], Any],
    inputs: Mapping[str, Array],
    wanted: Sequence[str],
    sources: Mapping[str, Any] | None = None,
) -> tuple[Sequence[Any], Pullback]:
    """What `function` gives, and the gradients of its first array.

    sources: variables whose gradient is meant in the place of an input's.
    """
    leaves = {name: tf.constant(value) for name, value in inputs.items()}
    own = {**leaves, **(sources or {})}
    if not wanted:
        return several(function(leaves)), lambda dout: ()
    with tf.GradientTape(persistent=True) as tape:
        for name in wanted:
            if name in leaves:
                tape.watch(leaves[name])
        outs = several(function(leaves))

    def pullback(dout: Array) -> Sequence[Array]:
        zero = tf.UnconnectedGradients.ZERO
        return tape.gradient(  # type: ignore[no-any-return]
            outs[0],
            [own[name] for name in wanted],
            output_gradients=tf.cast(dout, outs[0].dtype),
            unconnected_gradients=zero,
        )

    return outs, pullback
