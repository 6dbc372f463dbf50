"""Using a trained network: loading it, and what it makes of windows and of recordings.

Imports the network's own files, :mod:`harlib.data`, :mod:`harlib.runs` and :mod:`harlib.storage`,
and no other room.
"""

from harlib.use.network import NONE, SURE, Network, told_right

__all__ = ["NONE", "SURE", "Network", "told_right"]
