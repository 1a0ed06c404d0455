"""What maintainers run: the mutation score, the quick grid, recordings, generated files."""
