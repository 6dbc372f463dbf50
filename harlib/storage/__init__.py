"""What lies on disk: results, checks, checkpoints, records; imports the network alone."""
