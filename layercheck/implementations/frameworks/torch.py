"""torch: leaves that require a gradient, and autograd."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from oracles.oracle import Array

from . import Pullback, several


def vjp(
    function: Callable[[dict[str, Any]], Any],
    inputs: Mapping[str, Array],
    wanted: Sequence[str],
    device: Any = None,
) -> tuple[Sequence[Any], Pullback]:
    """What `function` gives, and the gradients of its first array. device: where it is asked.

    It gets copies of the leaves, which it may overwrite.
    """
    leaves = {
        name: tensor(value, device).requires_grad_(name in wanted) for name, value in inputs.items()
    }
    outs = several(function({name: leaf.clone() for name, leaf in leaves.items()}))
    sources = [leaves[name] for name in wanted]

    def pullback(dout: Array) -> Sequence[Array]:
        cotangent = tensor(dout, outs[0].device)
        return torch.autograd.grad(  # type: ignore[no-any-return]
            outs[0], sources, cotangent, retain_graph=True, materialize_grads=True
        )

    return outs, pullback


def tensor(value: Array, device: Any) -> Any:
    """A copy: torch has no negative strides."""
    return torch.tensor(np.asarray(value, order="C"), device=device)
