"""What isolation is made of: limits, paths, the pipe, and each way to start a child."""
