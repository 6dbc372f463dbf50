"""Tests of harlib.figures."""
