"""Fewer dimensions: drop features that repeat another one, and keep principal components."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA

# Correlations are told apart to this many decimals: behind them, rounding errors would decide
# between features that are multiples of each other.
DECIMALS = 12

# A cumulated share that is short of the wanted one by rounding counts as reaching it.
TOLERANCE = 1e-12


def correlation_filter(matrix, features, limit):
    """Measure how features correlate, and choose which to drop.

    While two features correlate by more than the limit, of the pair that correlates most the one
    is dropped that correlates more with the features still in; in a tie, the one listed later.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float. Scaled numeric features.
    features : sequence of d str
    limit : float or None. Largest absolute correlation allowed; None drops nothing.

    Returns
    -------
    (list of dict, list of str): each pair of features once, with feature, other_feature,
    correlation (Pearson; None if one of them is constant), dropped_feature and reason (None unless
    the pair caused a drop); and the features dropped.
    """
    table = _correlations(matrix)
    first, second = np.triu_indices(len(features), k=1)
    pairs = {
        (i, j): {
            "feature": features[i],
            "other_feature": features[j],
            "correlation": None if np.isnan(table[i, j]) else float(table[i, j]),
            "dropped_feature": None,
            "reason": None,
        }
        for i, j in zip(first.tolist(), second.tolist(), strict=True)
    }
    size = np.abs(table)
    # A constant feature correlates with none: it is never dropped, nor does it spare another.
    kept = [i for i in range(len(features)) if not np.isnan(size[i, i])]
    dropped_features = []
    while limit is not None and len(kept) > 1:
        i, j = max(
            ((i, j) for i in kept for j in kept if i < j),
            key=lambda pair: (size[pair], -pair[0], -pair[1]),
        )
        if size[i, j] <= limit:
            break
        others = [other for other in kept if other not in (i, j)]
        overlap = {
            one: round(float(size[one, others].mean()), DECIMALS) if others else 0.0
            for one in (i, j)
        }
        dropped, spared = (i, j) if overlap[i] > overlap[j] else (j, i)
        kept.remove(dropped)
        dropped_features.append(features[dropped])
        pairs[i, j]["dropped_feature"] = features[dropped]
        pairs[i, j]["reason"] = _reason(
            (features[i], features[j], float(table[i, j])),
            limit,
            features[dropped],
            (overlap[dropped], overlap[spared]),
        )
    return list(pairs.values()), dropped_features


def principal_components(matrix, wanted_share):
    """Find the directions in which rows differ most, and how many of them suffice.

    Parameters
    ----------
    matrix : ndarray of shape (n, p), float. Scaled inputs.
    wanted_share : float, above 0, up to 1. Share of the variance that the components shall hold.

    Returns
    -------
    (ndarray of shape (p,), ndarray of shape (c, p), list of dict): the mean of the inputs, the
    smallest number of components that hold the share, and all components with component (1 is the
    strongest), explained_variance, variance_share, cumulative_share and is_kept.
    """
    model = PCA(svd_solver="full")
    # Rows that all coincide have no variance to take shares of.
    with np.errstate(invalid="ignore", divide="ignore"):
        model.fit(matrix)
    variance = np.nan_to_num(model.explained_variance_)
    share = np.nan_to_num(model.explained_variance_ratio_)
    cumulative = np.cumsum(share)
    enough = cumulative >= wanted_share - TOLERANCE
    kept = int(np.argmax(enough)) + 1 if enough.any() else 1
    components = [
        {
            "component": number + 1,
            "explained_variance": float(variance[number]),
            "variance_share": float(share[number]),
            "cumulative_share": float(cumulative[number]),
            "is_kept": number < kept,
        }
        for number in range(len(share))
    ]
    return model.mean_, model.components_[:kept], components


def _correlations(matrix):
    constant = (matrix == matrix[0]).all(axis=0)
    if constant.all():
        return np.full((matrix.shape[1], matrix.shape[1]), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        table = np.atleast_2d(np.corrcoef(matrix, rowvar=False))
    table[constant] = table[:, constant] = np.nan
    return np.round(table, DECIMALS) + 0.0


def _reason(pair, limit, dropped, overlaps):
    feature, other, correlation = pair
    decimals = 2
    # Rounded by less than it is above the limit, the number is seen to be above it.
    while abs(round(correlation, decimals) - correlation) >= abs(correlation) - limit:
        decimals += 1
    why = "it is listed later"
    if overlaps[0] > overlaps[1]:
        more, less = _tell_apart(*overlaps)
        why = f"it correlates more with the other features ({more} against {less})"
    return (
        f"{feature} correlates with {other} at {correlation:.{decimals}f}, above "
        f"segmentation_max_correlation = {limit}; {dropped} is dropped because {why}"
    )


def _tell_apart(one, other):
    decimals = 2
    while f"{one:.{decimals}f}" == f"{other:.{decimals}f}":
        decimals += 1
    return f"{one:.{decimals}f}", f"{other:.{decimals}f}"
