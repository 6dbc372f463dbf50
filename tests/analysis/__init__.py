"""Tests of harlib.analysis."""
