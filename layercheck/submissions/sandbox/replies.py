"""What a child may answer, and what this process adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .given import Placed

if TYPE_CHECKING:
    from layercheck.processes.wire import Message

REPLIES: Mapping[str, Mapping[str, type]] = {
    "read": {"read": dict, "refused": str},
    "wanted": {"wanted": list},
    "load": {"loaded": dict, "failed": dict},
    "call": {"answered": dict},
    "perform": {"performed": dict},
}
"""What each question may be answered with: a submission can write to the pipe what it likes."""


def seen(message: Message, placed: Placed | None) -> Message:
    """A reply with the inputs that were changed, whatever the child says of them."""
    header, arrays = message
    return {**header, "changed": [] if placed is None else placed.changed()}, arrays


def is_reply(request: Mapping[str, Any], reply: Mapping[str, Any]) -> bool:
    """Whether a header answers a question of this kind, and no other."""
    kinds = {name: kind for replies in REPLIES.values() for name, kind in replies.items()}
    told = kinds.keys() & reply.keys()
    (question,) = request
    return len(told) == 1 and all(
        name in REPLIES[question] and type(reply[name]) is kinds[name] for name in told
    )
