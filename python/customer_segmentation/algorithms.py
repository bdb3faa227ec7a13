"""Cluster preprocessed rows; every algorithm answers in the one form that SQL can score.

The form is a set of prototypes. A row z belongs to the label of the prototype with the smallest

    d(z) = offset + sum over j of weight_j * (z_j - position_j) ** 2

A new algorithm is one more function and one more line in `ALGORITHMS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings


# Far above what is needed: 100,000 rows with eight segments come to rest after about 150.
MAX_ITERATIONS = 1000


@dataclass(frozen=True)
class Clustering:
    """One fitted clustering of n rows with d features into m prototypes.

    Attributes
    ----------
    labels : ndarray of shape (n,), int. Label of each training row, 0 to k - 1.
    position : ndarray of shape (m, d), in preprocessed units.
    position_label : ndarray of shape (m,), int. The label each prototype stands for.
    weight : ndarray of shape (m, d).
    offset : ndarray of shape (m,).
    inertia : float. Sum of squared Euclidean distances of the rows to their centre.
    membership_rule : str. How SQL turns d(z) into a membership between 0 and 1.
    """

    labels: np.ndarray
    position: np.ndarray
    position_label: np.ndarray
    weight: np.ndarray
    offset: np.ndarray
    inertia: float
    membership_rule: str


def fit_kmeans(matrix, k, settings: Settings) -> Clustering:
    """Fit Lloyd's k-means with k-means++ starts.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float. Preprocessed rows.
    k : int, at most the number of distinct rows.
    settings : Settings. `n_init` starts are tried, from `seed`.

    Returns
    -------
    Clustering with one prototype per label.

    Notes
    -----
    Source: Lloyd (1982), Arthur & Vassilvitskii (2007), as implemented by scikit-learn, but run
    until no row changes its segment. With scikit-learn's tolerance, a start stops on the way, at
    sizes that depend on where it began, and the best start may not win.

    Sums over rows depend on how they are split among threads, so the fit runs in a single one: the
    same rows give the same bytes on any number of cores.
    """
    with threadpool_limits(limits=1):
        model = KMeans(
            n_clusters=k,
            init="k-means++",
            n_init=settings.n_init,
            random_state=settings.seed,
            algorithm="lloyd",
            tol=0.0,
            max_iter=MAX_ITERATIONS,
        ).fit(matrix)
    centres = model.cluster_centers_
    return Clustering(
        labels=model.labels_,
        position=centres,
        position_label=np.arange(k),
        weight=np.ones_like(centres),
        offset=np.zeros(k),
        inertia=float(model.inertia_),
        membership_rule="inverse_distance",
    )


ALGORITHMS = {"kmeans": fit_kmeans}
