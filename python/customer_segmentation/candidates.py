"""Fit every algorithm with every number of segments, and measure how good each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from customer_segmentation.algorithms import ALGORITHMS, Clustering
from customer_segmentation.evaluation import calinski_harabasz, davies_bouldin, silhouettes
from customer_segmentation.gap import gaps
from customer_segmentation.parallel import in_parallel
from customer_segmentation.stability import bootstrap_jaccard

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What was measured for one algorithm and k; None where an index is not defined.

    `stability` and the gap are measured only where they decide, since they cost many more fits.
    """

    algorithm: str
    k: int
    inertia: float
    silhouette: float | None = None
    calinski_harabasz: float | None = None
    davies_bouldin: float | None = None
    gap: float | None = None
    gap_error: float | None = None
    bic: float | None = None
    stability: float | None = None
    fidelity: float = 1.0
    smallest_share: float


def candidate_ks(matrix, settings: Settings) -> list[int]:
    """Return the numbers of segments to try.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float. Preprocessed rows.

    Returns
    -------
    list of int: `k` alone when it is set; otherwise `k_min` to `k_max`, but always fewer than
    there are distinct rows, since that many segments would be a list of the customers.

    Raises
    ------
    ValueError: there are too few distinct rows.
    """
    distinct = len(np.unique(matrix, axis=0))
    finding = f"the training sample holds only {distinct} distinct customers after preprocessing"
    more = "add customers or features"
    if settings.k is not None:
        if settings.k > distinct:
            lower = f"lower segmentation_k to {distinct} or less, or " if distinct >= 2 else ""
            raise ValueError(f"segmentation_k is {settings.k}, but {finding}: {lower}{more}.")
        return [settings.k]
    ks = list(range(settings.k_min, min(settings.k_max, distinct - 1) + 1))
    if not ks:
        lower = f"lower segmentation_k_min to {distinct - 1}, or " if distinct >= 3 else ""
        raise ValueError(f"segmentation_k_min is {settings.k_min}, but {finding}: {lower}{more}.")
    return ks


def fit_candidates(matrix, settings: Settings, start=None):
    """Fit every algorithm with every k.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float. Preprocessed rows.
    start : ndarray of shape (k0, d) or None. Where k-means begins for k = k0.

    Returns
    -------
    list of (str, Clustering): the algorithms in the order of the settings, k ascending.
    list of str: a sentence for each algorithm that found no segments.

    Raises
    ------
    ValueError: there are too few distinct rows, or no algorithm found segments.
    """
    ks = candidate_ks(matrix, settings)
    tasks = []
    for name in settings.algorithms:
        algorithm = ALGORITHMS[name]
        prepared = in_parallel(lambda fit: fit.prepare(matrix, settings, start), [algorithm])[0]
        tasks += [(name, prepared, k) for k in ([None] if algorithm.finds_k else ks)]

    # The slowest first, so that no core waits for the last: a large k takes longest.
    order = sorted(range(len(tasks)), key=lambda i: tasks[i][2] or 0, reverse=True)
    outcomes = in_parallel(lambda i: _attempt(matrix, *tasks[i], settings), order)
    fits, failures = [], []
    for i in np.argsort(order):
        found = outcomes[i]
        if isinstance(found, ValueError):
            failures.append(found)
        else:
            fits.append((tasks[order[i]][0], found))
    if not fits:
        raise failures[0]
    return fits, [str(failure) for failure in failures]


def _attempt(matrix, name, prepared, k, settings):
    try:
        return ALGORITHMS[name].fit(matrix, prepared, k, settings)
    except ValueError as error:
        # An algorithm that finds k by itself may find none; the others go on without it.
        if not ALGORITHMS[name].finds_k:
            raise
        return error


def measure_candidates(matrix, fits, settings: Settings) -> list[Candidate]:
    """Measure fitted clusterings of the same rows.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float. Preprocessed rows.
    fits : list of (str, Clustering)

    Returns
    -------
    list of Candidate, in the order of `fits`. The unassigned count as a group of their own, so
    that no algorithm looks better for leaving customers out.
    """
    labellings = [clustering.labels for _, clustering in fits]
    widths = silhouettes(matrix, labellings, settings.seed)
    ks = [_number_of_segments(clustering) for _, clustering in fits]
    gap_of = _gaps(matrix, fits, ks, settings) if settings.k_method == "gap" else {}
    return [
        Candidate(
            algorithm=name,
            k=k,
            inertia=clustering.inertia,
            silhouette=width,
            calinski_harabasz=calinski_harabasz(matrix, clustering.labels),
            davies_bouldin=davies_bouldin(matrix, clustering.labels),
            gap=gap_of.get((name, k), (None, None))[0],
            gap_error=gap_of.get((name, k), (None, None))[1],
            bic=clustering.bic,
            stability=_stability(matrix, name, k, clustering, settings),
            fidelity=clustering.fidelity,
            smallest_share=_smallest_share(clustering.labels, k),
        )
        for (name, clustering), k, width in zip(fits, ks, widths, strict=True)
    ]


def _number_of_segments(clustering: Clustering):
    return int(clustering.prototypes.label.max()) + 1


def _smallest_share(labels, k):
    return float(np.bincount(labels[labels >= 0], minlength=k).min() / len(labels))


def _gaps(matrix, fits, ks, settings):
    found = {}
    for name in settings.algorithms:
        own = [k for (algorithm, _), k in zip(fits, ks, strict=True) if algorithm == name]
        if not ALGORITHMS[name].finds_k:
            found |= {
                (name, k): gap
                for k, gap in zip(own, gaps(matrix, name, own, settings), strict=True)
            }
    return found


def _stability(matrix, name, k, clustering, settings):
    if settings.k_method != "stability":
        return None
    asked = None if ALGORITHMS[name].finds_k else k
    jaccard = bootstrap_jaccard(matrix, clustering.labels, name, asked, settings)
    return float(np.nanmean(jaccard)) if not np.isnan(jaccard).all() else None
