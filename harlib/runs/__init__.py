"""From data to result files; imports data, storage, compiled and the network."""
