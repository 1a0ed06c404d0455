"""A small library of layers."""
