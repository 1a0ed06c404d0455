"""How large a message between processes may be: known before NumPy is there.

It runs on both sides of a sandbox.
"""

MOST_BYTES = 1 << 30
"""Of all arrays together."""

MOST_HEADER = 1 << 20

MOST_LISTED = 4096
"""Arrays of a message: many small ones cost more to look at than to send."""
