"""The loops over the steps in C, an extra; imports the network; runs and benchmarks import it."""
