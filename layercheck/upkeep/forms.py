"""The forms of a file in which a layer is written: CS231n's functions, the reference layers' own,
those of torch.nn.functional, and objects.

Each calls `_forward(x, ...)` and `_backward(dout, cache)`, the reference layer's or a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable

from layercheck.submissions.profiles.names import OTHER_NAMES, SPATIAL
from ref_layers import OPS
from ref_layers.op import REQUIRED

from .objects import is_object, layer_class

OURS = ("mask_seed", "unbiased_running_var", "return_indices")
"""Attributes that only the reference layers have, or that change what is returned."""

TORCH = {"x": "input", "w": "weight", "b": "bias", "gamma": "weight", "beta": "bias"}

COURSE = {
    "affine": """
def affine_forward(x, w, b):
    return _forward(x, w=w, b=b)

def affine_backward(dout, cache):
    return _backward(dout, cache)
""",
    "relu": """
def relu_forward(x):
    return _forward(x)

def relu_backward(dout, cache):
    return _backward(dout, cache)
""",
    "softmax_cross_entropy": """
def softmax_loss(x, y):
    loss, cache = _forward(x, y)
    return loss, _backward(np.ones((), x.dtype), cache)
""",
    "svm_loss": """
def svm_loss(x, y):
    loss, cache = _forward(x, y)
    return loss, _backward(np.ones((), x.dtype), cache)
""",
    "batch_norm_1d": """
def batchnorm_forward(x, gamma, beta, bn_param):
    return _batch_norm(x, gamma, beta, bn_param)

def batchnorm_backward(dout, cache):
    return _backward(dout, cache)
""",
    "batch_norm": """
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    return _batch_norm(x, gamma, beta, bn_param)

def spatial_batchnorm_backward(dout, cache):
    return _backward(dout, cache)
""",
    "layer_norm": """
def layernorm_forward(x, gamma, beta, ln_param):
    return _forward(x, gamma=gamma, beta=beta, eps=ln_param.get("eps", 1e-5))

def layernorm_backward(dout, cache):
    return _backward(dout, cache)
""",
    "group_norm": """
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    gamma, beta = gamma.reshape(-1), beta.reshape(-1)
    return _forward(x, gamma=gamma, beta=beta, num_groups=G, eps=gn_param.get("eps", 1e-5))

def spatial_groupnorm_backward(dout, cache):
    dx, dgamma, dbeta = _backward(dout, cache)
    return dx, dgamma.reshape(1, -1, 1, 1), dbeta.reshape(1, -1, 1, 1)
""",
    "dropout": '''
def dropout_forward(x, dropout_param):
    """p: the probability to keep a number."""
    p, training = dropout_param["p"], dropout_param["mode"] == "train"
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = (np.random.rand(*x.shape) < p).astype(x.dtype) if training else None
    return _forward(x, mask=mask, p=1 - p, training=training)

def dropout_backward(dout, cache):
    return _backward(dout, cache)
''',
    "conv2d": """
def conv_forward_naive(x, w, b, conv_param):
    return _forward(x, w=w, b=b, stride=conv_param["stride"], padding=conv_param["pad"])

def conv_backward_naive(dout, cache):
    return _backward(dout, cache)
""",
    "max_pool": """
def max_pool_forward_naive(x, pool_param):
    size = pool_param["pool_height"], pool_param["pool_width"]
    return _forward(x, kernel_size=size, stride=pool_param["stride"])

def max_pool_backward_naive(dout, cache):
    return _backward(dout, cache)
""",
}
"""The course's functions, by the op that they are."""

BATCH_NORM = """
def _batch_norm(x, gamma, beta, bn_param):
    training = bn_param["mode"] == "train"
    size = x.shape[1]
    old = [bn_param.get(n, np.zeros(size, x.dtype)) for n in ("running_mean", "running_var")]
    named = {"eps": bn_param.get("eps", 1e-5), "training": training}
    if training:
        named |= {"momentum": 1 - bn_param.get("momentum", 0.9), "unbiased_running_var": False}
    named |= {"running_mean": old[0], "running_var": old[1]}
    out, cache = _forward(x, gamma=gamma, beta=beta, **named)
    if isinstance(out, tuple):
        out, bn_param["running_mean"], bn_param["running_var"] = out
    return out, cache
"""


def in_course(op: str) -> str:
    """The course's functions of an op."""
    return BATCH_NORM + COURSE[op]


def own_signature(op: str) -> str:
    """The op under its own name, with the reference layer's signature."""
    first, *others = [*OPS[op].inputs, *OPS[op].attributes]
    given = ", ".join([first, *(f"{name}={name}" for name in others)])
    inputs = [declared(op, name) for name in OPS[op].inputs]
    attributes = [declared(op, name) for name in OPS[op].attributes]
    return functions(op, ", ".join([*inputs, *(["*", *attributes] if attributes else [])]), given)


def functional(op: str) -> str:
    """The op with another name that it has, torch's names of its arrays, and pairs of sizes."""
    names = [*OPS[op].inputs, *(n for n in OPS[op].attributes if n not in OURS)]
    names.sort(key=lambda name: "=" in declared(op, name))
    own = {name: torch_name(op, name) for name in names}
    first, *others = names
    given = ", ".join([own[first], *(f"{name}={own[name]}" for name in others)])
    arguments = ", ".join(declared(op, name, own[name], pairs=True) for name in names)
    return functions(OTHER_NAMES.get(op, op).split()[0], arguments, given)


def functions(name: str, arguments: str, given: str) -> str:
    """A forward and a backward."""
    return (
        f"def {name}({arguments}):\n    return _forward({given})\n\n"
        f"def {name}_backward(dout, cache):\n    return _backward(dout, cache)\n"
    )


def declared(op: str, name: str, own: str = "", pairs: bool = False) -> str:
    """An argument with its default, as a signature has it."""
    spec = OPS[op]
    default = None if name in spec.optional else spec.attributes.get(name, REQUIRED)
    note = ": int | tuple[int, int]" if pairs and name in SPATIAL else ""
    return f"{own or name}{note}" + ("" if default is REQUIRED else f"={default!r}")


def torch_name(op: str, name: str) -> str:
    """What torch calls an array; its own name where that is an attribute's."""
    is_label = name == "y" and OPS[op].inputs[name].draw.startswith("labels")
    return "target" if is_label else TORCH.get(name, name)


FORMS: dict[str, Callable[[str], str]] = {
    "course": in_course,
    "own": own_signature,
    "functional": functional,
    "class": layer_class,
}
"""What writes a layer's file, by form."""


def forms_of(op: str) -> list[str]:
    """The forms that there are for an op: the course has some, and objects hold no two weights."""
    lacking = {"course": op not in COURSE, "class": not is_object(op)}
    return [form for form in FORMS if not lacking.get(form, False)]
