"""The flow: what makes what, on this machine or a cluster; imports harlib, and calls the rest by command line."""
