"""Tests by room; they may import everything."""
