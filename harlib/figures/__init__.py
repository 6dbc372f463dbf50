"""Figures, one style sheet for all; imports experiments, analysis and below."""

import logging

# What Matplotlib says of a user's settings and of its own caches is not for a notebook to show.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
