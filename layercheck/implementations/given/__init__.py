"""Functions, classes and objects of this process as subjects: trusted, and in no sandbox."""
