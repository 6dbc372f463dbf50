"""Reads every data set the report can be made from; see :func:`load`.

Imports the network's own files and :mod:`harlib.storage`, and no other room.
"""

from harlib import paths
from harlib.data import hdf5, motionsense, synthetic
from harlib.data.dataset import Dataset
from harlib.errors import UserError

__all__ = ["Dataset", "load"]


def load(data: str = "synthetic", data_dir: str = "") -> Dataset:
    """The data set called ``data``.

    Parameters
    ----------
    data : str
        ``synthetic``, ``motionsense``, ``course``, or the path of an HDF5 file.
    data_dir : str
        Folder with the data sets that are not built in; empty: ``$HARLIB_DATA``, else ``data/``.

    Raises
    ------
    UserError
        There is no such data set, or it is missing, damaged or malformed.
    """
    if paths.is_path(data):
        return hdf5.load(paths.resolve(data))
    if data == "synthetic":
        return synthetic.make()
    if data == "motionsense":
        return motionsense.load(paths.data_dir(data_dir))
    if data == "course":
        return hdf5.load_course(paths.data_dir(data_dir))
    raise UserError(
        f"data = {data!r}: allowed is synthetic, motionsense, course, or the path of an HDF5 file"
    )
