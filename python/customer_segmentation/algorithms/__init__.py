"""Cluster preprocessed rows; every algorithm answers in the one form that SQL can score.

That form is a set of prototypes. A new algorithm is two functions and one more line in
`ALGORITHMS`: `prepare` does the work that all numbers of segments share, `fit` the rest.
"""

from customer_segmentation.algorithms.clustering import Algorithm, Clustering, nothing_to_prepare
from customer_segmentation.algorithms.density import draw_rows, fit_dbscan, fit_hdbscan
from customer_segmentation.algorithms.ensemble import fit_ensemble
from customer_segmentation.algorithms.hierarchy import (
    fit_agglomerative,
    fit_bisecting_kmeans,
    grow_tree,
)
from customer_segmentation.algorithms.kmeans import (
    fit_kmeans,
    fit_minibatch_kmeans,
    start_of_kmeans,
)
from customer_segmentation.algorithms.mixture import fit_mixture
from customer_segmentation.algorithms.network import fit_autoencoder, train_network

__all__ = ["ALGORITHMS", "Algorithm", "Clustering"]

ALGORITHMS = {
    "kmeans": Algorithm(start_of_kmeans, fit_kmeans, is_exact=True),
    "minibatch_kmeans": Algorithm(nothing_to_prepare, fit_minibatch_kmeans, is_exact=True),
    "bisecting_kmeans": Algorithm(nothing_to_prepare, fit_bisecting_kmeans),
    "gmm": Algorithm(start_of_kmeans, fit_mixture, is_exact=True),
    "agglomerative": Algorithm(grow_tree, fit_agglomerative),
    "hdbscan": Algorithm(draw_rows, fit_hdbscan, finds_k=True),
    "dbscan": Algorithm(draw_rows, fit_dbscan, finds_k=True),
    "autoencoder": Algorithm(train_network, fit_autoencoder),
    "ensemble": Algorithm(grow_tree, fit_ensemble),
}
