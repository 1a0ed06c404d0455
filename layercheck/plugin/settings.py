"""What a run of pytest asks for: its options, then `[tool.layercheck]` of the adopter's own
pyproject.toml. One that lies beside a submitted file is never read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from layercheck._toml import tomllib
from layercheck.cases.grids import GRIDS
from layercheck.cases.where import condition
from layercheck.errors import UsageError
from layercheck.pipeline.options import ALLOWED, Options
from ref_layers import OPS


@dataclass(frozen=True)
class Settings:
    """subjects: what is collected where no files are named · oracles: empty: recorded answers ·
    expected: the file of expected failures, beside pyproject.toml."""

    subjects: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()
    grid: str = "quick"
    where: str = ""
    dtype: str = ""
    ops: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    strict: bool = False
    expected: str = ""

    @property
    def options(self) -> Options:
        """As those of any run."""
        return Options(
            grid=self.grid,
            oracles=self.oracles or (("exact",) if self.grid != "quick" else None),
            where=self.where,
            dtype=self.dtype,
            ops=self.ops,
            allow=self.allow,
            strict=self.strict,
            recorded=True,
            brief=True,
        )


def settings_of(config: pytest.Config) -> Settings:
    """The settings; raises pytest.UsageError for what cannot be meant."""
    try:
        told: dict[str, Any] = {**table_of(config.rootpath / "pyproject.toml"), **given(config)}
        told |= {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
        made = Settings(**told)
        check_values(made)
    except UsageError as error:
        raise pytest.UsageError(f"layercheck: {error}") from None
    return made


def given(config: pytest.Config) -> dict[str, Any]:
    """What the command line says."""
    own = {
        "subjects": config.getoption("layercheck"),
        "oracles": config.getoption("layercheck_oracle"),
        "grid": config.getoption("layercheck_grid"),
        "where": config.getoption("layercheck_where"),
        "expected": config.getoption("layercheck_expected"),
    }
    return {name: value for name, value in own.items() if value is not None}


def table_of(file: Path) -> dict[str, Any]:
    """`[tool.layercheck]` of a file; raises UsageError for a key that there is not, or a value of
    another kind. Tables by the names of ops are declarations, see --declared."""
    if not file.is_file():
        return {}
    try:
        tools = tomllib.loads(file.read_text("utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    table = tools.get("layercheck", {}) if isinstance(tools, dict) else tools
    if not isinstance(table, dict):
        raise UsageError(f"{file.name}: got {table!r}; expected one table [tool.layercheck]")
    own = {name: value for name, value in table.items() if name not in OPS}
    check_kinds(own, file)
    return own


def check_kinds(table: Mapping[str, Any], file: Path) -> None:
    """Raise UsageError for what a table may not hold."""
    known = {field.name: field.default for field in fields(Settings)}
    for name, value in table.items():
        if name not in known:
            raise UsageError(
                f"{file.name}: [tool.layercheck] has {name!r}; expected any of: {', '.join(known)}"
            )
        kind: Any = list if isinstance(known[name], tuple) else type(known[name])
        texts = not isinstance(value, list) or all(isinstance(one, str) for one in value)
        if type(value) is not kind or not texts:
            expected = (
                "a list of texts" if kind is list else {bool: "true or false"}.get(kind, "a text")
            )
            raise UsageError(
                f"{file.name}: [tool.layercheck] {name} = {value!r}; expected {expected}"
            )


def check_values(made: Settings) -> None:
    """Raise UsageError for a subject, a grid, a dtype or a verdict that there is not."""
    if not all(map(str.strip, made.subjects)):
        raise UsageError(
            "got an empty subject; expected a module's name, a file or oracle:NAME, such as "
            "--layercheck=mypackage.layers"
        )
    known = {
        "grid": (made.grid, tuple(GRIDS)),
        "dtype": (made.dtype, ("", "float32", "float64")),
        **{f"allow {v}": (v, ALLOWED) for v in made.allow},
    }
    for name, (value, values) in known.items():
        if value not in values:
            expected = ", ".join(filter(None, values))
            raise UsageError(f"{name}: got {value!r}; expected one of: {expected}")
    if made.where:
        condition(made.where)
