"""What does not fit in the report's printed numbers; imports harlib.paper and the network."""
