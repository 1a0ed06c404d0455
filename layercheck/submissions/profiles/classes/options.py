"""How an object of a class is made and asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..members import Members
from ..packed import Packs
from ..sides import Forms


@dataclass(frozen=True)
class Options:
    """How an object is made and asked.

    kind: the class's name · init: sizes and attributes with the constructor's names · set:
    attributes of the op that are set on the object · forward, backward: the methods · order,
    backward_order: their arguments that have a place · inputs: arrays that forward gets, with its
    names · parameters: where each is kept, as ["W"] or ["params", "W"] · running: the
    attributes with running statistics · layout: of images, `auto` if the text does not say ·
    gradient: what each argument of backward gets · training: how the object learns whether it
    trains: an attribute, two methods, an argument · rows: how many trailing axes make a row, 0 for
    all as they are · momentum: `decay` if it is the share of the old statistics · p: `keep` or
    `drop`, empty if the text does not say · words: paddings as the file writes them · generator:
    the argument of forward that gets one, and its kind · packs: dictionaries of attributes that the
    constructor gets · one_hot: whether labels are rows of 0 and 1 · context: the argument in which
    forward keeps what backward needs · defaults: those that the constructor declares, by its own
    names · forms: attributes that are given as four numbers, or always as two · members: those of
    which words are members of an Enum · arrays: parameters
    that the constructor gets, with its names · kept: the attribute in which forward leaves its
    output, where it returns none · epsilon: the number that stands for eps in the text · entry: the
    method by which forward is asked · otherwise: how it is asked if an argument of backward is what
    its name says, where that is left open.
    """

    kind: str
    init: Mapping[str, str] = field(default_factory=dict)
    set: Mapping[str, str] = field(default_factory=dict)
    forward: str = ""
    backward: str = ""
    order: tuple[str, ...] = ()
    backward_order: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    running: Mapping[str, str] = field(default_factory=dict)
    layout: str = ""
    gradient: Mapping[str, str] = field(default_factory=dict)
    training: tuple[str, ...] = ()
    rows: int = 0
    momentum: str = ""
    p: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    generator: tuple[str, str] = ("", "")
    packs: Packs = field(default_factory=dict)
    one_hot: bool = False
    context: str = ""
    forms: Forms = field(default_factory=dict)
    members: Mapping[str, Members] = field(default_factory=dict)
    arrays: Mapping[str, str] = field(default_factory=dict)
    kept: str = ""
    epsilon: float | None = None
    entry: str = ""
    otherwise: Options | None = None
