"""A failing case as a script that needs NumPy and the file under check, and nothing of ours."""
