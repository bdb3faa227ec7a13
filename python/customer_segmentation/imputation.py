"""Fill nulls. Each way of filling is one function and one line in `IMPUTATIONS`.

A way returns the value that replaces a null of each feature and, where a null is estimated from
the other features, the weights of that estimate.
"""

from __future__ import annotations

import numpy as np


def _median(matrix, _features):
    return np.nanmedian(matrix, axis=0), None


def _mean(matrix, features):
    with np.errstate(over="ignore"):
        mean = np.nanmean(matrix, axis=0)
    if not np.isfinite(mean).all():
        raise ValueError(
            f"The feature {features[int(np.argmin(np.isfinite(mean)))]} holds values too large to "
            'average: set segmentation_imputation to "median".'
        )
    return mean, None


def _regression(matrix, features):
    """Regress each feature on the others by ordinary least squares.

    Gaps in the others count as their mean. Rows where the feature itself is null teach nothing.
    A feature without gaps is regressed too, since a customer scored later may have one.

    Source: van Buuren (2018), "Flexible Imputation of Missing Data", section 1.3.4.
    """
    mean, _ = _mean(matrix, features)
    filled = np.where(np.isnan(matrix), mean, matrix)
    with np.errstate(over="ignore"):
        spread = filled.std(axis=0)
    # In comparable units the solver can tell a collinear feature from a small one; it then takes
    # the smallest of the weights that fit equally well. A constant feature gets no weight.
    constant = (filled == filled[0]).all(axis=0)
    spread = np.where(constant, np.inf, spread)
    comparable = (filled - mean) / spread
    weights = np.zeros((len(features), len(features) + 1))
    for j in range(len(features)):
        known = ~np.isnan(matrix[:, j])
        others = np.arange(len(features)) != j
        design = np.column_stack([comparable[known][:, others], np.ones(known.sum())])
        solution = np.linalg.lstsq(design, matrix[known, j] - mean[j])[0]
        slopes = solution[:-1] / spread[others]
        weights[j, :-1][others] = slopes
        weights[j, -1] = mean[j] + solution[-1] - (slopes * mean[others]).sum()
    return mean, weights


def _none(matrix, features):
    gaps = np.isnan(matrix).any(axis=0)
    if gaps.any():
        feature = features[int(np.argmax(gaps))]
        raise ValueError(
            f'segmentation_imputation is "none", but the feature {feature} is null for '
            f"{int(np.isnan(matrix).any(axis=1).sum())} customers of the training sample: "
            'set it to "median", or remove the feature from segmentation_features.'
        )
    return np.full(matrix.shape[1], np.nan), None


IMPUTATIONS = {"median": _median, "mean": _mean, "regression": _regression, "none": _none}


def fill(matrix, imputation, weights):
    """Replace nulls.

    Parameters
    ----------
    matrix : ndarray of shape (n, p), float; a null is NaN.
    imputation : ndarray of shape (p,). Replaces a null; NaN leaves it.
    weights : ndarray of shape (p, p + 1) or None. With weights, a null of column j becomes the sum
        of weights[j, i] times column i, its nulls replaced by `imputation`, plus weights[j, p].

    Returns
    -------
    ndarray of shape (n, p), float.
    """
    filled = np.where(np.isnan(matrix), imputation, matrix)
    if weights is None:
        return filled
    estimated = filled.copy()
    for j, row in enumerate(weights):
        gaps = np.isnan(matrix[:, j])
        if gaps.any():
            estimated[gaps, j] = weighted_sums(filled[gaps], row[None, :-1])[:, 0] + row[-1]
    return estimated


def weighted_sums(matrix, weights):
    """Return matrix @ weights.T, of shape (n, c), for weights of shape (c, p).

    Added up column by column, as SQL does: in a matrix product, the last digit of a row can
    depend on where the row stands.
    """
    sums = np.zeros((len(matrix), len(weights)))
    for column, weight in zip(matrix.T, weights.T, strict=True):
        sums += column[:, None] * weight
    return sums
