"""A file's layer classes as their text shows them, their bases included."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .. import names
from ..inventory import File, is_private
from ..labels import of_shares
from ..marks import marks
from ..modes import has_gradient_in_test
from ..signatures import Argument, arguments_of, literal
from ..vectors import is_of_vectors
from .bases import Class, lineage
from .methods import backward_of, forward_of, methods_of

CLASS_NAMES = {
    "batchnormalization": "batch_norm",
    "batchnorm1d": "batch_norm_1d",
    "batchnormalization2d": "batch_norm",
    "batchnormalization1d": "batch_norm_1d",
    "layernormalization": "layer_norm",
    "rmsnormalization": "rms_norm",
    "swish": "silu",
    "groupnormalization": "group_norm",
    "instancenorm2d": "instance_norm",
    "maxpooling": "max_pool",
    "averagepooling2d": "avg_pool",
    "averagepool2d": "avg_pool",
    "averagepooling": "avg_pool",
    "avgpooling2d": "avg_pool",
    "softmaxcrossentropyloss": "softmax_cross_entropy",
    "softmaxwithloss": "softmax_cross_entropy",
    "softmaxloss": "softmax_cross_entropy",
    "softmaxlosscategoricalcrossentropy": "softmax_cross_entropy",
    "globalaveragepooling2d": "global_avg_pool",
    "convolutional": "conv2d",
    "svm": "svm_loss",
    "pooling": "max_pool",
    "pool": "max_pool",
    "pooling2d": "max_pool",
    "pool2d": "max_pool",
    "zeropadding2d": "pad",
    "constantpad2d": "pad",
    "conv2dtranspose": "conv2d_transpose",
    "transposedconv2d": "conv2d_transpose",
}


ANY_POOL = re.compile(r"pool(ing)?(2d)?(layer)?$")
"""A class of pooling whose name does not say which."""


UNTOUCHED = re.compile(r"return (x|inputs)|self\.\w+ = (x|inputs)(\.copy\(\))?\nreturn")
"""What a dropout does that gives x back and keeps nothing."""


@dataclass(frozen=True)
class Layer:
    """A class as its text shows it, its bases included where their text is here.

    unread: methods that cannot be read, with the reason · sources: functions of the file that are
    its methods.
    """

    name: str
    op: str
    node: ast.ClassDef
    text: ast.Module
    methods: Mapping[str, ast.FunctionDef]
    attributes: frozenset[str]
    unread: Mapping[str, str]
    sources: Mapping[str, str]

    @property
    def forward(self) -> str:
        return forward_of(self.methods)

    @property
    def backward(self) -> str:
        return backward_of(self.methods)

    def arguments(self, method: str) -> list[Argument]:
        """The arguments of a method, without self."""
        found = self.methods.get(method)
        if found is None and method == "__init__":
            return fields_of(self.text)
        return [] if found is None else arguments_of(found, method=True)

    def order(self, method: str) -> tuple[str, ...]:
        """The names of the arguments that may be given by place."""
        return tuple(a.name for a in self.arguments(method) if not a.by_keyword)

    def lost(self, method: str, known: Iterable[str]) -> str:
        """Why a method cannot be called with what is known; empty if it can."""
        found = self.methods.get(method)
        given = self.arguments(method)
        without = [a.name for a in given if not a.optional and a.name not in known]
        if without:
            return f"nothing is known of {method}'s argument {', '.join(without)}"
        if found is None or given:
            return ""
        stars = [arg.arg for arg in (found.args.vararg, found.args.kwarg) if arg is not None]
        return f"{method}'s arguments {', '.join(stars)} have no names" if stars else ""


def fields_of(text: ast.Module) -> list[Argument]:
    """The fields of a dataclass, which its constructor takes; none of any other class."""
    bodies = [c for c in text.body if isinstance(c, ast.ClassDef)]
    marks = [ast.unparse(mark) for c in bodies for mark in c.decorator_list]
    if not any("dataclass" in mark for mark in marks):
        return []
    found: dict[str, Argument] = {}
    for node in (part for body in bodies for part in body.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text_of = "" if node.value is None else ast.unparse(node.value)
            if "init=False" not in text_of and "ClassVar" not in ast.unparse(node.annotation):
                name = node.target.id
                optional, default = node.value is not None, literal(node.value)
                found[name] = Argument(name, optional, default, ast.unparse(node.annotation))
    return list(found.values())


def layers(file: File) -> list[Layer]:
    """The classes that are named as layers and have a forward; no private one."""
    classes = [node for node in file.definitions.values() if isinstance(node, ast.ClassDef)]
    known = [n for n in classes if op_of(n) and not is_private(n.name)]
    made = (make_layer(Class(node, file)) for node in known)
    return [layer for layer in made if layer.forward]


def op_of(node: ast.ClassDef) -> str:
    """The op that a class says itself that it is, or that it is named as; empty for another one."""
    return marked(node) or class_op(node.name)


def marked(node: ast.ClassDef) -> str:
    """The op in a class's `@layercheck.implements("relu")`; empty where it has none."""
    return next((op for op, _ in marks(node)), "")


def class_op(name: str) -> str:
    """
    >>> class_op("Conv2DLayer"), class_op("BatchNormalization"), class_op("Trainer")
    ('conv2d', 'batch_norm', '')
    >>> class_op("Layer_Dense"), class_op("Activation_ReLU")
    ('affine', 'relu')
    """
    plain = names.plain(name)
    short = re.sub(r"(layer|activation|module|op)$", "", plain)
    known = {**names.by_name(), **CLASS_NAMES}
    forms = (short, plain, re.sub(r"^(layer|activation)", "", plain))
    return next((known[form] for form in forms if form in known), "")


def make_layer(one: Class) -> Layer:
    node, found = one.node, methods_of(one)
    classes = [base.node for base in lineage(one)]
    inside = [part for body in classes for part in body.body]
    text = ast.Module([*classes, *(m for m in found.readable.values() if m not in inside)], [])
    own = [f for f in [found.readable.get(forward_of(found.readable))] if f is not None]
    by_name = of_shares(op_of(node), *own, node)
    op = marked(node) or vectors_or_images(which_pool(by_name, node.name, text), one, text)
    attributes = frozenset(assigned(text))
    return Layer(node.name, op, node, text, found.readable, attributes, found.unread, found.sources)


def assigned(text: ast.AST) -> Iterator[str]:
    """Names X of every `self.X`, and of assignments in class bodies."""
    for node in ast.walk(text):
        if isinstance(node, ast.Attribute) and is_self(node.value):
            yield node.attr
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                places = (
                    part.targets
                    if isinstance(part, ast.Assign)
                    else ([part.target] if isinstance(part, ast.AnnAssign) else [])
                )
                yield from (p.id for p in places if isinstance(p, ast.Name))


def is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def which_pool(op: str, name: str, text: ast.AST) -> str:
    """The op of a class that is named as a pooling of whichever kind, by what its text does."""
    if not ANY_POOL.match(names.plain(name)):
        return op
    return "avg_pool" if kinds_of_pool(text) == {"avg_pool"} else "max_pool"


def kinds_of_pool(text: ast.AST) -> set[str]:
    """Which poolings the names in a text speak of."""
    used = [
        n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in ast.walk(text)
    ]
    words = " ".join(used).lower()
    known = {"max_pool": r"\b(arg|a|nan)?max", "avg_pool": r"\b(nan)?mean\b|\baverage|\bavg"}
    return {op for op, pattern in known.items() if re.search(pattern, words)}


def undecided_pool(layer: Layer) -> str:
    """Why a pooling of whichever kind is not asked; empty if it is known which one it is."""
    if not ANY_POOL.match(names.plain(layer.name)) or len(kinds_of_pool(layer.text)) == 1:
        return ""
    return "its text does not say which pooling it is, max or average; name it MaxPool or AvgPool"


def vectors_or_images(op: str, one: Class, text: ast.AST) -> str:
    """A batch norm whose text knows of no image is one of vectors."""
    if op != "batch_norm" or "2d" in one.node.name.lower():
        return op
    return "batch_norm_1d" if is_of_vectors(one.file, text) else op


def trains_only(layer: Layer) -> bool:
    """Whether there is no gradient in test mode: that of a batch norm whose backward does not tell
    the modes apart, and that of a dropout which then returns x before it keeps a mask, and whose
    backward does not look."""
    forward, backward = layer.methods[layer.forward], layer.methods.get(layer.backward)
    if layer.op != "dropout":
        own = layer.methods
        return layer.op.startswith("batch_norm") and not has_gradient_in_test(backward, own)
    bodies = [n.body for n in ast.walk(forward) if isinstance(n, ast.If)] + [forward.body[-1:]]
    at_once = any(UNTOUCHED.fullmatch("\n".join(map(ast.unparse, body))) for body in bodies)
    looks = backward is not None and re.search(r"\bif\b|\btrain|\bmode", ast.unparse(backward))
    return at_once and not looks
