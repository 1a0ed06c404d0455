"""A layer as an object: sizes and attributes in the constructor, parameters and gradients kept."""

from __future__ import annotations

from layercheck.submissions.profiles.classes.kept import PARAMETERS
from layercheck.submissions.profiles.names import OTHER_NAMES
from ref_layers import OPS
from ref_layers.op import REQUIRED

UNASKED = ("mask_seed", "unbiased_running_var", "return_indices", "normalized_dims", "training")
"""What no constructor asks for."""

KERNEL = "*(kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size))"
SIZED = {
    "conv2d": f"(out_channels, in_channels // groups, {KERNEL})",
    "conv2d_transpose": f"(in_channels, out_channels // groups, {KERNEL})",
    "affine": "(in_features, out_features)",
}
"""The shapes of weights."""

CLASS = """
class {name}:
    \"\"\"p: the probability to drop.\"\"\"

    def __init__(self, {init}):
{kept}

    def forward(self, {data}):
{before}        out, self.cache = _forward({given})
{after}        return out

    def backward(self, dout):
        gradients = _backward(dout, self.cache)
{gradients}
"""


def is_object(op: str) -> bool:
    """Whether an object may hold the op's parameters, each by one of the names that are known."""
    kept = [n for n, one in OPS[op].inputs.items() if one.draw in ("weight",)]
    return all(name in PARAMETERS for name in kept)


def layer_class(op: str) -> str:
    """The text of the class."""
    inputs = OPS[op].inputs
    kept = [n for n in inputs if n in PARAMETERS]
    state = [n for n in inputs if n.startswith("running_")]
    data = [n for n in inputs if n not in (*kept, *state, "mask")]
    attributes = {n: v for n, v in OPS[op].attributes.items() if n not in UNASKED}
    trains = ["training"] if "training" in OPS[op].attributes else []
    own = [*kept, *state, *attributes, *trains]
    given = [*data, *(["mask=mask"] if "mask" in inputs else []), *(f"{n}=self.{n}" for n in own)]
    return CLASS.format(
        name=OTHER_NAMES.get(op, op).split()[0].title().replace("_", ""),
        init=", ".join([*sizes(op), *declared(attributes)]).strip(", "),
        kept="\n".join(f"        {line}" for line in made(op, kept, state, [*attributes], trains)),
        data=", ".join(f"{n}=None" if inputs[n].optional else n for n in data),
        given=", ".join(given),
        before=DRAWN if "mask" in inputs else "",
        after=TAKEN if state else "",
        gradients="\n".join(f"        {line}" for line in returned(data, kept)),
    ).replace("(self, )", "(self)")


DRAWN = """        mask = None
        if self.training:
            mask = (np.random.rand(*x.shape) >= self.p).astype(x.dtype)
"""
TAKEN = """        if isinstance(out, tuple):
            out, self.running_mean, self.running_var = out
"""


def sizes(op: str) -> list[str]:
    """What the constructor has to be told to make the parameters."""
    if op == "affine":
        return ["in_features", "out_features"]
    if op in SIZED:
        return ["in_channels", "out_channels", "kernel_size"]
    return ["num_features"] if "gamma" in OPS[op].inputs else []


def declared(attributes: dict[str, object]) -> list[str]:
    """Arguments of the constructor, those that it has to be given first."""
    first = [name for name, value in attributes.items() if value is REQUIRED]
    return first + [f"{n}={v!r}" for n, v in attributes.items() if v is not REQUIRED]


def made(
    op: str, kept: list[str], state: list[str], attributes: list[str], trains: list[str]
) -> list[str]:
    """The lines of the constructor."""
    count = "out_features" if op == "affine" else "out_channels"
    shapes = {"w": SIZED.get(op, ""), "b": count, "gamma": "num_features", "beta": "num_features"}
    lines = [f"self.{name} = {name}" for name in attributes]
    lines += [f"self.{name} = True" for name in trains]
    lines += [f"self.{n} = np.{'ones' if n == 'gamma' else 'zeros'}({shapes[n]})" for n in kept]
    lines += [
        f"self.{n} = np.{'ones' if n == 'running_var' else 'zeros'}(num_features)" for n in state
    ]
    return lines or ["pass"]


def returned(data: list[str], kept: list[str]) -> list[str]:
    """The lines that keep the parameters' gradients and return the others."""
    if not kept:
        return ["return gradients"]
    names = ", ".join(["dx", *(f"self.d{name}" for name in kept)])
    return [f"{names} = gradients", "return dx"]
