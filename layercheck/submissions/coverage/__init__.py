"""Which pieces of a file's functions ran: its conditions report which side of them was taken.

It runs in the child, and therefore imports nothing but the standard library, NumPy and its
neighbours.
"""
