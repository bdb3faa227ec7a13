"""Find the axes of a flat map of the customers."""

from __future__ import annotations

import numpy as np

DIGITS = 12


def axis_rows(mean, covariance) -> list[dict]:
    """Return the first two principal components of customers, from their moments.

    Parameters
    ----------
    mean : ndarray of shape (d,), float.
    covariance : ndarray of shape (d, d), float, symmetric.

    Returns
    -------
    list of dict with axis, place, centre, loading, variance_share: 2 d of them, none without
    coordinates. The largest loading of an axis is positive, so that the map does not flip from
    build to build. An axis that does not exist, for a single coordinate, has loadings of 0.

    Notes
    -----
    Principal components are the eigenvectors of the covariance (Hotelling 1933).
    """
    size = len(mean)
    if not size:
        return []
    values, vectors = np.linalg.eigh(covariance)
    values = np.maximum(values, 0.0)
    total = values.sum()
    rows = []
    for axis in (1, 2):
        exists = axis <= size
        loadings = np.round(vectors[:, size - axis], DIGITS) if exists else np.zeros(size)
        largest = np.argmax(np.round(np.abs(loadings), 6))
        sign = -1.0 if loadings[largest] < 0 else 1.0
        share = values[size - axis] / total if exists and total > 0 else 0.0
        rows += [
            {
                "axis": axis,
                "place": place + 1,
                "centre": float(mean[place]),
                "loading": float(sign * loadings[place]) + 0.0,
                "variance_share": round(float(share), DIGITS),
            }
            for place in range(size)
        ]
    return rows
