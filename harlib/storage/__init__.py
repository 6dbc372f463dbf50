"""What lies on disk: results, their checks, checkpoints, records, provenance; imports the network alone."""
