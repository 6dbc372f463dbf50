"""How a notebook is given its parameters, run, and shows a table.

Imports storage and the network, never what is trained.
"""
