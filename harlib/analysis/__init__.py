"""What trained networks do: scores, confusions, hidden units; imports runs and below."""
