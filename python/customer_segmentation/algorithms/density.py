"""Density: crowds of rows are segments, and rows in between belong to none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from kneed import KneeLocator
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.neighbors import NearestNeighbors

from customer_segmentation.algorithms.clustering import (
    Clustering,
    Subsample,
    compiled,
    drawn_rows,
    without_empty_labels,
)
from customer_segmentation.parallel import one_thread
from customer_segmentation.prototypes import UNASSIGNED

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

# Where the knee of the distances leaves a single crowd, the radius is lowered along these.
LOWER_QUANTILES = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
# The curve of the distances, in steps of a percentile: row by row, its steepest end is so ragged
# that kneed takes a wrinkle for the knee.
STEPS = np.linspace(0.0, 1.0, 101)


def draw_rows(matrix, settings: Settings, _start=None) -> Subsample:
    """Draw the rows to look at, at most `subsample_size`."""
    return Subsample(drawn_rows(matrix, settings))


@one_thread()
def fit_hdbscan(matrix, drawn: Subsample, _k, settings: Settings) -> Clustering:
    """Find crowds of any density that hold at least `min_segment_share` of the rows.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows.
    drawn : Subsample, from `draw_rows`.

    Raises
    ------
    ValueError: there are fewer than two crowds.

    Notes
    -----
    Source: Campello, Moulavi & Sander (2013), as implemented by scikit-learn.
    """
    sample = matrix[drawn.rows]
    labels = np.full(len(sample), UNASSIGNED)
    if len(sample) > 1:
        labels = HDBSCAN(
            min_cluster_size=_smallest_crowd(sample, settings),
            min_samples=_neighbours(sample, settings),
            copy=True,
        ).fit_predict(sample)
    _require_two_crowds("hdbscan", labels, settings)
    return _compiled(matrix, drawn, labels, settings)


@one_thread()
def fit_dbscan(matrix, drawn: Subsample, _k, settings: Settings) -> Clustering:
    """Find crowds whose members have `min_samples` neighbours, themselves counted, within a radius.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows.
    drawn : Subsample, from `draw_rows`.
    settings : Settings. The radius is `dbscan_eps`. When that is null it is the knee of the sorted
        distances to the `min_samples`-th neighbour; where that leaves fewer than two crowds, or
        there is no knee, the highest decile of these distances that does not.

    Raises
    ------
    ValueError: there are fewer than two crowds.

    Notes
    -----
    Source: Ester, Kriegel, Sander & Xu (1996), as implemented by scikit-learn; Satopää et al.
    (2011), as implemented by kneed. A crowd of less than `min_segment_share` of the rows is noise,
    as it is for HDBSCAN.
    """
    sample = matrix[drawn.rows]
    for radius in _radii(sample, settings):
        labels = DBSCAN(eps=radius, min_samples=settings.min_samples).fit_predict(sample)
        labels = _without_small_crowds(labels, _smallest_crowd(sample, settings))
        if labels.max() >= 1:
            break
    side = "above" if labels.max() < 0 else "below"
    _require_two_crowds("dbscan", labels, settings, f"segmentation_dbscan_eps {side} {radius:.3g}")
    return _compiled(matrix, drawn, labels, settings)


def _radii(sample, settings):
    """Return the radii to try, in this order."""
    if settings.dbscan_eps is not None:
        return [settings.dbscan_eps]
    neighbours = NearestNeighbors(n_neighbors=_neighbours(sample, settings)).fit(sample)
    distance = np.sort(neighbours.kneighbors(sample)[0][:, -1])
    knee = None
    if distance[-1] > distance[0]:
        curve = np.quantile(distance, STEPS)
        knee = KneeLocator(STEPS, curve, curve="convex", direction="increasing").knee_y
    tried = [*([] if knee is None else [knee]), *np.quantile(distance, LOWER_QUANTILES)]
    # Zero where most rows coincide: only equal rows would then be neighbours.
    radii = [float(value) for value in tried if value > 0 and (knee is None or value <= knee)]
    return radii or [1.0]


def _without_small_crowds(labels, smallest):
    """Return labels from 0 in one run, with the members of small crowds unassigned."""
    size = np.bincount(labels[labels != UNASSIGNED])
    large = np.flatnonzero(size >= smallest)
    renumbered = np.full(len(size) + 1, UNASSIGNED)
    renumbered[large] = np.arange(len(large))
    # UNASSIGNED is -1, the last place.
    return renumbered[labels]


def _smallest_crowd(sample, settings):
    return max(settings.min_samples, round(settings.min_segment_share * len(sample)), 2)


def _neighbours(sample, settings):
    return min(settings.min_samples, len(sample))


def _require_two_crowds(name, labels, settings, other_remedy=None):
    if labels.max() >= 1:
        return
    crowds = "no crowd" if labels.max() < 0 else "only one crowd"
    raise ValueError(
        f"segmentation_algorithm {name} finds {crowds} of at least "
        f"{100 * settings.min_segment_share:.3g} % of the customers, but there must be two: lower "
        f"segmentation_min_segment_share or segmentation_min_samples, "
        f"{f'set {other_remedy}, ' if other_remedy else ''}"
        'or set segmentation_algorithm to "kmeans".'
    )


def _compiled(matrix, drawn, labels, settings):
    return without_empty_labels(compiled(matrix, drawn.rows, labels.astype(int), settings))
