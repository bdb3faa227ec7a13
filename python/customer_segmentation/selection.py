"""Choose the number of segments, and say why in one sentence for every k.

Each method of choosing is one line in `CRITERIA`.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from customer_segmentation.algorithms import ALGORITHMS
from customer_segmentation.evaluation import calinski_harabasz, davies_bouldin, silhouettes

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings

# Below this, a distance to the chord of the normalised inertia curve is rounding, not a bend.
SMALLEST_BEND = 1e-9


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What was measured for one k; None where an index is not defined."""

    k: int
    inertia: float
    silhouette: float | None
    calinski_harabasz: float | None
    davies_bouldin: float | None
    smallest_share: float


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was decided about one k, and why."""

    is_elbow: bool
    is_eligible: bool
    is_chosen: bool
    reason: str


@dataclass(frozen=True)
class Criterion:
    """How a method ranks: the name of its index, its sense, and the decimals worth reading."""

    index: str
    sign: int
    decimals: int

    @property
    def superlative(self):
        """Say which end of the index is the better one."""
        return "highest" if self.sign > 0 else "lowest"

    @property
    def worse_side(self):
        """Say on which side of the best value the others lie."""
        return "below" if self.sign > 0 else "above"


CRITERIA = {
    "silhouette": Criterion("silhouette", +1, 3),
    "elbow": Criterion("bend of the inertia curve", +1, 3),
    "calinski_harabasz": Criterion("Calinski-Harabasz index", +1, 1),
    "davies_bouldin": Criterion("Davies-Bouldin index", -1, 3),
}


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


def score_candidates(matrix, ks, settings: Settings) -> list[Scores]:
    """Fit and measure every k.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float. Preprocessed rows.
    ks : list of int

    Returns
    -------
    list of Scores, in the order of `ks`.

    Notes
    -----
    The fits run side by side, each in one thread; the result does not depend on how many run at
    once, because they share nothing that is written.
    """
    fit = ALGORITHMS[settings.algorithm]
    # The outer limit is what each fit finds and restores: without it, the first fit to end would
    # give the linear algebra of the others its threads back.
    with threadpool_limits(limits=1):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            fits = list(pool.map(lambda k: fit(matrix, k, settings), ks))
        widths = silhouettes(matrix, [entry.labels for entry in fits], settings.seed)
        return [
            Scores(
                k=k,
                inertia=entry.inertia,
                silhouette=width,
                calinski_harabasz=calinski_harabasz(matrix, entry.labels),
                davies_bouldin=davies_bouldin(matrix, entry.labels),
                smallest_share=float(np.bincount(entry.labels, minlength=k).min() / len(matrix)),
            )
            for k, entry, width in zip(ks, fits, widths, strict=True)
        ]


def bends(ks, inertias):
    """Return how far the inertia curve lies below the straight line between its ends.

    Parameters
    ----------
    ks : sequence of int, ascending
    inertias : sequence of float

    Returns
    -------
    ndarray of shape (len(ks),), float, or None: a curve without a bend, as any of one or two k is.
        The curve is scaled to run from (0, 1) to (1, 0); the elbow is where the value is largest.

    Notes
    -----
    Source: the distance to the chord of Satopää et al. (2011), "Finding a 'Kneedle' in a
    Haystack", without its smoothing and sensitivity, which need more points than a handful of k.
    """
    ks = np.asarray(ks, dtype=float)
    inertias = np.asarray(inertias, dtype=float)
    if inertias[0] <= inertias[-1]:
        return None
    along = (ks - ks[0]) / (ks[-1] - ks[0])
    height = (inertias - inertias[-1]) / (inertias[0] - inertias[-1])
    below = 1.0 - along - height
    return below if below.max() > SMALLEST_BEND else None


def choose(scores: list[Scores], settings: Settings) -> list[Verdict]:
    """Choose one k and explain the choice.

    Parameters
    ----------
    scores : list of Scores, k ascending.

    Returns
    -------
    list of Verdict, in the order of `scores`; exactly one is chosen. A k is eligible when its
    smallest segment holds at least `min_segment_share` of the rows. The best eligible k by
    `k_method` is chosen, the smaller one in a tie; when none is eligible, the k whose smallest
    segment is largest.

    Raises
    ------
    ValueError: the k to choose left a segment empty.
    """
    curve = bends([entry.k for entry in scores], [entry.inertia for entry in scores])
    elbow = None if curve is None else int(np.argmax(curve))
    floor = settings.min_segment_share
    eligible = [entry.smallest_share > 0 and entry.smallest_share >= floor for entry in scores]

    if settings.k is not None:
        winner = 0
        reasons = [_reason_when_fixed(scores[0], eligible[0], floor)]
    elif not any(eligible):
        winner = int(np.argmax([entry.smallest_share for entry in scores]))
        reasons = [_too_small(entry, floor) for entry in scores]
        reasons[winner] = _reason_when_none_is_eligible(scores, winner, floor)
    else:
        method, note = _method(settings.k_method, curve)
        criterion = CRITERIA[method]
        values = list(curve) if method == "elbow" else [getattr(entry, method) for entry in scores]
        ranks = [
            criterion.sign * value if able and value is not None else -np.inf
            for value, able in zip(values, eligible, strict=True)
        ]
        winner = int(np.argmax(ranks)) if max(ranks) > -np.inf else eligible.index(True)
        reasons = [
            _reason_when_beaten(values[i], values[winner], scores[winner].k, criterion)
            if eligible[i]
            else _too_small(entry, floor)
            for i, entry in enumerate(scores)
        ]
        reasons[winner] = note + _reason_of_winner(scores, eligible, values, winner, criterion)

    if scores[winner].smallest_share == 0:
        raise ValueError(
            f"k = {scores[winner].k} leaves a segment without customers, because too many of "
            "them coincide: lower segmentation_k or segmentation_k_min, or add features."
        )
    return [
        Verdict(
            is_elbow=i == elbow,
            is_eligible=eligible[i],
            is_chosen=i == winner,
            reason=reason,
        )
        for i, reason in enumerate(reasons)
    ]


def _method(wanted, curve):
    if wanted == "elbow" and curve is None:
        return "silhouette", "The inertia curve has no elbow, so the silhouette decides: "
    return wanted, ""


def _reason_when_fixed(entry, is_eligible, floor):
    reason = f"k = {entry.k} is fixed by segmentation_k"
    return f"{reason}." if is_eligible else f"{reason}, although {_smallest(entry, floor)}."


def _reason_when_none_is_eligible(scores, winner, floor):
    best = scores[winner]
    share, wanted = _tell_apart(100 * best.smallest_share, 100 * floor, 1)
    return (
        f"k = {best.k} comes closest to segmentation_min_segment_share = {wanted} %, which no k of "
        f"{_span([entry.k for entry in scores])} reaches: its smallest segment holds {share} % of "
        "the customers."
    )


def _reason_of_winner(scores, eligible, values, winner, criterion):
    k = scores[winner].k
    tried = [entry.k for entry in scores]
    able = [entry.k for entry, is_able in zip(scores, eligible, strict=True) if is_able]
    if len(tried) == 1:
        return f"k = {k} is the only k that was tried."
    if len(able) == 1:
        return f"k = {k} is the only eligible k of {_span(tried)}."
    value = _shown(values[winner], criterion.decimals)
    return (
        f"k = {k} has the {criterion.superlative} {criterion.index} ({value}) "
        f"among the eligible {_span(able)}."
    )


def _reason_when_beaten(value, best, best_k, criterion):
    if value is None:
        return f"Its {criterion.index} is not defined."
    own, other = _tell_apart(value, best, criterion.decimals)
    if value == best:
        return f"Its {criterion.index} ({own}) equals that of k = {best_k}, which is smaller."
    return (
        f"Its {criterion.index} ({own}) is {criterion.worse_side} that of k = {best_k} ({other})."
    )


def _too_small(entry, floor):
    return f"Rejected: {_smallest(entry, floor)}."


def _smallest(entry, floor):
    share, wanted = _tell_apart(100 * entry.smallest_share, 100 * floor, 1)
    return (
        f"its smallest segment holds {share} % of the customers, under "
        f"segmentation_min_segment_share = {wanted} %"
    )


def _span(ks):
    if len(ks) > 2 and ks[-1] - ks[0] == len(ks) - 1:
        return f"{ks[0]} to {ks[-1]}"
    return " and ".join(filter(None, [", ".join(map(str, ks[:-1])), str(ks[-1])]))


def _shown(value, decimals):
    return "not defined" if value is None else f"{value:.{decimals}f}"


def _tell_apart(one, other, decimals):
    """Write two numbers with as many decimals as it takes to see that they differ."""
    while f"{one:.{decimals}f}" == f"{other:.{decimals}f}" and one != other and decimals < 17:
        decimals += 1
    return f"{one:.{decimals}f}", f"{other:.{decimals}f}"
