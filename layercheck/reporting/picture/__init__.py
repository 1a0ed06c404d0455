"""A failing case as a picture: small arrays by their numbers, large ones by their error."""
