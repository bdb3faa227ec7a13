"""Prototypes: the one form in which every algorithm answers, because SQL can score it.

A row z belongs to the label of the prototype with the smallest

    d(z) = offset + sum over j of weight_j * (z_j - position_j) ** 2
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

UNASSIGNED = -1

# Rows measured at a time: a column of them stays in the processor's cache.
CHUNK_ROWS = 8192


@dataclass(frozen=True)
class Prototypes:
    """Numbers that assign any row of c dimensions to a label; m is the number of prototypes.

    Attributes
    ----------
    position : ndarray of shape (m, c), in preprocessed units.
    label : ndarray of shape (m,), int from 0; `UNASSIGNED` for the rows of no segment.
    weight : ndarray of shape (m, c), at least 0.
    offset : ndarray of shape (m,).
    membership_rule : str. How distances become memberships: `inverse_distance` or `softmax`.
    """

    position: np.ndarray
    label: np.ndarray
    weight: np.ndarray
    offset: np.ndarray
    membership_rule: str = "inverse_distance"

    def distances(self, matrix):
        """Return d of each row to each prototype: ndarray of shape (n, m).

        Notes
        -----
        Each term is computed as written. Multiplied out, as matrix products want it, the sum loses
        the digits that tell two prototypes apart for a row halfway between them, and SQL would
        decide otherwise.
        """
        found = np.empty((len(matrix), len(self.label)))
        for first in range(0, len(matrix), CHUNK_ROWS):
            rows = slice(first, first + CHUNK_ROWS)
            found[rows] = self._distances_of_chunk(matrix[rows])
        return found

    def assign(self, matrix):
        """Return the label of each row, of equally near prototypes the first: shape (n,), int."""
        labels = np.empty(len(matrix), dtype=int)
        for first in range(0, len(matrix), CHUNK_ROWS):
            rows = slice(first, first + CHUNK_ROWS)
            labels[rows] = self.label[self._distances_of_chunk(matrix[rows]).argmin(axis=1)]
        return labels

    def membership(self, matrix):
        """Return how far each row belongs to each label.

        Returns
        -------
        ndarray of shape (n, number of labels), labels ascending; each row sums to 1.

        Notes
        -----
        The distance of a label is that of its nearest prototype. `softmax` is the posterior
        probability of a mixture; `inverse_distance` the membership of fuzzy c-means with m = 2
        (Bezdek 1981).
        """
        distances = self.distances(matrix)
        nearest = np.column_stack(
            [distances[:, self.label == label].min(axis=1) for label in np.unique(self.label)]
        )
        closest = nearest.min(axis=1, keepdims=True)
        if self.membership_rule == "softmax":
            share = np.exp(closest - nearest)
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                share = closest / nearest
            # 0 / 0: the row lies on a prototype, of several the first.
            on_prototype = np.arange(nearest.shape[1]) == nearest.argmin(axis=1)[:, None]
            share = np.where(closest == 0, on_prototype, share)
        return share / share.sum(axis=1, keepdims=True)

    def _distances_of_chunk(self, rows):
        columns = np.ascontiguousarray(rows.T)
        found = np.empty((len(self.label), len(rows)))
        for p, (position, weight) in enumerate(zip(self.position, self.weight, strict=True)):
            total = np.zeros(len(rows))
            for column, at, factor in zip(columns, position, weight, strict=True):
                difference = column - at
                total += factor * difference * difference
            found[p] = total + self.offset[p]
        return found.T


def centres(position, label) -> Prototypes:
    """Return prototypes that measure plain squared Euclidean distances.

    Parameters
    ----------
    position : ndarray of shape (m, c)
    label : ndarray of shape (m,), int
    """
    return Prototypes(
        position=position,
        label=label,
        weight=np.ones_like(position),
        offset=np.zeros(len(position)),
    )
