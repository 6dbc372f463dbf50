"""Tests of the measurements beside others."""
