"""Gaussian mixture: each prototype is a component, and memberships are its posteriors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.mixture import GaussianMixture

from customer_segmentation.algorithms.clustering import Clustering, of_prototypes
from customer_segmentation.algorithms.kmeans import fit_kmeans
from customer_segmentation.parallel import one_thread
from customer_segmentation.prototypes import Prototypes

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

# A component may shrink to a single value, where the likelihood has no bound (a return rate of
# exactly zero): no variance falls below this share of the smallest variance of all rows.
SMALLEST_VARIANCE = 1e-3
TOLERANCE = 1e-5
MAX_ITERATIONS = 1000


@one_thread()
def fit_mixture(matrix, start, k, settings: Settings) -> Clustering:
    """Fit a mixture of Gaussians whose dimensions are independent within a component.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows.
    start : ndarray of shape (k0, c) or None. For k = k0 where the k-means before it starts.
    k : int

    Returns
    -------
    Clustering with one prototype per label: -ln(share * density) without what all components have
    in common, so that the softmax of the distances is the posterior probability.

    Notes
    -----
    Source: Dempster, Laird & Rubin (1977), as implemented by scikit-learn, from the best k-means.
    """
    found = fit_kmeans(matrix, start, k, settings)
    model = gaussian_mixture(matrix, found.labels, k, settings.seed)
    variance = model.covariances_
    prototypes = Prototypes(
        position=model.means_,
        label=np.arange(k),
        weight=0.5 / variance,
        offset=0.5 * np.log(2.0 * np.pi * variance).sum(axis=1) - np.log(model.weights_),
        membership_rule="softmax",
    )
    return of_prototypes(matrix, prototypes, bic=float(model.bic(matrix)))


def gaussian_mixture(matrix, labels, k, seed):
    """Fit a diagonal mixture that starts from labelled rows, and return scikit-learn's model."""
    varying = matrix.var(axis=0)
    varying = varying[varying > 0]
    floor = SMALLEST_VARIANCE * (varying.min() if len(varying) else 1.0)
    size = np.bincount(labels, minlength=k)
    groups = [matrix[labels == label] if size[label] else matrix for label in range(k)]
    weights = np.maximum(size, 1)
    return GaussianMixture(
        k,
        covariance_type="diag",
        tol=TOLERANCE,
        max_iter=MAX_ITERATIONS,
        reg_covar=floor,
        random_state=seed,
        weights_init=weights / weights.sum(),
        means_init=np.array([rows.mean(axis=0) for rows in groups]),
        precisions_init=np.array([1.0 / (rows.var(axis=0) + floor) for rows in groups]),
    ).fit(matrix)
