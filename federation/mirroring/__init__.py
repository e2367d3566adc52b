"""Mirrors: this hub's copies of what its peers publish, kept by reading their feeds."""
