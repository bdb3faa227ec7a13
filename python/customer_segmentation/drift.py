"""Freeze how the training rows are spread over bins, so that later rows can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from customer_segmentation.encoding import OTHER, frequent_levels

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings
    from customer_segmentation.training import Training

BINS = 10


def drift_bins(training: Training, settings: Settings) -> list[dict]:
    """Return the bins of every feature and the share of the training rows in each.

    Parameters
    ----------
    training : Training with n rows, n >= 1.
    settings : Settings

    Returns
    -------
    list of dict, one per feature of the settings, with feature, edges (list of float, or None for
    a categorical feature), levels (list of str, or None for a numeric one) and shares (list of
    float, summing to 1). The first share is that of the nulls. A number is in bin 1 + the count of
    edges below it. A text is in the bin of its level; the last level takes all that is not listed.
    """
    return [
        _bins_of_levels(feature, training.categories[feature], settings.min_level_share)
        if feature in training.categories
        else _bins_of_numbers(feature, training.matrix[:, training.features.index(feature)])
        for feature in settings.features
    ]


def _bins_of_numbers(feature, values):
    known = values[np.isfinite(values)]
    edges = _edges(known)
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return {
        "feature": feature,
        "edges": edges.tolist(),
        "levels": None,
        "shares": _shares(values, counts),
    }


def _bins_of_levels(feature, texts, min_share):
    levels = [*frequent_levels(texts, min_share), OTHER]
    position = {level: j for j, level in enumerate(levels)}
    known = [position.get(text, len(levels) - 1) for text in texts.tolist() if text is not None]
    return {
        "feature": feature,
        "edges": None,
        "levels": levels,
        "shares": _shares(texts, np.bincount(np.array(known, dtype=int), minlength=len(levels))),
    }


def _edges(known):
    """Return the inner cut points of numbers, such that no bin is empty."""
    distinct = np.unique(known)
    if len(distinct) < 2:
        return np.array([])
    deciles = np.quantile(known, np.arange(1, BINS) / BINS, method="linear")
    if not (distinct == np.floor(distinct)).all():
        edges = deciles
    elif len(distinct) <= BINS:
        # Whole numbers are bins of their own as long as there are few: between them, a decile
        # would only say which of two neighbours is the more frequent.
        edges = distinct + 0.5
    else:
        edges = np.floor(deciles) + 0.5
    edges = np.unique(edges[edges < distinct[-1]])
    # Of deciles with no value between them, only the last is an edge.
    is_filled = np.isin(np.arange(len(edges)), np.searchsorted(edges, distinct, side="left"))
    return edges[is_filled]


def _shares(rows, counts):
    return [(len(rows) - int(counts.sum())) / len(rows), *(counts / len(rows)).tolist()]
