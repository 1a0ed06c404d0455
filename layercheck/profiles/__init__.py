"""How foreign layers are called: one file a profile, found by itself.

A profile file runs on both sides of the sandbox: the parent reads which functions map to which op,
the child calls them. It therefore imports nothing but the standard library, NumPy and `profile`.
"""
