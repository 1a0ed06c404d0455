"""Something that outlives a call, or another order in memory: what is asked besides shows it."""

from __future__ import annotations

from layercheck.implementations.protocol import DIFFERS
from layercheck.reporting.records import Diagnosis

from ..evidence import Evidence

RANK = 60
LEAST = "diagnosis"
OUTLIVES = (
    "Look for what outlives a call: a module's variable, an attribute or a default argument that "
    "is added to, an array that is written to, a random draw."
)
SHOWN = {
    "interleaved": (
        "One call gets into another's way: they share something that is kept, or given.",
        "Make new arrays in each call, and keep in the cache alone what backward needs.",
    ),
    "dictionary": (
        "It writes to the dictionary of settings, which another layer reads.",
        "Keep what a call computes in the cache, and leave the settings as they are.",
    ),
    "twice": (
        "A backward changes what the cache holds, or gives or adds to what an earlier one gave.",
        "Leave the arrays of the cache as they are, and start each gradient from zeros.",
    ),
    "in proportion": (
        "The gradient does not grow as dout does, though the same dout gives the same gradient.",
        "Look for what compares numbers of dout with another one, cuts them off or rounds them.",
    ),
    "transposed": (
        "It goes by how its arrays lie in memory, which is the caller's affair.",
        "Go by shape and index; ravel, reshape and ascontiguousarray may give the caller's array.",
    ),
    "read-only": (
        "It writes to its arguments, if only for a while, or goes by whether it may.",
        "Let it work on a copy: what it is given is the caller's.",
    ),
    "remembered": (
        "It takes inputs for those of an earlier call that they only resemble.",
        "Compute anew, or compare every number before an earlier answer is used.",
    ),
    "pending": (
        "What one layer gave or kept is written to by another one.",
        "Make a new array in each call; what belongs to an object stands in it, not in its class.",
    ),
    "masks": (
        "A dropout's backward goes by the mask of another one.",
        "Keep the mask in the cache, or in the object; settings and modules belong to all layers.",
    ),
    "unseeded": (
        "A dropout that is given no seed, as is usual, fails or does not draw anew.",
        "Seed only where a seed is given, and keep the mask itself in the cache.",
    ),
    "statistics": (
        "Running statistics of one layer are moved by another one.",
        "Each layer has arrays of its own: make new ones, and write to nobody else's.",
    ),
    "first-step": (
        "Running statistics begin with something else than the course's, or are not put anywhere.",
        "Where the settings have none, begin with zeros, and put both there.",
    ),
    "overwritten": (
        "It goes by numbers that its arrays held in an earlier call.",
        "An array's place or identity says nothing of its numbers: compute anew in each call.",
    ),
    "attributes": (
        "What was made for other attributes is used again.",
        "What is kept has to be found by all that it depends on, not by the shape alone.",
    ),
    "second-forward": (
        "The object's next forward goes by what an earlier one left.",
        "Set anew in each forward what depends on its input.",
    ),
    "modes": (
        "Training and evaluation of one object get into each other's way.",
        "Only training draws a mask and updates running statistics; evaluation keeps neither.",
    ),
    "other-mode": (
        "It answers otherwise in training than in eval, though its op is the same in both.",
        "Look for what goes by self.training, or by the argument training.",
    ),
    "no-gradient": (
        "It answers otherwise where nobody asks for a gradient.",
        "Look for what goes by whether a gradient is asked for, or is written once more for it.",
    ),
    "zeros": (
        "Zeros or tiny numbers are treated as something else.",
        "Look for thresholds, and for divisions by what may be zero.",
    ),
    "some-zeros": (
        "Zeros among other numbers change what is made of the others.",
        "Look for products and quotients over a whole array, and for loops that end at a zero.",
    ),
    "repeated": ("Asked the same again and again, it once gives another answer.", OUTLIVES),
}
SHOWN["same-bytes"] = SHOWN["remembered"]
SHOWN["sliced"] = SHOWN["reversed"] = SHOWN["transposed"]
SHOWN["no-dx"] = SHOWN["no-gradient"]
SHOWN["same-sizes"] = SHOWN["attributes"]
"""What a failing probe shows, in words, and where to look."""


def explain(evidence: Evidence) -> Diagnosis | None:
    """What is kept between calls, where nothing but that is wrong."""
    reasons = [why for seen in evidence.failing for why in seen.failing.values()]
    if not all(why.startswith(DIFFERS) for why in reasons):
        return None
    count = len(evidence.failing)
    if reasons:
        names = list(dict.fromkeys(n for seen in evidence.failing for n in seen.failing))
        return Diagnosis(
            "relation", "The same inputs give another answer each time.", OUTLIVES, [], names, count
        )
    for probe, arrays in evidence.probes.items():
        if probe in SHOWN:
            return Diagnosis("relation", *SHOWN[probe], [], arrays)
    return None
