"""A torch.nn.Module, by torch.func.functional_call."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from layercheck.errors import UsageError
from oracles.oracle import Array
from ref_layers import Op

from ..frameworks import Pullback
from ..frameworks.torch import vjp
from .beside import beside, refuse_beside

ASKED = (torch.float32, torch.float64)
"""The dtypes of cases."""

SIDES = ("left", "right", "top", "bottom")
"""The order in which a module of padding has its sides."""


NEUTRAL = {"output_size": 1}
"""Settings that always have to be said, with the value at which an op without them is computed."""

HARMLESS = ("affine", "bias", "elementwise_affine", "inplace", "reduce", "size_average")
KEEPS = "track_running_stats"


class Held:
    """A module; its parameters and buffers give way to the case's, and are never changed."""

    def __init__(self, module: torch.nn.Module, op: Op) -> None:
        self.thing, self.op = module, op
        self.settled: Mapping[str, Any] = {"unbiased_running_var": True}
        padding = getattr(module, "padding", None)
        if op.name == "pad" and isinstance(padding, tuple) and len(padding) == len(SIDES):
            left, right, top, bottom = padding
            self.settled = {"padding": ((top, bottom), (left, right))}
        self.sizes: Mapping[str, int] = sizes_told(module, op)
        refuse(module, op)
        self.own = {**dict(module.named_parameters()), **dict(module.named_buffers())}
        lazy = [name for name, tensor in self.own.items() if torch.nn.parameter.is_lazy(tensor)]
        if lazy:
            raise UsageError(
                f"{type(module).__name__} is lazy: {lazy[0]} has no shape yet; call it once first"
            )
        self.mode = bool(module.training)
        if self.own and isinstance(module, torch.jit.ScriptModule):
            raise UsageError(
                f"got {type(module).__name__}, whose parameters cannot give way to a case's; "
                "expected the module that was scripted"
            )
        self.device = next((tensor.device for tensor in self.own.values()), None)

    def arrays(self) -> Mapping[str, Any]:
        """The shapes of its parameters and buffers, by the last part of their names."""
        return {name.rpartition(".")[2]: tuple(t.shape) for name, t in self.own.items()}

    def notes(self) -> Iterator[str]:
        """What is told of its parameters."""
        frozen = [n for n, t in self.thing.named_parameters() if not t.requires_grad]
        if frozen:
            told = ", ".join(frozen)
            yield f"frozen, and asked for its gradient all the same: {told}"
        late = [n for n, t in self.own.items() if getattr(t, "_post_accumulate_grad_hooks", None)]
        if late:
            yield f"hooks of {', '.join(late)} that run after a gradient is added up are not run"

    @property
    def dtypes(self) -> list[str]:
        """The dtypes of its parameters that no case has."""
        kinds = dict.fromkeys(t.dtype for t in self.own.values() if t.is_floating_point())
        return [str(kind).removeprefix("torch.") for kind in kinds if kind not in ASKED]

    @property
    def rank(self) -> int | None:
        """A module takes any number of axes that its op does."""
        return None

    def axes(self, op: Op) -> Mapping[str, Sequence[int]]:
        """torch.nn.Linear has its weight as (M, D)."""
        return {"w": (1, 0)} if op.name == "affine" else {}

    def ask(
        self,
        parameters: Mapping[str, str],
        given: Mapping[str, Array],
        wanted: Sequence[str],
        training: bool,
    ) -> tuple[Sequence[Any], Pullback]:
        """Its output, and the statistics that it keeps; the gradients by autograd."""
        full = {name.rpartition(".")[2]: name for name in self.own}
        paths = {name: full[theirs] for name, theirs in parameters.items()}
        rest = {n: t.detach().clone() for n, t in self.own.items() if n not in paths.values()}
        kept = [name for name in parameters if name.startswith("running")]

        def function(leaves: dict[str, Any]) -> tuple[Any, ...]:
            own = {paths[name]: leaf for name, leaf in leaves.items() if name in paths}
            x = [leaf for name, leaf in leaves.items() if name not in paths]
            for name, leaf in own.items():
                hooked(self.own[name], leaf)
            if training is not self.mode or "training" in self.op.attributes:
                self.thing.train(training)
            if self.own:
                out = torch.func.functional_call(self.thing, {**rest, **own}, tuple(x))
            else:
                out = self.thing(*x)
            told = out if isinstance(out, tuple) else (out,)
            return (*told, *(leaves[name] for name in kept if training))

        modes = {module: module.training for module in self.thing.modules()}
        try:
            return vjp(function, given, wanted, self.device)
        finally:
            for module, mode in modes.items():
                module.training = mode


def refuse(module: torch.nn.Module, op: Op) -> None:
    """Raise UsageError for a module that does otherwise than its op, or that cannot be asked."""
    kind = type(module).__name__
    if torch.nn.utils.parametrize.is_parametrized(module):
        own = ", ".join(module.parametrizations)
        raise UsageError(
            f"got {kind} whose {own} is computed from other arrays (a parametrization); expected "
            f"the module without: torch.nn.utils.parametrize.remove_parametrizations(module, name)"
        )
    for name, default, value in beside(module, op, "torch.nn."):
        usual = NEUTRAL.get(name, default)
        if counts(value) and not is_usual(value, usual) and not is_harmless(name, op):
            shown = "..." if isinstance(value, torch.Tensor) else repr(value)
            refuse_beside(module, op, name, usual, shown)


def sizes_told(module: torch.nn.Module, op: Op) -> dict[str, int]:
    """The sizes that a module says itself, where it may have no arrays."""
    shape = getattr(module, "normalized_shape", ())
    if op.of_last_axes and isinstance(shape, tuple):
        return dict(zip(op.inputs["x"].symbols[-len(shape) :], shape, strict=True)) if shape else {}
    channels = getattr(module, "num_features", None)
    return {"C": channels} if isinstance(channels, int) and "C" in op.inputs["x"].symbols else {}


def counts(value: Any) -> bool:
    """Whether a setting is a word, a number, several, or a tensor of them."""
    return isinstance(value, (int, float, str, tuple, torch.Tensor))


def is_usual(value: Any, usual: Any) -> bool:
    """Whether a setting is at its default, if it has one, or at a pair of it."""
    if usual is inspect.Parameter.empty or value is usual:
        return True
    return str(value) in (str(usual), str((usual, usual)))


def is_harmless(name: str, op: Op) -> bool:
    """Whether a setting of a constructor changes nothing that is computed, or only which arrays
    there are."""
    return name in HARMLESS or (name == KEEPS and any(n.startswith("running") for n in op.inputs))


def hooked(parameter: Any, leaf: Any) -> None:
    """Let a parameter's hooks see the gradient of what stands in its place."""
    for hook in (getattr(parameter, "_backward_hooks", None) or {}).values():
        if leaf.requires_grad:
            leaf.register_hook(hook)
