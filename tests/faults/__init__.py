"""Attacks: what is tried to break the project, each a test; ``make torture`` repeats them."""
