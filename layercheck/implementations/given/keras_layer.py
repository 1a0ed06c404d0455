"""A Keras layer on TensorFlow: a copy of it for each dtype, channels last."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from layercheck.cases.space import space_of
from layercheck.errors import UsageError
from layercheck.submissions.profiles.declared import LAYOUTS, WEIGHTS
from layercheck.submissions.profiles.names import op_named
from oracles.oracle import Array
from ref_layers import Op

from ..frameworks import Pullback
from ..frameworks.tensorflow import vjp
from ..raised import theirs
from .beside import beside, refuse_beside
from .keras_copy import copied, in_dtype

CHANNELS = 5
"""Of the images that a layer is built for which has seen none yet, where it has no groups."""

BY_AXIS = ("batch_norm", "batch_norm_1d", "group_norm", "instance_norm")
"""The ops whose layers say by an axis where their channels are."""


HARMLESS = ("axis", "data_format", "depth_multiplier", "dtype", "momentum", "name", "seed")
"""What a layer's constructor takes that is asked for, or changes nothing."""


class Held:
    """A layer, of which copies are asked; it may be built already."""

    mode = True

    def __init__(self, layer: Any, op: Op) -> None:
        if keras.backend.backend() != "tensorflow":
            raise UsageError(
                f"Keras runs on {keras.backend.backend()} here; expected KERAS_BACKEND=tensorflow, "
                "or check what the layer calls: a function of that framework"
            )
        self.thing, self.op = layer, op
        self.copies: dict[str, Any] = {}
        self.settled: dict[str, Any] = {"unbiased_running_var": False}
        if hasattr(layer, "momentum"):
            self.settled["momentum"] = 1 - layer.momentum
        if op.of_last_axes:
            self.settled["normalized_dims"] = len(self.trailing)
        self.sizes: Mapping[str, int] = {}
        if op.name == "separable_conv2d":
            self.sizes = {"M": layer.depth_multiplier}
        refuse_further(layer, op)
        activation = getattr(layer, "activation", None)
        named = getattr(activation, "__name__", str(activation))
        if activation is not None and named != "linear" and op_named(named) != op.name:
            kind = type(layer).__name__
            raise UsageError(
                f"got {kind}(activation={named!r}), which does more than {op.name}; expected "
                f"{kind}(activation=None), and the activation checked by itself"
            )

    @property
    def dtypes(self) -> list[str]:
        """The policy of its arithmetic, where no case has it."""
        own = self.thing.dtype_policy.name
        return [] if own in ("float32", "float64") else [own]

    @property
    def trailing(self) -> list[int]:
        """The axes that it normalizes over, counted from the last one."""
        axis = self.thing.axis
        axes = list(axis) if isinstance(axis, (tuple, list)) else [axis]
        told = (self.thing.get_build_config() or {}).get("input_shape")
        rank = len(told) if told else max(axes) + 1
        found = sorted(one - rank if one >= 0 else one for one in axes)
        if found != list(range(-len(found), 0)):
            raise UsageError(
                f"got {type(self.thing).__name__}(axis={axis}), which does not normalize over the "
                "last axes; expected them, such as axis=-1 or axis=(-2, -1): no op here has others"
            )
        return found

    @property
    def built_for(self) -> tuple[int | None, ...]:
        """The shape of what it is built for."""
        told = (self.thing.get_build_config() or {}).get("input_shape")
        if told:
            return tuple(told)
        groups = getattr(self.thing, "groups", 1)
        channels = 3 * groups if isinstance(groups, int) and groups > 1 else CHANNELS
        of_images = len(self.op.inputs["x"].symbols) == 4 and self.op.name != "affine"
        if not of_images:
            return (2, channels)
        return (2, channels, 8, 8) if self.layout == "NCHW" else (2, 8, 8, channels)

    @property
    def layout(self) -> str:
        """NHWC or NCHW; empty where all axes are alike to it, or it says itself which it means."""
        if self.op.name == "flatten":
            return ""
        told = getattr(self.thing, "data_format", None)
        if told is None and self.op.name in BY_AXIS:
            axis = self.thing.axis
            own = axis[0] if isinstance(axis, (tuple, list)) else axis
            told = {-1: "channels_last", 3: "channels_last", 1: "channels_first"}.get(own, "")
            if not told:
                raise UsageError(
                    f"got {type(self.thing).__name__}(axis={axis}); expected the axis of the "
                    "channels of an image: -1 or 3 where they are last, 1 where they are first"
                )
        return {"channels_last": "NHWC", "channels_first": "NCHW"}.get(told or "", "")

    def copy(self, dtype: str) -> Any:
        """A layer as this one, in a dtype, and built."""
        if dtype not in self.copies:
            own = {"axis": self.trailing} if self.op.of_last_axes else {}
            made = copied(self.thing, dtype, own)
            try:
                with in_dtype(dtype):
                    made.build(self.built_for)
            except BaseException as error:  # it says what it needs in many ways
                told = str(theirs(error)).strip().partition("\n")[0]
                raise UsageError(
                    f"{type(self.thing).__name__} cannot be built for one array of shape "
                    f"{self.built_for} ({told}); expected a layer of one array, and if it needs "
                    "other sizes, one that is built: layer.build(shape)"
                ) from None
            self.copies[dtype] = made
        return self.copies[dtype]

    def variables(self, dtype: str = "float32") -> dict[str, Any]:
        """Its weights by name."""
        return {variable.name: variable for variable in self.copy(dtype).weights}

    def notes(self) -> Iterator[str]:
        """Which of its weights take no part in training."""
        if not self.thing.trainable:
            yield "frozen, and asked for its gradients all the same"

    def arrays(self) -> Mapping[str, Any]:
        """The shapes of its weights, as Keras has them."""
        return {name: shape_of(name, one.shape) for name, one in self.variables().items()}

    def axes(self, op: Op) -> Mapping[str, Sequence[int]]:
        """Images are NHWC, and weights of convolutions HWCF."""
        images = LAYOUTS["NHWC"]
        assert images is not None
        weights = {n: WEIGHTS["HWCF"] for n, t in op.inputs.items() if is_filter(n, t.symbols)}
        turned = {4: images, 3: (0, 2, 1)}.get(len(self.built_for))
        found = {"x": turned, "out": turned} if self.layout == "NHWC" and turned else {}
        return {**found, **{name: axes for name, axes in weights.items() if axes}}

    @property
    def rank(self) -> int | None:
        """How many axes it takes, where that is settled and the op leaves it open."""
        open_ones = space_of(self.op.name).factors.get("L", ())
        return len(self.built_for) if None in open_ones else None

    def ask(
        self,
        parameters: Mapping[str, str],
        given: Mapping[str, Array],
        wanted: Sequence[str],
        training: bool,
    ) -> tuple[Sequence[Any], Pullback]:
        """Its output, and the statistics that it keeps; the gradients by GradientTape."""
        dtype = given["x"].dtype.name
        layer, own = self.copy(dtype), self.variables(dtype)
        sources = {name: own[theirs] for name, theirs in parameters.items()}
        for name, variable in sources.items():
            variable.assign(np.reshape(given[name], variable.shape))
        kept = [name for name in parameters if name.startswith("running")]

        def function(leaves: dict[str, Any]) -> tuple[Any, ...]:
            with in_dtype(dtype):
                out = layer(leaves["x"], training=training)
            return (out, *(sources[name].numpy() for name in kept if training))

        values = {name: variable.value for name, variable in sources.items()}
        outs, pullback = vjp(function, {"x": given["x"]}, wanted, values)

        def in_form(dout: Array) -> Sequence[Any]:
            found = zip(wanted, pullback(dout), strict=True)
            return [np.reshape(made, np.shape(given[name])) for name, made in found]

        return outs, in_form


def refuse_further(layer: Any, op: Op) -> None:
    """Raise UsageError for a number or a word of a layer's constructor, where Keras wrote it, that
    is not at its default and no attribute of the op."""
    for name, default, value in beside(layer, op, "keras."):
        is_told = isinstance(value, (int, float, str)) and not isinstance(value, bool)
        usual = default is inspect.Parameter.empty or value == default
        if is_told and not usual and name not in HARMLESS:
            refuse_beside(layer, op, name, default, repr(value))


def is_filter(name: str, symbols: Sequence[str]) -> bool:
    """Whether an input of an op holds filters: (F, C, KH, KW)."""
    return name.startswith("w") and len(symbols) == 4


def shape_of(name: str, shape: Sequence[int]) -> tuple[int, ...]:
    """A weight's shape; filters of each channel, (KH, KW, C, M), as (KH, KW, 1, C*M)."""
    if not name.startswith("depthwise"):
        return tuple(shape)
    height, width, channels, multiplier = shape
    return height, width, 1, channels * multiplier
