"""torch: leaves that require a gradient, and autograd."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from oracles.oracle import Array

from ..ways import NOW
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
    form = NOW.get().memory
    with torch.set_grad_enabled(bool(wanted)):
        outs = several(function({name: laid(leaf, form) for name, leaf in leaves.items()}))
    sources = [leaves[name] for name in wanted]

    def pullback(dout: Array) -> Sequence[Array]:
        cotangent = laid(tensor(dout, outs[0].device).to(outs[0].dtype), NOW.get().memory)
        return torch.autograd.grad(  # type: ignore[no-any-return]
            outs[0], sources, cotangent, retain_graph=True, materialize_grads=True
        )

    return outs, pullback


def tensor(value: Array, device: Any) -> Any:
    """A copy: torch has no negative strides."""
    return torch.tensor(np.asarray(value, order="C"), device=device)


def laid(value: Any, form: str) -> Any:
    """A copy that lies in memory as arguments do, see profiles/memory.py; the gradient goes on to
    what it is a copy of."""
    if form == "transposed" and value.ndim > 1:
        back = tuple(reversed(range(value.ndim)))
        return value.permute(back).clone(memory_format=torch.contiguous_format).permute(back)
    if form == "sliced" and value.ndim:
        gap = float("nan") if value.is_floating_point() else 0
        view = value.new_full([2 * size + 1 for size in value.shape], gap)
        for axis in range(value.ndim):
            view = view[(slice(None),) * axis + (slice(1, None, 2),)]
        return view.copy_(value)
    return value.clone()
