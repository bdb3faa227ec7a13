"""The gap statistic: how much tighter segments are than those of structureless rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from customer_segmentation.algorithms import ALGORITHMS
from customer_segmentation.noise import some_rows, structureless
from customer_segmentation.parallel import in_parallel

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

# Each reference is fitted for every k: 20 references of 5,000 rows take some seconds.
GAP_ROWS = 5_000


def gaps(matrix, algorithm, ks, settings: Settings):
    """Return the gap and its standard error for every k.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float. Preprocessed rows; at most `GAP_ROWS` are used.
    algorithm : str. Key of `ALGORITHMS`.
    ks : list of int

    Returns
    -------
    list of (float, float), one per k: the mean of ln W over the references less that of the rows,
    and the standard deviation of the former times sqrt(1 + 1 / references). W is the inertia.
    (None, None) where an inertia is zero.

    Notes
    -----
    Source: Tibshirani, Walther & Hastie (2001), "Estimating the number of clusters in a data set
    via the gap statistic", with `gap_references` references.
    """
    rows = matrix[some_rows(len(matrix), GAP_ROWS, settings.seed)]
    rng = np.random.default_rng(settings.seed)
    references = [structureless(rows, rng) for _ in range(settings.gap_references)]

    def log_inertias(data):
        fit = ALGORITHMS[algorithm]
        prepared = fit.prepare(data, settings)
        inertia = [fit.fit(data, prepared, k, settings).inertia for k in ks]
        with np.errstate(divide="ignore"):
            return np.log(inertia)

    observed, *expected = in_parallel(log_inertias, [rows, *references])
    expected = np.array(expected)
    # an inertia of zero: the rows of each segment coincide
    with np.errstate(invalid="ignore"):
        gap = expected.mean(axis=0) - observed
        error = expected.std(axis=0, ddof=0) * np.sqrt(1.0 + 1.0 / settings.gap_references)
    return [
        (float(one), float(other)) if np.isfinite(one) and np.isfinite(other) else (None, None)
        for one, other in zip(gap, error, strict=True)
    ]


def first_within_one_error(gaps, errors):
    """Return the position of the first gap that the next one, less its error, does not exceed.

    Parameters
    ----------
    gaps, errors : sequence of float, k ascending by one.

    Returns
    -------
    int, or None when the gap rises to the end.

    Notes
    -----
    Source: the one-standard-error rule of Tibshirani, Walther & Hastie (2001).
    """
    for i in range(len(gaps) - 1):
        if gaps[i] >= gaps[i + 1] - errors[i + 1]:
            return i
    return None
