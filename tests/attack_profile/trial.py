"""A profile for the attacks alone: `relu(x) -> out` or `(out, cache)`, `relu_backward(dout, cache)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layercheck.profiles.profile import Call, Target


def call(names: Mapping[str, Any], call: Call, target: Target) -> dict[str, Any]:
    """The forward's output, and the gradient where it is asked for."""
    result = names[target.forward](*call.inputs.values(), **call.attributes)
    out, cache = result if type(result) is tuple else (result, None)
    if call.dout is None:
        return {"out": out}
    return {"out": out, "dx": names[target.backward](call.dout, cache)}
