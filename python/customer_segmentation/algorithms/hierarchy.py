"""Hierarchies: one splits the rows in two again and again, the other joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import BisectingKMeans

from customer_segmentation.algorithms.clustering import (
    Clustering,
    Subsample,
    compiled,
    drawn_rows,
)
from customer_segmentation.parallel import one_thread

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings


@one_thread()
def fit_bisecting_kmeans(matrix, _prepared, k, settings: Settings) -> Clustering:
    """Split the rows in two by k-means, then the part of highest inertia, until there are k.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows; all are split, and the prototypes
        are learned from at most `subsample_size` of them: the parts follow the order of the
        splits, not the nearest centre.
    k : int

    Notes
    -----
    Source: Steinbach, Karypis & Kumar (2000), as implemented by scikit-learn.
    """
    model = BisectingKMeans(k, n_init=settings.n_init, random_state=settings.seed).fit(matrix)
    rows = drawn_rows(matrix, settings)
    return compiled(matrix, rows, model.labels_[rows].astype(int), settings)


@one_thread()
def grow_tree(matrix, settings: Settings, _start=None) -> Subsample:
    """Join at most `subsample_size` rows into the tree of Ward (1963), as scipy implements it."""
    rows = drawn_rows(matrix, settings)
    return Subsample(rows, linkage(matrix[rows], "ward"))


def fit_agglomerative(matrix, tree: Subsample, k, settings: Settings) -> Clustering:
    """Cut the tree into k parts.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows.
    tree : Subsample, from `grow_tree`.
    k : int
    """
    return compiled(matrix, tree.rows, cut(tree.prepared, k), settings)


def cut(tree, k):
    """Undo the last k - 1 joins of a tree.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4), as scipy's `linkage` returns it.
    k : int, at most n.

    Returns
    -------
    ndarray of shape (n,), int from 0 to k - 1: exactly k parts, also where joins are equally high.
    """
    by_rank = tree.copy()
    by_rank[:, 2] = np.arange(1, len(tree) + 1)
    return fcluster(by_rank, len(tree) + 1 - k, criterion="distance") - 1
