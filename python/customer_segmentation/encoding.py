"""Turn a categorical feature into 0/1 inputs, one for each level worth one."""

from __future__ import annotations

from collections import Counter

import numpy as np

MISSING = "(missing)"
OTHER = "(other)"

# More inputs than this describe single customers rather than kinds of them.
MOST_LEVELS = 50


def frequent_levels(texts, min_share) -> list[str]:
    """Return the levels that are not rare.

    Parameters
    ----------
    texts : ndarray of shape (n,), object: str, or None for a null.
    min_share : float, 0 to 1. Smallest share of all n rows that is not rare.

    Returns
    -------
    list of str, sorted, without `OTHER`, which is where the rest goes.
    """
    counts = Counter(text for text in texts.tolist() if text is not None)
    return sorted(
        level
        for level, count in counts.items()
        if count / len(texts) >= min_share and level != OTHER
    )


def input_levels(texts, feature, min_share) -> list[str]:
    """Return the levels that become inputs.

    Parameters
    ----------
    texts : ndarray of shape (n,), object: str, or None for a null.
    feature : str
    min_share : float, 0 to 1.

    Returns
    -------
    list of str: the frequent levels in the order of their names, `MISSING` if nulls are frequent,
    and always, as the last, `OTHER`: it takes what is rare, and what no training row has.

    Raises
    ------
    ValueError: there are more than `MOST_LEVELS`.
    """
    frequent = frequent_levels(_with_missing(texts), min_share)
    if len(frequent) > MOST_LEVELS:
        raise ValueError(
            f"The feature {feature} has {len(frequent)} levels that are not rare, but at most "
            f"{MOST_LEVELS} can be told apart: raise segmentation_min_level_share from {min_share} "
            "to 0.02 or more, or remove the feature from segmentation_features."
        )
    named = [level for level in frequent if level != MISSING]
    return [*named, *([MISSING] if MISSING in frequent else []), OTHER]


def indicators(texts, levels):
    """Return 0/1 columns that say which level a row has.

    Parameters
    ----------
    texts : ndarray of shape (n,), object: str, or None for a null.
    levels : list of q str. The last takes every row that has none of the others.

    Returns
    -------
    ndarray of shape (n, q), float. Each row sums to 1.
    """
    column = {level: j for j, level in enumerate(levels)}
    columns = np.zeros((len(texts), len(levels)))
    chosen = [column.get(text, len(levels) - 1) for text in _with_missing(texts).tolist()]
    columns[np.arange(len(texts)), chosen] = 1.0
    return columns


def scale_levels(columns, variance):
    """Scale 0/1 columns, so that together they have the given variance.

    A feature with many levels would otherwise outvote a number, whose variance is one column's.

    Parameters
    ----------
    columns : ndarray of shape (n, q), float, as `indicators` gives it.
    variance : float, above 0.

    Returns
    -------
    (centre, scale), ndarrays of shape (q,). The scale is the same for all levels: any two differ
    by the same distance. A feature with one level only becomes zero.
    """
    share = columns.mean(axis=0)
    total = (share * (1.0 - share)).sum()
    scale = np.sqrt(total / variance) if total > 0 else 1.0
    return share, np.full(columns.shape[1], scale)


def _with_missing(texts):
    return np.array([MISSING if text is None else text for text in texts.tolist()], dtype=object)
