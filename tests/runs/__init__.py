"""From data to result files, and what lies on disk."""
