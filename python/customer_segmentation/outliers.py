"""Tame outliers. Each way is one function and one line in `OUTLIERS`.

A way returns the bounds that values are clipped to, and which rows the fit may learn from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import IsolationForest

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

# Tukey (1977), "Exploratory Data Analysis": a value this many interquartile ranges beyond the
# quartiles is outside.
FENCE = 1.5


def _winsorize(matrix, _features, settings: Settings):
    lower, upper = np.quantile(matrix, settings.winsorize_quantiles, axis=0, method="linear")
    return lower, upper, _everybody(matrix)


def _tukey_fences(matrix, _features, _settings):
    with np.errstate(over="ignore"):
        first, third = np.quantile(matrix, [0.25, 0.75], axis=0, method="linear")
        reach = FENCE * (third - first)
    # A feature that is mostly one value would become constant: its range is nil, its rest outside.
    reach[reach == 0] = np.inf
    return first - reach, third + reach, _everybody(matrix)


def _isolation_forest(matrix, features, settings: Settings):
    bounds = _no_bounds(matrix, features, settings)
    if not features:
        return bounds
    largest = np.abs(matrix).max(axis=0)
    if largest.max() > np.finfo(np.float32).max:
        raise ValueError(
            f"The feature {features[int(np.argmax(largest))]} holds values too large for an "
            f'isolation forest (up to {largest.max():.3g}): set segmentation_outliers to "iqr".'
        )
    forest = IsolationForest(contamination=settings.outlier_share, random_state=settings.seed)
    # The trees draw features by number: sorted, the order in which they are listed says nothing.
    by_name = sorted(range(len(features)), key=features.__getitem__)
    return *bounds[:2], forest.fit_predict(matrix[:, by_name]) == 1


def _no_bounds(matrix, _features, _settings):
    unbounded = np.full(matrix.shape[1], np.inf)
    return -unbounded, unbounded, _everybody(matrix)


def _everybody(matrix):
    return np.ones(len(matrix), dtype=bool)


OUTLIERS = {
    "winsorize": _winsorize,
    "iqr": _tukey_fences,
    "isolation_forest": _isolation_forest,
    "none": _no_bounds,
}
