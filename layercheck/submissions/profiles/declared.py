"""Functions that say themselves which op they are: `@layercheck.implements("conv2d", ...)`.

    @layercheck.implements("conv2d", backward="my_gradient", x="image", stride="step")
    def my_convolution(image, w, b, step=1): ...

The same in a TOML file of the grader's (--declared), where the source is not to be touched:

    [tool.layercheck.conv2d]
    forward = "my_convolution"
    backward = "my_gradient"
    arguments = {x = "image", stride = "step"}
    layout = "NHWC"
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from . import names as facts
from .functional import open_session
from .functional.options import Options
from .functional.targets import make_target
from .inventory import File
from .marks import marks
from .signatures import UNKNOWN, literal
from .steady import steady
from .target import Target

__all__ = ["CONTRACT", "DESCRIPTION", "NAME", "RANK", "WEIGHT", "find", "names", "open_session"]

NAME = "declared"
RANK = 0
CONTRACT = True
WEIGHT = 1000  # who says what he means is believed
DESCRIPTION = "functions marked with @layercheck.implements, or mapped by --declared FILE"

TAKES = ("fixed", "required", "absent", "kinds")
OPTIONS = ("gradients", "momentum", "p")
SETTINGS = ("forward", "backward", "arguments", "layout", "weights", *TAKES, *OPTIONS)
WORDS = ("int", "pair", "sides", "none")
"""What forms an attribute may take, beside words of its own."""

AFFINE_WEIGHTS = ("DM", "MD")
LAYOUTS = {"NCHW": None, "NHWC": (0, 2, 3, 1)}
WEIGHTS = {"FCHW": None, "HWCF": (2, 3, 1, 0), "FHWC": (0, 2, 3, 1), "CFHW": (1, 0, 2, 3)}


def names() -> Iterable[str]:
    """There is no name that would mean a declaration."""
    return ()


def find(file: File) -> Iterator[Target]:
    """One for each function that a table or a decorator names. What is wrong with a decorator is
    kept with the file.

    Raises ValueError for an op or a setting of the table that does not exist.
    """
    for op, settings in file.table.items():
        if op not in facts.OPS:
            raise ValueError(f"[tool.layercheck.{op}]: expected one of: {', '.join(facts.OPS)}")
        if not isinstance(settings, Mapping) or "forward" not in settings:
            raise ValueError(f'[tool.layercheck.{op}]: expected forward = "name of a function"')
        yield declare(file, op, settings)
    told = {settings["forward"] for settings in file.table.values()}
    for op, name, settings in decorated(file):
        if name in told:  # the grader's word stands
            continue
        try:
            target = declare(file, op, {"forward": name, **settings})
        except ValueError as error:
            file.wrong[name] = str(error)
        else:
            yield replace(target, narrowed=narrowing(file, op, target, settings))


def decorated(file: File) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(op, function's name, settings) for each `implements` decorator."""
    for name, function in file.functions.items():
        for op, mark in marks(function):
            settings = settings_of(mark)
            if not mark.args:
                del settings["op"]
            yield op, name, settings


def settings_of(mark: ast.Call) -> dict[str, Any]:
    """The decorator's keywords: names of functions stand for themselves."""
    found = {}
    for keyword in mark.keywords:
        value = literal(keyword.value)
        if value is UNKNOWN and isinstance(keyword.value, ast.Name):
            value = keyword.value.id
        found[keyword.arg or ""] = value
    return found


def declare(file: File, op: str, settings: Mapping[str, Any]) -> Target:
    """A target from settings; what they leave open is read from the signature."""
    check_forms(op, settings)
    check_names(op, settings)
    given = arguments(op, settings)
    forward, backward = settings["forward"], settings.get("backward") or ""
    if forward in file.functions:
        said = settings.get("fixed", {})
        target = make_target(file, op, forward, backward, given, said)
    else:
        target = Target(op, forward, backward, options=Options(given))
    check_backward(op, target)
    changed = {name: settings[name] for name in OPTIONS if name in settings}
    if op == "affine" and settings.get("weights") in AFFINE_WEIGHTS:
        changed["weights"] = settings["weights"]
    takes = target.takes
    return replace(
        target,
        op=op,
        takes=replace(
            takes,
            shapes=takes.shapes if op == target.op else {},
            fixed={**takes.fixed, **settings.get("fixed", {})},
            required=tuple(settings.get("required", takes.required)),
            absent=tuple(settings.get("absent", takes.absent)),
            kinds={**takes.kinds, **settings.get("kinds", {})},
        ),
        options=replace(target.options, axes=axes_of(op, settings), **changed),
    )


def check_backward(op: str, target: Target) -> None:
    """Raise ValueError for a declared backward that could not be asked: it would go unasked."""
    own = target.backward == target.forward
    why = "it is the forward itself" if own else target.lost_backward
    if target.backward and why:
        raise ValueError(
            f"{op}: got backward = {steady(repr(target.backward))}, but {why}; expected a function "
            "of (dout, cache); leave it away where forward gives the gradient itself"
        )


def narrowing(file: File, op: str, target: Target, settings: Mapping[str, Any]) -> str:
    """What a decorator leaves of the questions, less than the signature itself does."""
    given = arguments(op, settings)
    usual = make_target(file, op, target.forward, target.backward, given)
    told = [
        f"{n}={steady(repr(settings[n]))}"
        for n in TAKES
        if n in settings and lessens(n, usual, target)
    ]
    return f"its decorator narrows what may be asked: {', '.join(told)}" if told else ""


def lessens(name: str, usual: Target, target: Target) -> bool:
    """Whether a setting leaves fewer cases than there were without it."""
    before, now = getattr(usual.takes, name), getattr(target.takes, name)
    if isinstance(now, Mapping):
        return any(n not in before or before[n] != value for n, value in now.items())
    return bool(set(now) - set(before))


def check_forms(op: str, settings: Mapping[str, Any]) -> None:
    """Raise ValueError for a setting of another form than it has to have."""
    for name, value in settings.items():
        form, expected = FORMS.get(name, (is_text, "a text"))
        if not form(value):
            raise ValueError(f"{op}: got {name} = {steady(repr(value))}; expected {expected}")


def check_names(op: str, settings: Mapping[str, Any]) -> None:
    """Raise ValueError for attributes and arrays that an op has not, or values that are none of
    such an attribute's."""
    spec = facts.OPS[op]
    check_orders(op, settings)
    for setting in ("kinds", "fixed"):
        for name in settings.get(setting, {}):
            if name not in spec.attributes:
                told = ", ".join(spec.attributes) or "none: it has no attributes"
                raise ValueError(f"{op}: got {setting} = {{{name}: ...}}; expected any of: {told}")
    for name, value in settings.get("fixed", {}).items():
        if not is_like(value, name, spec.attributes[name]):
            usual = spec.attributes[name]
            told = "a number" if usual == facts.REQUIRED else f"a value such as {usual!r}"
            raise ValueError(f"{op}: got {name} = {steady(repr(value))}; expected {told}")
    for setting in ("required", "absent"):
        for name in settings.get(setting, ()):
            if name not in spec.optional:
                told = ", ".join(spec.optional) or "none: all its arrays are given"
                raise ValueError(f"{op}: got {setting} = [{name!r}]; expected any of: {told}")


def check_orders(op: str, settings: Mapping[str, Any]) -> None:
    """Raise ValueError for an order of axes that is not known."""
    known = {"layout": tuple(LAYOUTS), "weights": tuple(WEIGHTS)}
    if op == "affine":
        known["weights"] = AFFINE_WEIGHTS
    elif not op.startswith("conv2d"):  # said of another op beside
        known["weights"] += AFFINE_WEIGHTS
    for name, words in known.items():
        if settings.get(name, words[0]) not in words:
            told = steady(repr(settings[name]))
            raise ValueError(f"{op}: got {name} = {told}; expected one of: {', '.join(words)}")


def is_like(value: Any, name: str, default: Any) -> bool:
    """Whether a value is of the kind of an attribute's default: a word, a truth, or a number, of
    what belongs to an image's axes two."""
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(value, str):
        return (isinstance(default, str) and default != facts.REQUIRED) or name == "padding"
    parts = value if isinstance(value, (list, tuple)) and name in facts.SPATIAL else [value]
    return all(is_like_part(part) for part in parts)


def is_like_part(value: Any) -> bool:
    """A number, nothing, or a pair of numbers."""
    if isinstance(value, (list, tuple)):
        return all(map(is_like_part, value))
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def is_text(value: Any) -> bool:
    """`"x"`."""
    return isinstance(value, str)


def is_texts(value: Any) -> bool:
    """`["x", "y"]`."""
    return isinstance(value, (list, tuple)) and all(map(is_text, value))


def is_table(value: Any) -> bool:
    """`{x = ...}`."""
    return isinstance(value, Mapping) and all(map(is_text, value))


FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "backward": (lambda value: value is None or is_text(value), "a text"),
    "arguments": (lambda v: is_table(v) and all(map(is_text, v.values())), "a table of texts"),
    "fixed": (is_table, "a table"),
    "kinds": (lambda v: is_table(v) and all(map(is_texts, v.values())), "a table of lists"),
    "required": (is_texts, "a list of texts"),
    "absent": (is_texts, "a list of texts"),
    "gradients": (is_texts, "a list of texts"),
}


def arguments(op: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """The op's names with the function's own, as the settings give them."""
    known = (*facts.OPS[op].inputs, *facts.OPS[op].attributes)
    rest = {name: value for name, value in settings.items() if name not in SETTINGS}
    given = {**settings.get("arguments", {}), **rest}
    for name in given:
        if name not in known:
            expected = ", ".join((*known, *SETTINGS))
            raise ValueError(f"{op} has no {name!r}; expected any of: {expected}")
    return given


def axes_of(op: str, settings: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The order of axes of each array, for a layout of images and one of weights."""
    images = LAYOUTS.get(settings.get("layout", "NCHW"))
    weights = WEIGHTS.get(settings.get("weights", "FCHW")) if op.startswith("conv2d") else None
    made: dict[str, tuple[int, ...]] = {}
    if images is not None:
        made.update(x=images, out=images)
    if weights is not None:
        made["w"] = weights
    return made
