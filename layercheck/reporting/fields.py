"""The types of a report's fields that say more than Python's own, for its JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any

from .verdict import MEANINGS


class Says:
    """Words of JSON Schema about a value, beside those that its type has."""

    def __init__(self, **words: Any) -> None:
        self.words = words

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Asked for by pydantic, when `upkeep/schema.py` has it write the schema."""
        return {**handler(schema), **self.words}


VERDICTS = tuple(map(str, MEANINGS))
"""From best to worst, then those that compared nothing."""

Size = Annotated[float, Says(anyOf=[{"type": "number", "minimum": 0}, {"enum": ["inf", "nan"]}])]
"""A figure: never negative, and kept to as many digits as somebody reads."""

VerdictName = Annotated[str, Says(enum=list(VERDICTS))]
"""A verdict as text."""

Counts = Annotated[dict[str, int], Says(propertyNames={"enum": list(VERDICTS)})]
"""How many of which verdict; those that are absent are none."""

AllCounts = Annotated[
    dict[str, int], Says(propertyNames={"enum": list(VERDICTS)}, required=list(VERDICTS))
]
"""How many of which verdict, all of them named."""
