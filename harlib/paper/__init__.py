"""The report's printed numbers, and ours beside them; returns DataFrames; imports storage and the network."""
