"""Summarise labelled rows by a few prototypes, and measure how faithful the summary is.

Trees, networks and density have no formula that SQL could apply. Prototypes learned from the
labelled rows stand in for them; rows that took no part say how often both agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from sklearn.cluster import KMeans

from customer_segmentation.parallel import one_thread
from customer_segmentation.prototypes import UNASSIGNED, Prototypes, centres
from customer_segmentation.rounding import on_grid

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

PROTOTYPES_PER_LABEL = (1, 2, 4, 8, 16, 32)
# What the held-out rows show may be a little less than what the choice between numbers of
# prototypes has seen.
MARGIN = 0.01
# Scoring costs as much as there are prototypes: twice as many must be worth it.
WORTHWHILE_GAIN = 0.005
# A part of every five rows of a label: three to learn from, one to choose by, one to measure on.
LEARN, CHOOSE, MEASURE = 0, 1, 2
PARTS = np.array([LEARN, CHOOSE, LEARN, MEASURE, LEARN])
START_TRIES = 3
# How sharply the learning tells prototypes apart, relative to the spread of the rows around them.
SHARPNESS = 4.0
# What keeps a prototype near the rows it stands for, when any place would do.
PULL = 0.001
LEARNING_STEPS = 60
# Learning ends where kernels of linear algebra lead it, some 1e-9 of a spread apart.
DIGITS = 7


@one_thread()
def compile_prototypes(matrix, labels, settings: Settings) -> tuple[Prototypes, float]:
    """Learn prototypes that give rows the labels they have.

    Parameters
    ----------
    matrix : ndarray of shape (n, c), float. Preprocessed rows.
    labels : ndarray of shape (n,), int from 0; `UNASSIGNED` for rows of no segment.
    settings : Settings. As many prototypes are taken as `min_fidelity` needs. With `noise` of
        `nearest`, the unassigned rows are left out.

    Returns
    -------
    Prototypes, labels ascending; unassigned is what lies farther than a radius from all others.
    float, 0 to 1: the fidelity, the share of held-out rows that get their label back.

    Notes
    -----
    Three rows of five are learned from, a fifth chooses how many prototypes a label needs, and on
    the last fifth that choice is measured. Then all rows are learned from.
    """
    if settings.noise == "nearest":
        is_used = labels != UNASSIGNED
        matrix, labels = matrix[is_used], labels[is_used]
    part = _parts(labels, settings.seed)
    # Of very few rows none may be left to choose by, or to measure on.
    learn, choose, measure = (
        part == name if (part == name).any() else np.ones(len(part), dtype=bool)
        for name in (LEARN, CHOOSE, MEASURE)
    )
    best, best_agreement, best_count = None, -np.inf, None
    for count in PROTOTYPES_PER_LABEL:
        prototypes = _learned(matrix[learn], labels[learn], count, settings.seed)
        agreement = _agreement(prototypes, matrix[choose], labels[choose])
        if agreement >= best_agreement + WORTHWHILE_GAIN:
            best, best_agreement, best_count = prototypes, agreement, count
        if best_agreement >= settings.min_fidelity + MARGIN or count >= 4 * best_count:
            break
    fidelity = _agreement(best, matrix[measure], labels[measure])
    return _learned(matrix, labels, best_count, settings.seed), fidelity


def _parts(labels, seed):
    """Return the part of each row, in the same proportions for every label."""
    drawn = np.random.default_rng(seed).permutation(len(labels))
    drawn = drawn[np.argsort(labels[drawn], kind="stable")]
    sizes = np.unique(labels, return_counts=True)[1]
    place = np.concatenate([np.arange(size) for size in sizes])
    part = np.empty(len(labels), dtype=int)
    part[drawn] = PARTS[place % len(PARTS)]
    return part


def _agreement(prototypes, matrix, labels):
    return float((prototypes.assign(matrix) == labels).mean())


def _learned(matrix, labels, count, seed):
    """Return up to `count` prototypes per label, learned from all the rows given."""
    is_noise = labels == UNASSIGNED
    spread = matrix.std(axis=0)
    position, label = _start(matrix[~is_noise], labels[~is_noise], count, seed)
    if not is_noise.any():
        position, _ = _moved(matrix, labels, position, label)
        return centres(on_grid(position, spread, DIGITS), label)

    squared = _best_radius(centres(position, label), matrix, labels)
    position, _ = _moved(matrix, labels, position, label, squared)
    found = centres(on_grid(position, spread, DIGITS), label)
    # Unassigned come first, as segment 0 does in the registry.
    return Prototypes(
        position=np.vstack([matrix[is_noise].mean(axis=0), found.position]),
        label=np.concatenate([[UNASSIGNED], label]),
        weight=np.vstack([np.zeros(matrix.shape[1]), found.weight]),
        offset=np.concatenate([[_best_radius(found, matrix, labels)], found.offset]),
    )


def _start(matrix, labels, count, seed):
    """Return the centres of k-means within each label, and their labels."""
    position, label = [], []
    for value in np.unique(labels):
        rows = matrix[labels == value]
        clusters = min(count, len(np.unique(rows, axis=0)))
        if clusters == 1:
            own = rows.mean(axis=0, keepdims=True)
        else:
            own = KMeans(clusters, n_init=START_TRIES, random_state=seed).fit(rows).cluster_centers_
        position.append(own)
        label += [value] * len(own)
    return np.vstack(position), np.array(label)


def _moved(matrix, labels, start, label, squared_radius=None):
    """Return prototypes moved to where they tell the labels apart best, and the squared radius.

    Notes
    -----
    Source: robust soft learning vector quantization (Seo & Obermayer 2003) in batch form. Row z
    belongs to prototype p with probability exp(-s d_p) over its sum; the mean log probability of
    the right label is maximised by quasi-Newton steps. Where there are unassigned rows, they have a
    prototype at the same distance of every row, the squared radius, which is learned too.
    """
    # Moments about the mean: the products below would lose digits far from zero.
    middle = matrix.mean(axis=0)
    matrix, start = matrix - middle, start - middle
    nearest = centres(start, label).distances(matrix).min(axis=1)
    spread = nearest[labels != UNASSIGNED].mean()
    if spread == 0 or len(np.unique(labels)) == 1:
        return start + middle, squared_radius
    sharpness = SHARPNESS / spread
    has_radius = squared_radius is not None
    is_own = np.hstack(
        [label == labels[:, None], *([(labels == UNASSIGNED)[:, None]] if has_radius else [])]
    )
    norms = (matrix * matrix).sum(axis=1)
    size = start.size

    def loss_and_gradient(numbers):
        position = numbers[:size].reshape(start.shape)
        distance = norms[:, None] - 2.0 * matrix @ position.T + (position * position).sum(axis=1)
        if has_radius:
            distance = np.hstack([distance, np.full((len(matrix), 1), numbers[size])])
        likelihood = np.exp(-sharpness * (distance - distance.min(axis=1, keepdims=True)))
        total = likelihood.sum(axis=1, keepdims=True)
        # Tiny, so that a row far from all its own prototypes counts, and its logarithm is finite.
        own = (likelihood * is_own).sum(axis=1, keepdims=True) + np.finfo(float).tiny
        # Derivative of the mean loss by each distance.
        slope = likelihood * (is_own / own - 1.0 / total) * (sharpness / len(matrix))
        by_prototype = slope[:, : len(start)]
        shift = position - start
        pull = PULL * sharpness / len(start)
        loss = -np.log(own / total).mean() + pull * (shift * shift).sum()
        gradient = 2.0 * (by_prototype.sum(axis=0)[:, None] * position - by_prototype.T @ matrix)
        gradient = (gradient + 2.0 * pull * shift).ravel()
        return loss, np.append(gradient, slope[:, -1].sum()) if has_radius else gradient

    found = minimize(
        loss_and_gradient,
        np.append(start.ravel(), squared_radius) if has_radius else start.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": LEARNING_STEPS},
    ).x
    return found[:size].reshape(start.shape) + middle, found[size] if has_radius else None


def _best_radius(prototypes, matrix, labels):
    """Return the squared radius that gives most rows their label back.

    It lies halfway between the distances of two rows, so that none is on the border.
    """
    distances = prototypes.distances(matrix)
    nearest = distances.min(axis=1)
    order = np.argsort(nearest, kind="stable")
    is_right = (prototypes.label[distances.argmin(axis=1)] == labels)[order]
    is_noise = (labels == UNASSIGNED)[order]
    # Right if the i nearest rows are assigned and the others are not, for i from 0 to n.
    right = np.append(0, np.cumsum(is_right)) + np.append(0, np.cumsum(is_noise[::-1]))[::-1]
    edge = np.concatenate([[0.0], nearest[order], [2.0 * nearest.max() + 1.0]])
    is_gap = edge[1:] > edge[:-1]
    i = int(np.argmax(np.where(is_gap, right, -1)))
    return (edge[i] + edge[i + 1]) / 2.0
