"""A class: its submissions checked as many files are, and graded by what is required."""
