"""A Keras layer on TensorFlow: a copy of it for each dtype, channels last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from layercheck.errors import UsageError
from layercheck.submissions.profiles.declared import LAYOUTS, WEIGHTS
from oracles.oracle import Array
from ref_layers import Op

from ..frameworks import Pullback
from ..frameworks.tensorflow import vjp

CHANNELS = 5
"""Of the images that a layer is built for which has seen none yet, where it has no groups."""

BY_AXIS = ("batch_norm", "group_norm", "instance_norm")
"""The ops whose layers say by an axis where their channels are."""

CHANNELS_LAST = (-1, 3)
"""The axis of the channels that a normalization names."""


class Held:
    """A layer, of which copies are asked; it may be built already."""

    def __init__(self, layer: Any, op: Op) -> None:
        if keras.backend.backend() != "tensorflow":
            raise UsageError(
                f"Keras runs on {keras.backend.backend()} here; expected KERAS_BACKEND=tensorflow, "
                "or check what the layer calls: a function of that framework"
            )
        self.thing, self.op = layer, op
        self.copies: dict[str, Any] = {}
        self.settled = {"unbiased_running_var": False}
        if hasattr(layer, "momentum"):
            self.settled["momentum"] = 1 - layer.momentum

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
            last = (axis[0] if isinstance(axis, (tuple, list)) else axis) in CHANNELS_LAST
            told = "channels_last" if last else "channels_first"
        return {"channels_last": "NHWC", "channels_first": "NCHW"}.get(told or "", "")

    def copy(self, dtype: str) -> Any:
        """A layer as this one, in a dtype, and built."""
        if dtype not in self.copies:
            made = type(self.thing).from_config({**self.thing.get_config(), "dtype": dtype})
            try:
                made.build(self.built_for)
            except Exception as error:  # it says what it needs in many ways
                told = str(error).strip().partition("\n")[0]
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

    def arrays(self) -> Mapping[str, Any]:
        """The shapes of its weights, as Keras has them."""
        return {name: tuple(variable.shape) for name, variable in self.variables().items()}

    def axes(self, op: Op) -> Mapping[str, Sequence[int]]:
        """Images are NHWC, and weights of convolutions HWCF."""
        images = LAYOUTS["NHWC"]
        assert images is not None
        weights = WEIGHTS["HWCF"] if op.name.startswith("conv2d") else None
        found = (
            {"x": images, "out": images}
            if self.layout == "NHWC" and len(self.built_for) == 4
            else {}
        )
        return found if weights is None else {**found, "w": weights}

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
            variable.assign(np.ascontiguousarray(given[name]))
        kept = [name for name in parameters if name.startswith("running")]

        def function(leaves: dict[str, Any]) -> tuple[Any, ...]:
            out = layer(leaves["x"], training=training)
            return (out, *(sources[name].numpy() for name in kept if training))

        values = {name: variable.value for name, variable in sources.items()}
        return vjp(function, {"x": given["x"]}, wanted, values)
