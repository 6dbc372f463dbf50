"""Reads every data set the report can be made from; see :func:`load`.

Imports the network's own files and :mod:`harlib.storage`, and no other room.
"""

from harlib import paths
from harlib.data import hdf5, motionsense, synthetic
from harlib.data.dataset import Dataset
from harlib.errors import UserError

__all__ = ["Dataset", "load"]


def load(data: str = motionsense.NAME) -> Dataset:
    """The data set called ``data``: motionsense, synthetic, or the path of an HDF5 file.

    A UserError where there is no such data set, or it is missing, damaged or malformed.
    """
    if paths.is_path(data):
        return hdf5.load(paths.resolve(data))
    if data == motionsense.NAME:
        return motionsense.load()
    if data == synthetic.NAME:
        return synthetic.make()
    raise UserError(
        f"data = {data!r}: allowed is motionsense, synthetic, or the path of an HDF5 file"
    )
