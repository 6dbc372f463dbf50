"""Tests of harlib.paper."""
