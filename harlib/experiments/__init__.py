"""Protocols against each other: trains through runs and returns DataFrames; imports runs and below, never figures."""
