"""Rows without structure, but of the same shape: what clusters are compared with."""

from __future__ import annotations

import numpy as np

from customer_segmentation.parallel import one_thread


@one_thread()
def structureless(matrix, rng):
    """Draw rows uniformly from the box that the principal axes put around a matrix.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n, d): as many rows, of the same extent and correlation.

    Notes
    -----
    Source: reference distribution (b) of Tibshirani, Walther & Hastie (2001).
    """
    centre = matrix.mean(axis=0)
    axes = np.linalg.svd(matrix - centre, full_matrices=False)[2]
    turned = (matrix - centre) @ axes.T
    drawn = rng.uniform(turned.min(axis=0), turned.max(axis=0), size=turned.shape)
    return drawn @ axes + centre


def some_rows(n, limit, seed):
    """Return which of n rows to use when no more than `limit` are wanted: a slice or indices."""
    if n <= limit:
        return slice(None)
    return np.sort(np.random.default_rng(seed).choice(n, limit, replace=False))
