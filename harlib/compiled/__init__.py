"""The loops over the steps, compiled from C: an extra that only runs and benchmarks import; imports the network alone."""
