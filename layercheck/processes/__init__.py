"""Child processes: one client for those that we trust and those that we do not."""
