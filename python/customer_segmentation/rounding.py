"""Leave out the digits in which two machines differ.

Kernels of linear algebra are chosen by processor, and add in an order of their own: of what has
been through them the last digits are of the machine. Where a number is made to be kept, it is cut
well before, and is then the same everywhere, unless it lies next to a border of the cut by chance.
"""

from __future__ import annotations

import numpy as np


def significant(value, digits):
    """Return a number with so many significant digits, None as it is.

    Parameters
    ----------
    value : float or None
    digits : int, at least 1.
    """
    return None if value is None else float(f"{value:.{digits - 1}e}")


def on_grid(values, spread, digits):
    """Return coordinates on a grid that is fine beside how far the rows spread.

    Parameters
    ----------
    values : ndarray of shape (n, c), float.
    spread : ndarray of shape (c,), float, at least 0. Standard deviation of each column.
    digits : int. The grid's step is the power of ten so many digits below the spread.
    """
    spread = np.where(spread > 0, spread, 1.0)
    step = 10.0 ** (np.floor(np.log10(spread)) - digits)
    return np.round(values / step) * step
