"""Figures, one style sheet for all; a function returns a Figure; imports experiments, analysis and below."""
