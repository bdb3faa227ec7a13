"""Autoencoder: k-means on the few numbers to which a small network reduces a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import KMeans
from sklearn.neural_network import MLPRegressor

from customer_segmentation.algorithms.clustering import (
    Clustering,
    Subsample,
    compiled,
    drawn_rows,
)
from customer_segmentation.parallel import one_thread

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

MAX_ITERATIONS = 2000
# Where no slope of the loss is steeper, the network has learned enough; at twice the slope it rests
# on plateaus where a whole feature is not learned yet.
SLOPE = 1e-2


@one_thread()
def train_network(matrix, settings: Settings, _start=None) -> Subsample:
    """Train a network to give back its input through a narrow layer, and code the rows by it.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. At most `subsample_size` rows are trained on.

    Returns
    -------
    Subsample with an ndarray of shape (rows, b), float from -1 to 1: what the narrow layer of b
    numbers says of each row, b being half of c, rounded up, at least two but less than c.

    Notes
    -----
    Source: Kramer (1991), with layers of 2c, b and 2c units and tanh, as scikit-learn's network.
    """
    rows = drawn_rows(matrix, settings)
    sample = matrix[rows]
    spread = sample.std(axis=0)
    sample = (sample - sample.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    dimensions = sample.shape[1]
    narrow = min(max(2, (dimensions + 1) // 2), max(1, dimensions - 1))
    target = sample[:, 0] if dimensions == 1 else sample
    model = MLPRegressor(
        hidden_layer_sizes=(2 * dimensions, narrow, 2 * dimensions),
        activation="tanh",
        solver="lbfgs",
        tol=SLOPE,
        max_iter=MAX_ITERATIONS,
        random_state=settings.seed,
    ).fit(sample, target)
    code = sample
    for weights, bias in zip(model.coefs_[:2], model.intercepts_[:2], strict=True):
        code = np.tanh(code @ weights + bias)
    return Subsample(rows, code)


@one_thread()
def fit_autoencoder(matrix, coded: Subsample, k, settings: Settings) -> Clustering:
    """Cluster the coded rows.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows.
    coded : Subsample, from `train_network`.
    k : int
    """
    model = KMeans(k, n_init=settings.n_init, random_state=settings.seed).fit(coded.prepared)
    return compiled(matrix, coded.rows, model.labels_.astype(int), settings)
