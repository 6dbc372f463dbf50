"""Reads every data set the report can be made from; see :func:`load`."""
