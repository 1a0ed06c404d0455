"""An answer in, a verdict out: bounds, comparison, the oracles weighed, defects."""
