"""Figures, one style sheet for all; imports experiments, analysis and below."""
