"""Other people's files: read, kept in a sandbox, and called the way they are meant."""
