"""The flow: what makes what, here or on a cluster; imports harlib, runs the rest as commands."""
