"""Raises while it is loaded.

Expected: raised
"""

import numpy as np

raise RuntimeError("not today")
