"""Asking torch: gradients by autograd, shared by its functions and its modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from .route import Array, Asked, named, of_numpy

Tensor = Any
Place = Callable[[Tensor], Tensor]
"""How an array comes to lie in memory; the numbers are the same."""


def warm_up() -> None:
    """Do once what the first gradient of a process takes most of a second for; not where there is a
    GPU, which a process forked after it could not use."""
    if torch.cuda.is_available():
        return
    x = torch.ones(1, requires_grad=True)
    torch.autograd.grad(x * 2, [x], torch.ones(1), allow_unused=True)


def as_it_is(tensor: Tensor) -> Tensor:
    """In one block, row by row."""
    return tensor


def run(
    asked: Asked,
    function: Callable[..., Any],
    place: Place = as_it_is,
    within: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> Mapping[str, Array]:
    """A function's answer, with gradients by autograd. place: how arrays lie in memory · within:
    under which settings."""
    with within():
        leaves = {n: place(torch.tensor(v)) for n, v in asked.inputs.items()}
        leaves = {n: v.requires_grad_(n in asked.wanted) for n, v in leaves.items()}
        result = named(function(**leaves, **asked.said))
        wanted = [name for name in asked.wanted if name in leaves]
        if wanted and asked.dout.size == result["out"].numel():
            dout = place(torch.tensor(asked.dout).reshape(result["out"].shape))
            sources = [leaves[name] for name in wanted]
            found = torch.autograd.grad(result["out"], sources, dout, allow_unused=True)
            result |= {f"d{n}": g for n, g in zip(wanted, found, strict=True) if g is not None}
    return of_numpy({name: value.detach().cpu().numpy() for name, value in result.items()})


def weighed(x: Tensor, said: dict[str, Any]) -> dict[str, Any]:
    """pos_weight has to be a tensor."""
    if "pos_weight" not in said:
        return said
    return {**said, "pos_weight": torch.tensor(said["pos_weight"]).to(x)}
