"""Two reports of one subject held against each other: what changed, the worst first."""
