"""How a notebook is given its parameters and run."""
