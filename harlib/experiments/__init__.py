"""Protocols against each other: trains through runs; imports runs and below, never figures."""
