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

    It gets copies of the leaves. What it does to one of them is done to the caller's array, too,
    which tells that it changed: not where that is its output, as of `relu(inplace=True)`, nor to
    statistics.
    """
    leaves = {
        name: tensor(value, device).requires_grad_(name in wanted) for name, value in inputs.items()
    }
    form = NOW.get().memory
    with torch.set_grad_enabled(bool(wanted)):
        handed = {name: laid(leaf, form) for name, leaf in leaves.items()}
        before = {name: copy(value) for name, value in handed.items()}
        outs = several(function(dict(handed)))
    for name, value in handed.items():
        if not name.startswith("running") and not is_same(value, outs[0]):
            hand_on(value, before[name], inputs[name])
    sources = [leaves[name] for name in wanted]

    def pullback(dout: Array) -> Sequence[Array]:
        cotangent = laid(tensor(dout, outs[0].device).to(outs[0].dtype), NOW.get().memory)
        before = copy(cotangent)
        found: Sequence[Array] = torch.autograd.grad(
            outs[0], sources, cotangent, retain_graph=True, materialize_grads=True
        )
        hand_on(cotangent, before, dout)
        return found

    return outs, pullback


def copy(value: Any) -> Any:
    """Its numbers now."""
    return value.detach().clone()


def is_same(value: Any, out: Any) -> bool:
    """Whether two tensors hold the same numbers in the same memory, turned or not."""
    return isinstance(out, torch.Tensor) and value.data_ptr() == out.data_ptr()


def hand_on(value: Any, before: Any, array: Array) -> None:
    """Do to an array what was done to the tensor that stood in its place."""
    now = value.detach()
    if torch.equal(now, before):  # but for what is no number
        return
    if not torch.equal(now.nan_to_num(), before.nan_to_num()) or not torch.equal(
        now.isnan(), before.isnan()
    ):
        array[...] = now.cpu().numpy()


def tensor(value: Array, device: Any) -> Any:
    """A copy: torch has no negative strides, and no other order of bytes than the machine's."""
    return torch.tensor(np.asarray(value, value.dtype.newbyteorder("="), order="C"), device=device)


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
