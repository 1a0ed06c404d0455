"""What is asked: for every layer the cases that its signatures can express."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from layercheck.cases.case import Case
from layercheck.cases.grids import GRIDS
from layercheck.cases.parse import parse
from layercheck.cases.where import condition, none_fits
from layercheck.errors import UsageError, unknown
from layercheck.implementations.layer import Layer
from layercheck.reporting.records import Part
from layercheck.stages import stage
from layercheck.submissions.expressible import expressible
from layercheck.submissions.profiles.target import HAS_MODES
from ref_layers import OPS

from .attributes import lacking
from .drawn_cases import drawn_cases
from .fresh import fresh, with_new_values
from .kept_cases import chosen
from .options import Options
from .ordinary import ordinary
from .pairs import unpaired
from .subject import Subject
from .unordinary import unordinary

FEWEST = 8
"""How many cases a layer of a file gets at least, drawn for it where the grid has fewer."""


FEWEST_OF_ONE = 24
"""The same of an object whose sizes are settled: its values alone can be varied."""


@dataclass(frozen=True)
class Task:
    """One case put to one layer.

    beyond: the condition under which it goes beyond the assignment's contract; empty within it ·
    of_grid: whether oracles are asked: not about what was drawn for a narrow signature · hunted:
    whether it was added to the plan to run what no other case did.
    """

    layer: Layer
    case: Case
    beyond: str = ""
    of_grid: bool = True
    hunted: bool = False


@dataclass(frozen=True)
class Plan:
    """grid: its name · layers: those that are asked · tasks: of each of them · unasked: the layers
    that the options leave no case · narrowing: how these options say it.
    """

    grid: str
    layers: list[Layer]
    tasks: list[list[Task]]
    unasked: list[Layer] = field(default_factory=list)
    narrowing: str = ""

    @property
    def size(self) -> int:
        """How many cases are planned."""
        return sum(map(len, self.tasks))


@stage("choosing cases")
def make_plan(subject: Subject, options: Options, recorded: bool) -> Plan:
    """Choose the cases; raises UsageError where the options leave none."""
    grid = options.grid or ("quick" if recorded or subject.is_file else "standard")
    if recorded and grid != "quick":
        raise UsageError(
            f"--grid {grid} needs live frameworks; install them with: python -m pip install "
            f"'layercheck[torch,tensorflow]', or name --oracle exact"
        )
    asked = [
        (layer, list(tasks_of(layer, grid, subject, options)))
        for layer in chosen_layers(subject, options.ops, options.every)
    ]
    narrowing = narrowing_of(grid, options)
    unasked = [layer for layer, tasks in asked if not tasks] if narrowing else []
    if narrowing:  # whoever asks for some cases only asks for the functions that have them
        asked = [(layer, tasks) for layer, tasks in asked if tasks]
    nothing = not any(tasks for _, tasks in asked) and not subject.problem
    if nothing and (narrowing or not (asked or subject.unasked)):
        ops = list(dict.fromkeys(layer.op for layer in unasked))
        check_named(unasked, options.cases)
        raise none_fits(grid, options.where, GRIDS[grid](ops or None))
    if subject.is_given and not narrowing:
        for layer, tasks_there in asked:
            if not tasks_there:
                raise UsageError(unaskable_text(layer, grid))
    layers, tasks = [layer for layer, _ in asked], [tasks for _, tasks in asked]
    return Plan(grid, layers, tasks, unasked, narrowing)


def check_named(layers: Sequence[Layer], cases: Sequence[str]) -> None:
    """Raise UsageError for a case that is named and that no layer of its op takes."""
    for case in map(parse, cases):
        for layer in (layer for layer in layers if layer.op == case.op):
            raise UsageError(
                f"case {str(case)!r} cannot be put to {layer.forward}: {layer.refuses(case)}; "
                "expected a case that it takes, or a function with a place for that"
            )


def unaskable_text(layer: Layer, grid: str) -> str:
    """Why no case can be put to a layer."""
    refused = map(layer.refuses, GRIDS[grid]([layer.op]))
    empty = [f"{symbol} is 0" for symbol, size in layer.takes.sizes.items() if size == 0]
    why = [*empty, *(reason for reason, _ in Counter(filter(None, refused)).most_common(1))]
    told = f": {why[0]}" if why else ""
    return (
        f"no case of {layer.op} can be put to {layer.forward}{told}; expected hints that leave "
        "some, and a signature that says what it takes"
    )


def narrowing_of(grid: str, options: Options) -> str:
    """Which cases alone are asked for: `of dtype float32 where stride > 1`; empty for all."""
    parts = [f"of the {grid} grid"] if grid == "architectures" else []
    parts += [f"of dtype {options.dtype}"] if options.dtype else []
    parts += ["that is named"] if options.cases else []
    parts += [f"where {' '.join(options.where.split())}"] if options.where else []
    return " ".join(parts)


def chosen_layers(subject: Subject, names: Sequence[str], every: bool = False) -> list[Layer]:
    """The layers of these ops or functions, all by default; raises UsageError where there is
    none of them. every: where one is not there."""
    if subject.problem:
        return []
    functions = {name for layer in subject.layers for name, _ in layer.functions()}
    called = {*functions, *(name.partition(".")[0] for name in functions)}
    for name in names:
        if name not in OPS and name.removesuffix("()") not in called:
            raise unknown("op", name, OPS, sorted(functions - OPS.keys()))
    if not names:
        return subject.layers
    chosen = [layer for layer in subject.layers if is_chosen(layer, names)]
    lacking = [n for n in names if not any(is_chosen(layer, [n]) for layer in chosen)]
    if lacking and (every or not chosen):
        there = ", ".join(sorted(functions)) or "nothing that can be asked"
        raise UsageError(f"{subject.name} has nothing for {', '.join(lacking)}; it has: {there}")
    return chosen


def is_chosen(layer: Layer, names: Sequence[str]) -> bool:
    """Whether a layer's op, one of its functions, or the class that has them is named."""
    return layer.op in names or any(is_named(name, names) for name, _ in layer.functions())


def functions_asked(layer: Layer, names: Sequence[str]) -> list[tuple[str, tuple[Part, ...]]]:
    """The functions of a layer that are asked for, with their parts: all, or those named."""
    every = list(layer.functions())
    if not names or layer.op in names:
        return every
    return [(name, parts) for name, parts in every if is_named(name, names)]


def is_named(function: str, names: Sequence[str]) -> bool:
    """Whether a function is asked for, by its own name or by its class's; `relu()` is never the
    op."""
    own = (function, function.partition(".")[0])
    return any(name in names or f"{name}()" in names for name in own)


def tasks_of(layer: Layer, grid: str, subject: Subject, options: Options) -> Iterator[Task]:
    """The cases of one layer."""
    if options.cases:
        named = map(parse, options.cases)
        yield from (Task(layer, c) for c in named if c.op == layer.op and not layer.refuses(c))
        return
    holds = condition(options.where) if options.where else lambda case: True

    @cache
    def beyond(case: Case) -> str:
        odd = "" if subject.is_oracle else unordinary(case)
        return odd or layer.goes_beyond(case)

    cases = [case for case in GRIDS[grid]([layer.op]) if not layer.refuses(case)]
    drawn: list[Case] = []
    within = [case for case in cases if not beyond(case)]
    few = (FEWEST_OF_ONE if layer.takes.sizes else FEWEST) - len(within)
    if (subject.is_file or subject.is_given) and few > 0:  # what the grid hardly knows
        drawn += expressible(layer.op, layer.takes, few, lambda case: not beyond(case))
    if HAS_MODES in layer.habits and subject.is_given:
        drawn += [case for case in ordinary(layer, [*within, *drawn]) if not beyond(case)]
    if not subject.is_oracle and within:
        drawn += [case for case in chosen(lacking, layer, [*within, *drawn]) if not beyond(case)]
        drawn += [case for case in chosen(unpaired, layer, [*within, *drawn]) if not beyond(case)]
    asked, masks = [*cases, *drawn], list(drawn_cases(layer))
    if options.fresh is not None:
        asked = list(fresh(layer, asked, options.fresh, lambda case: not beyond(case)))
        drawn, masks = [], [with_new_values(case, options.fresh) for case in masks]
    alone = [*drawn, *masks]
    for case in dict.fromkeys([*asked, *alone]):
        if options.dtype in ("", case.dtype) and holds(case):
            outside = "" if options.strict else beyond(case)
            yield Task(layer, case, outside, case not in alone)
