"""What was computed once, kept in the user's cache folder: the exact result and the bounds."""
