"""The JSON form of a report, described from its dataclasses for programs and for people.

`python -m layercheck.upkeep.schema` writes a schema and a page. The types are those of the
annotations, the descriptions the fields' docstrings; pydantic reads them, as a library of
development only.
"""

from __future__ import annotations

import inspect
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from layercheck.reporting import records
from layercheck.reporting.files import write_text
from layercheck.reporting.picture.record import Picture
from layercheck.reporting.plain import LEFT_OUT
from layercheck.reporting.records import Comparison
from layercheck.reporting.report import VERSION, Report
from layercheck.reporting.verdict import MEANINGS, PASSING

vars(records).update(Picture=Picture)  # which a check that passes does not import

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "layercheck" / "reporting" / "report.schema.json"
PAGE = ROOT / "docs" / "report-schema.md"
TEMPLATE = Path(__file__).with_name("report-schema.md.j2")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Generator(GenerateJsonSchema):
    """Pydantic's schema, as `reporting/plain.py` writes a report."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """A field's name is its title."""
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:
        """Every field is written, but for what `dataclass_schema` leaves out."""
        return True

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A reader needs no defaults."""
        return self.generate_inner(schema["schema"])

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        """Whatever is an integer in a report counts something, or is a place in a list."""
        return {**super().int_schema(schema), "minimum": 0}

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        """JSON has no infinities."""
        return {"anyOf": [{"type": "number"}, {"enum": ["inf", "-inf", "nan"]}]}

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """A comparison says nothing of what is empty."""
        made = super().dataclass_schema(schema)
        if schema["cls"] is Comparison:
            made["required"] = [f.name for f in fields(Comparison) if f.name not in LEFT_OUT]
            made["properties"] = {n: without_null(p) for n, p in made["properties"].items()}
        return made


def without_null(schema: JsonSchemaValue) -> JsonSchemaValue:
    """What a field is where it is there at all."""
    kept = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(kept) == 1:
        return {**{k: v for k, v in schema.items() if k != "anyOf"}, **kept[0]}
    return {**schema, "anyOf": kept} if kept else schema


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a report."""
    config = ConfigDict(use_attribute_docstrings=True, extra="forbid")
    adapter = TypeAdapter(list[Report], config=config)  # a list passes the config on
    made = adapter.json_schema(schema_generator=Generator, mode="serialization")
    parts = {name: in_lines(part) for name, part in made["$defs"].items()}
    own = parts.pop("Report")
    return {"$schema": DIALECT, **own, "title": f"layercheck report, version {VERSION}"} | {
        "$defs": parts
    }


def in_lines(schema: Any) -> Any:
    """The same with every description in one line."""
    if isinstance(schema, list):
        return [in_lines(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: in_lines(one) for name, one in schema.items()}
    if isinstance(made.get("description"), str):
        made["description"] = " ".join(made["description"].split())
    return made


# ---------------------------------------------------------------------- the page


def page() -> str:
    """The page that describes each part, its fields in their order."""
    from jinja2 import Environment, StrictUndefined

    whole = schema()
    records = {"Report": whole} | {
        name: part for name, part in whole["$defs"].items() if "properties" in part
    }
    made = Environment(undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    made.filters.update(kind=kind_of, cell=cell)
    return made.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        version=VERSION, records=records, meanings=MEANINGS, passing=PASSING
    )


def kind_of(schema: JsonSchemaValue) -> str:
    """A field's type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return "verdict" if name == "Verdict" else f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if {"type": "null"} in schema.get("anyOf", []):
        return f"{kind_of(without_null(schema))} or null"
    if "anyOf" in schema:
        return "number"
    if "enum" in schema:
        names = schema["enum"]
        return "verdict" if names == list(map(str, MEANINGS)) else " or ".join(map(code, names))
    return kind_of_plain(schema)


def kind_of_plain(schema: JsonSchemaValue) -> str:
    """A type that stands for itself, or holds others."""
    if schema["type"] == "array":
        return f"list: {kind_of(schema['items'])}"
    if schema["type"] == "object":
        counted = "propertyNames" in schema
        inner = schema.get("additionalProperties")
        if not isinstance(inner, dict):
            return "object, its fields are free"
        return f"object: {kind_of(inner)} by {'verdict' if counted else 'name'}"
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}[schema["type"]]


def code(text: str) -> str:
    """Text in a typewriter face."""
    return f"`{text}`"


def cell(text: str) -> str:
    """Text in a cell of a table."""
    return inspect.cleandoc(text).replace("|", "\\|")


if __name__ == "__main__":
    write_text(SCHEMA, json.dumps(schema(), indent=2) + "\n")
    write_text(PAGE, page())
