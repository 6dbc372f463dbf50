"""Tests of harlib.experiments."""
