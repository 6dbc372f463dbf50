"""The flow, sweeps and verifying."""
