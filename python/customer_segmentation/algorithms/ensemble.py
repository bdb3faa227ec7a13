"""Consensus: what several algorithms and seeds agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import KMeans

from customer_segmentation.algorithms.clustering import Clustering, Subsample, compiled
from customer_segmentation.algorithms.hierarchy import cut
from customer_segmentation.algorithms.mixture import gaussian_mixture
from customer_segmentation.parallel import one_thread

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

KMEANS_MEMBERS = 6
MIXTURE_MEMBERS = 2
# A pair is ambiguous when its share of votes for "together" lies strictly between these.
CERTAINLY_APART, CERTAINLY_TOGETHER = 0.1, 0.9


@one_thread()
def fit_ensemble(matrix, tree: Subsample, k, settings: Settings) -> Clustering:
    """Put together the rows that most members of an ensemble put together.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows.
    tree : Subsample, from `grow_tree`: the rows to look at, and Ward's tree of them.
    k : int

    Returns
    -------
    Clustering, with the share of ambiguous pairs.

    Notes
    -----
    Source: evidence accumulation (Fred & Jain 2005) with average linkage; proportion of ambiguous
    pairs (Senbabaoglu, Michailidis & Li 2014). The members are single starts of k-means, mixtures
    that begin where the first of those ended, and Ward's tree, each with k parts.
    """
    sample = matrix[tree.rows]
    seeds = [(settings.seed + i) % 2**32 for i in range(KMEANS_MEMBERS)]
    split = [KMeans(k, n_init=1, random_state=seed).fit_predict(sample) for seed in seeds]
    mixtures = [
        gaussian_mixture(sample, labels, k, settings.seed).predict(sample)
        for labels in split[:MIXTURE_MEMBERS]
    ]
    votes = np.column_stack([*split, *mixtures, cut(tree.prepared, k)])
    # One less the co-association: the share of members that put a pair apart.
    apart = pdist(votes, "hamming")
    is_ambiguous = (apart > 1 - CERTAINLY_TOGETHER) & (apart < 1 - CERTAINLY_APART)
    labels = cut(linkage(apart, "average"), k)
    return compiled(matrix, tree.rows, labels, settings, ambiguous_pairs=float(is_ambiguous.mean()))
