"""What a run found, told: to a terminal, as JSON, as a page."""
