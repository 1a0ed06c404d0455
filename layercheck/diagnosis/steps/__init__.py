"""One file a step of explaining."""
