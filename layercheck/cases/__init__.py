"""The questions: cases, how their values are drawn, the grids that choose them."""
