"""What every algorithm answers, and how it is put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from customer_segmentation.compilation import compile_prototypes
from customer_segmentation.noise import some_rows
from customer_segmentation.prototypes import UNASSIGNED, Prototypes, centres

if TYPE_CHECKING:
    from collections.abc import Callable

    from customer_segmentation.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Clustering:
    """One fitted clustering of n rows into k labels.

    Attributes
    ----------
    labels : ndarray of shape (n,), int. What the prototypes say of each training row: 0 to k - 1,
        or `UNASSIGNED`.
    prototypes : Prototypes
    inertia : float. Sum of squared Euclidean distances of the assigned rows to the mean of their
        label.
    fidelity : float, 0 to 1. Share of held-out rows for which the prototypes agree with the
        algorithm; 1 where they are the algorithm.
    bic : float or None. Bayesian information criterion of a mixture, lower is better.
    ambiguous_pairs : float or None. Share of pairs of rows that the members of an ensemble neither
        put together nor apart nearly always.
    """

    labels: np.ndarray
    prototypes: Prototypes
    inertia: float
    fidelity: float = 1.0
    bic: float | None = None
    ambiguous_pairs: float | None = None


@dataclass(frozen=True)
class Algorithm:
    """A way to cluster, in two steps.

    Attributes
    ----------
    prepare : function of (matrix, settings, start=None). The work that all k share. `start` holds
        the centres to begin with, an ndarray of shape (k0, c); most algorithms have no use for it.
    fit : function of (matrix, prepared, k, settings) that returns a Clustering.
    finds_k : bool. The number of segments follows from the rows: k is None.
    is_exact : bool. The prototypes are the algorithm, not a summary of what it did.
    """

    prepare: Callable
    fit: Callable
    finds_k: bool = False
    is_exact: bool = False


@dataclass(frozen=True)
class Subsample:
    """The rows that an algorithm of quadratic cost looks at, and what it prepared on them."""

    rows: slice | np.ndarray
    prepared: object = None


def drawn_rows(matrix, settings: Settings):
    """Return which rows an algorithm of quadratic cost looks at."""
    return some_rows(len(matrix), settings.subsample_size, settings.seed)


def nothing_to_prepare(_matrix, _settings, _start=None):
    """Return None: the numbers of segments have no work in common."""
    return None


def around(matrix, position) -> Clustering:
    """Return the clustering that gives each row to the nearest centre, one per label."""
    return of_prototypes(matrix, centres(position, np.arange(len(position))))


def of_prototypes(matrix, prototypes, **measured) -> Clustering:
    """Return the clustering that prototypes make of the rows."""
    labels = prototypes.assign(matrix)
    return Clustering(
        labels=labels, prototypes=prototypes, inertia=inertia_of(matrix, labels), **measured
    )


def compiled(matrix, rows, labels, settings: Settings, **measured) -> Clustering:
    """Return the clustering of all rows by prototypes learned from labels of some of them.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows.
    rows : slice or ndarray of int. The rows that have labels.
    labels : ndarray, int from 0, or `UNASSIGNED`.
    """
    prototypes, fidelity = compile_prototypes(matrix[rows], labels, settings)
    return of_prototypes(matrix, prototypes, fidelity=fidelity, **measured)


def without_empty_labels(clustering) -> Clustering:
    """Return the clustering with labels from 0 in one run, if prototypes left some without rows."""
    used = np.union1d(clustering.labels, [UNASSIGNED])
    label = clustering.prototypes.label
    kept = np.isin(label, used)
    prototypes = clustering.prototypes
    return replace(
        clustering,
        # The place in `used` counts from 1, since UNASSIGNED comes first.
        labels=np.searchsorted(used, clustering.labels) - 1,
        prototypes=replace(
            prototypes,
            position=prototypes.position[kept],
            label=np.searchsorted(used, label[kept]) - 1,
            weight=prototypes.weight[kept],
            offset=prototypes.offset[kept],
        ),
    )


def inertia_of(matrix, labels):
    """Return the sum of squared distances of the assigned rows to the mean of their label."""
    means = np.zeros((labels.max(initial=0) + 1, matrix.shape[1]))
    for label in np.unique(labels[labels != UNASSIGNED]):
        means[label] = matrix[labels == label].mean(axis=0)
    is_assigned = labels != UNASSIGNED
    return float(((matrix[is_assigned] - means[labels[is_assigned]]) ** 2).sum())
