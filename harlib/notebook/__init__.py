"""How a notebook is given its parameters, run, and shows a table; imports storage and the network, never what is trained."""
