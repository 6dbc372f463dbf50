"""A Slurm cluster on this machine, and studies on it."""
