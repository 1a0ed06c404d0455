"""A report as one self-contained page: nothing is fetched, and most of it reads without scripts."""
