"""A plan that is kept from one run to the next: choosing the cases of a grid takes seconds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import ref_layers
from layercheck.cases.parse import parse

from .options import Options, settings_of
from .plan import Plan, Task, make_plan
from .subject import Subject

PACKAGES = (Path(__file__).parents[1], Path(ref_layers.__file__).parent)
"""The code that a plan depends on."""

Get = Callable[[str], Any]
Put = Callable[[str, Any], None]


def kept_plan(subject: Subject, options: Options, recorded: bool, get: Get, put: Put) -> Plan:
    """The plan that `get` has for this subject, these options and this code; else one that is made
    and `put` there. Raises UsageError where the options leave no case."""
    key = key_of(subject, options, recorded)
    told = get(key)
    if told is not None:
        return plan_of(subject, told)
    plan = make_plan(subject, options, recorded)
    put(key, as_json(subject, plan))
    return plan


def key_of(subject: Subject, options: Options, recorded: bool) -> str:
    """What a plan depends on, as a short name."""
    told = [settings_of(options), code(), recorded, subject.is_file, subject.is_oracle]
    told += [(one.op, one.forward, one.backward, one.takes, one.beyond) for one in subject.layers]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@cache
def code() -> str:
    """A fingerprint of our own code."""
    made = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted(package.rglob("*")):
            if path.suffix in (".py", ".txt"):
                made.update(path.read_bytes())
    return made.hexdigest()


def as_json(subject: Subject, plan: Plan) -> dict[str, Any]:
    """A plan as JSON values; layers by their places."""
    places = {id(layer): place for place, layer in enumerate(subject.layers)}
    return {
        "grid": plan.grid,
        "narrowing": plan.narrowing,
        "layers": [places[id(layer)] for layer in plan.layers],
        "unasked": [places[id(layer)] for layer in plan.unasked],
        "tasks": [[[str(t.case), t.beyond, t.of_grid] for t in tasks] for tasks in plan.tasks],
    }


def plan_of(subject: Subject, told: dict[str, Any]) -> Plan:
    """The inverse."""
    layers = [subject.layers[place] for place in told["layers"]]
    tasks = [
        [Task(layer, parse(text), beyond, of_grid) for text, beyond, of_grid in own]
        for layer, own in zip(layers, told["tasks"], strict=True)
    ]
    unasked = [subject.layers[place] for place in told["unasked"]]
    return Plan(told["grid"], layers, tasks, unasked, told["narrowing"])
