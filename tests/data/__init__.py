"""Data sets: what is read, downloaded and made, and what is refused."""
