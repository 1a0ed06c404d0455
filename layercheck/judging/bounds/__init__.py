"""How far rounding alone may move each element of an answer.

`Bounded` arrays carry values together with a bound on their accumulated rounding error; a layer
runs on them unchanged, since it uses NumPy's public functions only. Two levels are kept:

- `worst`: gamma_n = n u / (1 - n u). Source: Higham, Accuracy and Stability of Numerical
  Algorithms, 2nd ed., 2002, chapter 3 (running error analysis: section 3.3).
- `likely`: lambda sqrt(n) u with lambda = 1, holding with high probability where rounding errors
  are independent with mean zero. Source: Higham and Mary, A New Approach to Probabilistic Rounding
  Error Analysis, SIAM J. Sci. Comput. 41, 2019.

The pass limit is SLACK times `likely`.
"""

from __future__ import annotations

from . import arithmetic, functions, reductions, shapes  # noqa: F401 (each adds its rules)
from .bound import SLACK, Bound, bound_of, bounded, bounds, limit_of, unshifted_bounds
from .bounded import Bounded

__all__ = [
    "SLACK",
    "Bound",
    "Bounded",
    "bound_of",
    "bounded",
    "bounds",
    "limit_of",
    "unshifted_bounds",
]
