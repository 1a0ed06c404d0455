"""What the grids try: one file an op, named as the op."""
