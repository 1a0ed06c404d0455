"""Why a function is wrong: what a person can act on, without being handed the solution."""
