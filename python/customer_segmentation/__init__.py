"""Fit customer segments with scikit-learn, and compile them to numbers that SQL can apply.

The dbt package `customer_segmentation` does everything else in SQL; its Python models are thin
callers of this library. The way through the modules is the way of the data:

    settings -> preprocessing -> algorithms -> evaluation -> selection -> registry

`warehouse` alone knows about database sessions and data frames; all other functions are pure.
"""

from threading import Lock

__version__ = "0.1.0"

# dbt runs Python models in threads. Two that import scikit-learn at once, each by another of its
# modules, wait for each other: Python then lets one go on with a module that is not complete.
imports = Lock()


def require_version(expected, install):
    """Stop when the installed library does not belong to the running dbt package.

    Parameters
    ----------
    expected : str. Version that the dbt package was written for.
    install : str. The command that installs that version.

    Raises
    ------
    RuntimeError: the versions differ.
    """
    if expected != __version__:
        raise RuntimeError(
            f"The dbt package needs version {expected} of the Python library "
            f"customer-segmentation, but {__version__} is installed: run `{install}`."
        )
