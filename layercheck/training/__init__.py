"""Nets trained side by side in NumPy and the frameworks, every step compared."""
