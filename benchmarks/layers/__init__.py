"""How fast the reference layers are, beside frameworks and beside what the machine can do."""
