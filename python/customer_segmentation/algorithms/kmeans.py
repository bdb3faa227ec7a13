"""K-means: its centres are the prototypes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans

from customer_segmentation.algorithms.clustering import Clustering, around
from customer_segmentation.noise import some_rows
from customer_segmentation.parallel import one_thread
from customer_segmentation.prototypes import centres

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

# Far above what is needed: 100,000 rows with eight segments come to rest after about 600.
MAX_ITERATIONS = 2000
# With more rows than this, only the best start is run until no row moves.
ROWS_TO_REST = 10_000
# So many of them find out which starts are good, and only these go on with all rows. Optima that
# are almost equal change places between samples: with 10,000 rows and 3 starts the inertia may end
# a tenth of a per cent higher.
ROWS_TO_START_WITH = 25_000
GOOD_STARTS = 5


def start_of_kmeans(_matrix, _settings, start=None):
    """Return the centres to begin with, or None."""
    return start


@one_thread()
def fit_kmeans(matrix, start, k, settings: Settings) -> Clustering:
    """Fit Lloyd's k-means with k-means++ starts.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows.
    start : ndarray of shape (k0, c) or None. For k = k0 the only start.
    k : int, at most the number of distinct rows.
    settings : Settings. `n_init` starts are tried, from `seed`.

    Returns
    -------
    Clustering with one prototype per label.

    Notes
    -----
    Source: Lloyd (1982), Arthur & Vassilvitskii (2007), as implemented by scikit-learn, but run
    until no row changes its segment. With scikit-learn's tolerance, a start stops on the way, at
    sizes that depend on where it began, and the best start may not win. Of more than
    `ROWS_TO_REST` rows only the start that is best by that tolerance goes on to its rest, and
    `ROWS_TO_START_WITH` stand for all of them until the `GOOD_STARTS` best are known.

    Sums over rows depend on how they are split among threads, so the fit runs in a single one: the
    same rows give the same bytes on any number of cores.
    """
    if start is not None and len(start) == k:
        return _as_clustering(_to_rest(matrix, start))
    if len(matrix) <= ROWS_TO_REST:
        return _as_clustering(_to_rest(matrix, "k-means++", k, settings))
    return _as_clustering(_to_rest(matrix, _start_of_many(matrix, k, settings)))


@one_thread()
def fit_minibatch_kmeans(matrix, _prepared, k, settings: Settings) -> Clustering:
    """Fit k-means on small batches of rows, for very large training samples.

    Parameters
    ----------
    As for `fit_kmeans`.

    Notes
    -----
    Source: Sculley (2010), as implemented by scikit-learn.
    """
    model = MiniBatchKMeans(k, n_init=settings.n_init, random_state=settings.seed).fit(matrix)
    return around(matrix, model.cluster_centers_)


def _start_of_many(matrix, k, settings):
    """Return centres of many rows that are as good as those of the best start, to a tolerance."""
    some = matrix[some_rows(len(matrix), ROWS_TO_START_WITH, settings.seed)]
    random_state = np.random.RandomState(settings.seed)
    starts = [
        KMeans(k, n_init=1, random_state=random_state).fit(some) for _ in range(settings.n_init)
    ]
    starts.sort(key=lambda start: start.inertia_)
    good = [
        KMeans(k, init=start.cluster_centers_, n_init=1, random_state=0).fit(matrix)
        for start in starts[:GOOD_STARTS]
    ]
    return min(good, key=lambda start: start.inertia_).cluster_centers_


def _to_rest(matrix, start, k=None, settings=None):
    """Run k-means until no row moves: from the given centres, or from seeded starts."""
    is_given = isinstance(start, np.ndarray)
    return KMeans(
        n_clusters=len(start) if is_given else k,
        init=start,
        n_init=1 if is_given else settings.n_init,
        random_state=0 if is_given else settings.seed,
        algorithm="lloyd",
        tol=0.0,
        max_iter=MAX_ITERATIONS,
    ).fit(matrix)


def _as_clustering(model):
    return Clustering(
        labels=model.labels_,
        prototypes=centres(model.cluster_centers_, np.arange(len(model.cluster_centers_))),
        inertia=float(model.inertia_),
    )
