"""Find out whether other customers or another seed would give the same segments, or noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.algorithms import ALGORITHMS
from customer_segmentation.evaluation import silhouettes
from customer_segmentation.noise import some_rows, structureless
from customer_segmentation.parallel import in_parallel

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

# Every run fits anew: two thousand rows keep dozens of runs within seconds.
STABILITY_ROWS = 2_000
OTHER_SEEDS = 5
NOISE_RUNS = 10


@dataclass(frozen=True, kw_only=True)
class Stability:
    """How far the segments of one clustering can be trusted; k is the number of labels.

    Attributes
    ----------
    jaccard : ndarray of shape (k,), 0 to 1; NaN for a label that no sample holds.
    seed_agreement : float. Mean adjusted Rand index of the fits from different seeds.
    noise_silhouette, noise_silhouette_error : float or None. Mean and standard deviation of the
        silhouette on structureless rows; None where the algorithm finds no segments in them.
    """

    jaccard: np.ndarray
    seed_agreement: float
    noise_silhouette: float | None
    noise_silhouette_error: float | None


def measure_stability(matrix, labels, algorithm, k, settings: Settings) -> Stability:
    """Measure how far the segments of one clustering can be trusted.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float. Preprocessed rows; at most `STABILITY_ROWS` are used.
    labels : ndarray of shape (n,), int; -1 is unassigned.
    algorithm : str. Key of `ALGORITHMS`.
    k : int or None. None for an algorithm that finds k by itself.
    """
    jaccard = bootstrap_jaccard(matrix, labels, algorithm, k, settings)
    rows = matrix[some_rows(len(matrix), STABILITY_ROWS, settings.seed)]
    seeds = range(settings.seed + 1, settings.seed + 1 + OTHER_SEEDS)
    others = in_parallel(
        lambda seed: _labels(rows, algorithm, k, replace(settings, seed=seed % 2**32)), seeds
    )
    agreement = np.mean(
        [
            adjusted_rand_score(others[i], others[j])
            for i in range(OTHER_SEEDS)
            for j in range(i + 1, OTHER_SEEDS)
        ]
    )
    rng = np.random.default_rng(settings.seed)
    noise = [structureless(rows, rng) for _ in range(NOISE_RUNS)]

    def width_of(reference):
        return silhouettes(reference, [_labels(reference, algorithm, k, settings)], settings.seed)[
            0
        ]

    widths = [width for width in in_parallel(width_of, noise) if width is not None]
    return Stability(
        jaccard=jaccard,
        seed_agreement=float(agreement),
        noise_silhouette=float(np.mean(widths)) if widths else None,
        noise_silhouette_error=float(np.std(widths)) if widths else None,
    )


def bootstrap_jaccard(matrix, labels, algorithm, k, settings: Settings):
    """Return for each label the mean Jaccard index with its likeness in bootstrap samples.

    Parameters
    ----------
    As for `measure_stability`; `settings.stability_runs` samples are drawn.

    Returns
    -------
    ndarray of shape (number of labels from 0,), 0 to 1; NaN for a label that no sample holds.

    Notes
    -----
    Source: Hennig (2007), "Cluster-wise assessment of cluster stability": each sample is clustered
    anew, and a segment is compared, among the customers of the sample, with the new segment most
    like it. As in his `clusterboot`, a customer drawn twice counts once.
    """
    used = some_rows(len(matrix), STABILITY_ROWS, settings.seed)
    matrix, labels = matrix[used], labels[used]
    count = int(labels.max()) + 1
    rng = np.random.default_rng(settings.seed)
    samples = [
        np.unique(rng.integers(len(matrix), size=len(matrix)))
        for _ in range(settings.stability_runs)
    ]

    def best_likeness(sample):
        return _best_jaccard(labels[sample], _labels(matrix[sample], algorithm, k, settings), count)

    likeness = np.array(in_parallel(best_likeness, samples))
    drawn = ~np.isnan(likeness)
    total = np.where(drawn, likeness, 0.0).sum(axis=0)
    times = drawn.sum(axis=0)
    return np.where(times > 0, total / np.maximum(times, 1), np.nan)


def _labels(matrix, algorithm, k, settings):
    """Return labels from a fit of its own; all unassigned where the algorithm finds no segments."""
    fit = ALGORITHMS[algorithm]
    try:
        return fit.fit(matrix, fit.prepare(matrix, settings), k, settings).labels
    except ValueError:
        return np.full(len(matrix), -1)


def _best_jaccard(own, other, count):
    """Return for each label of `own` its largest Jaccard index with a label of `other`."""
    one = own[:, None] == np.arange(count)
    two = other[:, None] == np.arange(max(int(other.max()) + 1, 1))
    both = one.T.astype(float) @ two
    either = one.sum(axis=0)[:, None] + two.sum(axis=0)[None, :] - both
    best = (both / np.maximum(either, 1)).max(axis=1)
    return np.where(one.any(axis=0), best, np.nan)
