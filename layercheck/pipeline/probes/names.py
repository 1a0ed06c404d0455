"""What the probes are called: what `layercheck replay --probe` takes, and how findings begin."""

from __future__ import annotations

from layercheck.submissions.profiles.memory import FORMS

PROBES = {
    "interleaved": "calls interleaved",
    "dictionary": "one dictionary of settings for two layers",
    "twice": "backward twice on one cache",
    "pending": "several layers of one shape",
    "overwritten": "other numbers in the same arrays",
    **FORMS,
    "remembered": "numbers that look like earlier ones",
    "attributes": "the same arrays with other attributes in between",
    "same-sizes": "after a call of the same sizes with other attributes",
    "same-bytes": "arrays of the same bytes or sizes that are not the same",
    "second-forward": "second forward of one object",
    "modes": "in and out of training",
    "masks": "several dropouts",
    "unseeded": "a dropout without a seed",
    "statistics": "several layers in training",
    "first-step": "the first step of training",
    "other-mode": "in its other mode of training and eval",
    "no-gradient": "where no gradient is asked for",
    "no-dx": "where dx is not asked for",
    "zeros": "zeros and tiny numbers",
    "some-zeros": "zeros among other numbers",
    "repeated": "repeated",
}
"""Each with its title."""

TIMES = 1024
MORE_DOUT = f"a backward with {TIMES} times the dout"
"""How a finding begins that says nothing of what a backward leaves behind."""
