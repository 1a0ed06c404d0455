"""Grades: of one submission or of a class, in the forms that teachers and platforms read."""
