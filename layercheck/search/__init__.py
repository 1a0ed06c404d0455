"""Looking for defects of the frameworks that nobody has written down yet."""
