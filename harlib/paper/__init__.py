"""The report's printed numbers, and ours beside them; imports the network alone."""
