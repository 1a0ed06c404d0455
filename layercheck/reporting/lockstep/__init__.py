"""A training in lockstep: its records, and the same as text, JSON and a page."""
