"""Choose one candidate, and say why in one sentence for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from kneed import KneeLocator

from customer_segmentation.criteria import CRITERIA
from customer_segmentation.gap import first_within_one_error
from customer_segmentation.reasons import (
    is_out_of_question,
    of_beaten,
    of_fixed,
    of_ineligible,
    of_last_resort,
    of_winner,
    span,
)

if TYPE_CHECKING:
    from customer_segmentation.candidates import Candidate
    from customer_segmentation.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was decided about one candidate, and why; is_elbow is None where there is no knee."""

    is_elbow: bool | None
    is_eligible: bool
    is_chosen: bool
    reason: str


def knee(ks, inertias) -> int | None:
    """Return the k at the knee of an inertia curve, or None when it has none.

    Parameters
    ----------
    ks : sequence of int, ascending
    inertias : sequence of float

    Notes
    -----
    Source: Satopää et al. (2011), "Finding a 'Kneedle' in a Haystack", by the library kneed.
    """
    if len(ks) < 3 or inertias[0] <= inertias[-1]:
        return None
    found = KneeLocator(ks, inertias, curve="convex", direction="decreasing").knee
    return None if found is None else int(found)


def choose(candidates: list[Candidate], settings: Settings, failures=()) -> list[Verdict]:
    """Choose one candidate and explain the choice.

    Parameters
    ----------
    candidates : list of Candidate, by algorithm, k ascending within each.
    failures : sequence of str. A sentence for each algorithm that has no candidate.

    Returns
    -------
    list of Verdict, in the order of `candidates`; exactly one is chosen. A candidate is eligible
    when its smallest segment holds at least `min_segment_share` of the rows, its k is within
    `max_segments` (and, where the algorithm finds k, what was asked for), and its prototypes are
    faithful (`min_fidelity`). The best eligible one by `k_method` is chosen, the first in a tie;
    where the index of the method cannot be compared between algorithms, each algorithm chooses its
    k by the method, and the silhouette decides between them. When none is eligible, the one whose
    smallest segment is largest is chosen, if possible one that is within the budget and faithful.

    Raises
    ------
    ValueError: the candidate to choose left a segment empty.
    """
    elbows = _elbows(candidates)
    complaints = [of_ineligible(entry, settings) for entry in candidates]
    able = [i for i, complaint in enumerate(complaints) if complaint is None]

    if len(candidates) == 1 and settings.k is not None:
        winner, reasons = 0, [of_fixed(candidates[0], complaints[0])]
    elif not able:
        winner = int(
            np.argmax(
                [entry.smallest_share - is_out_of_question(entry, settings) for entry in candidates]
            )
        )
        reasons = list(complaints)
        reasons[winner] = of_last_resort(candidates, winner, settings)
    else:
        winner, reasons = _best(candidates, able, elbows, settings)
        reasons = [
            reason if complaint is None else complaint
            for reason, complaint in zip(reasons, complaints, strict=True)
        ]
    reasons[winner] = " ".join([reasons[winner], *failures])

    chosen = candidates[winner]
    if chosen.smallest_share == 0:
        raise ValueError(
            f"k = {chosen.k} leaves a segment without customers, because too many of "
            "them coincide: lower segmentation_k or segmentation_k_min, or add features."
        )
    return [
        Verdict(
            is_elbow=None
            if elbows[entry.algorithm] is None
            else entry.k == elbows[entry.algorithm],
            is_eligible=complaints[i] is None,
            is_chosen=i == winner,
            reason=reasons[i],
        )
        for i, entry in enumerate(candidates)
    ]


def _elbows(candidates):
    """Return the k at the knee of each algorithm, or None."""
    by_algorithm = {}
    for entry in candidates:
        by_algorithm.setdefault(entry.algorithm, []).append(entry)
    return {
        name: knee([entry.k for entry in own], [entry.inertia for entry in own])
        for name, own in by_algorithm.items()
    }


def _best(candidates, able, elbows, settings):
    """Return the position of the winner among the eligible, and a reason for every candidate."""
    criterion = CRITERIA[settings.k_method]
    names = list(dict.fromkeys(entry.algorithm for entry in candidates))
    if criterion.compares or settings.k is not None:
        method = settings.k_method if criterion.compares else "silhouette"
        return _best_by_index(candidates, able, method)

    rule = {"elbow": _by_elbow, "gap": _by_gap}[settings.k_method]
    reasons = [""] * len(candidates)
    finalists = []
    for name in names:
        own = [i for i, entry in enumerate(candidates) if entry.algorithm == name]
        own_able = [i for i in own if i in able]
        if own_able:
            winner, own_reasons = rule(candidates, own, own_able, elbows[name], settings)
            finalists.append(winner)
            for i, reason in zip(own, own_reasons, strict=True):
                reasons[i] = reason
    if len(finalists) == 1:
        return finalists[0], reasons
    winner, final_reasons = _best_by_index(candidates, finalists, "silhouette")
    for i in finalists:
        reasons[i] = f"{reasons[i]} {final_reasons[i]}"
    return winner, reasons


def _best_by_index(candidates, able, method, note=""):
    criterion = CRITERIA[method]
    values = [getattr(entry, method) for entry in candidates]
    ranks = [
        criterion.sign * values[i] if i in able and values[i] is not None else -np.inf
        for i in range(len(candidates))
    ]
    winner = int(np.argmax(ranks)) if max(ranks) > -np.inf else able[0]
    reasons = [of_beaten(candidates, i, winner, values, criterion) for i in range(len(candidates))]
    reasons[winner] = note + of_winner(candidates, able, winner, values[winner], criterion)
    return winner, reasons


def _by_elbow(candidates, own, able, elbow, _settings):
    found = [i for i in able if candidates[i].k == elbow]
    if not found:
        why = (
            "The inertia curve has no knee"
            if elbow is None
            else f"The knee of the inertia curve, k = {elbow}, is not eligible"
        )
        return _among(candidates, own, able, "silhouette", f"{why}, so the silhouette decides: ")
    ks = span([candidates[i].k for i in own])
    reasons = [f"The knee of the inertia curve is at k = {elbow}." for _ in own]
    reasons[own.index(found[0])] = f"k = {elbow} is the knee of the inertia curve over {ks}."
    return found[0], reasons


def _by_gap(candidates, own, able, _elbow, _settings):
    if len(own) == 1:
        return _among(candidates, own, able, "silhouette")
    if any(candidates[i].gap is None for i in own):
        note = "The gap is not defined for every k, so the silhouette decides: "
        return _among(candidates, own, able, "silhouette", note)
    gaps = [candidates[i].gap for i in own]
    errors = [candidates[i].gap_error for i in own]
    # Only an eligible k can win; the one after it, eligible or not, is what it is held against.
    position = next(
        (
            j
            for j in range(len(own) - 1)
            if own[j] in able and first_within_one_error(gaps[j : j + 2], errors[j : j + 2]) == 0
        ),
        None,
    )
    if position is None:
        winner = able[-1]
        reasons = [f"The gap still rises up to k = {candidates[winner].k}." for _ in own]
        reasons[own.index(winner)] = (
            f"k = {candidates[winner].k} is the largest eligible k, and the gap still rises up to "
            "it: no smaller one is within one standard error of the next."
        )
        return winner, reasons
    winner = own[position]
    k = candidates[winner].k
    reasons = [
        f"Its gap ({gaps[j]:.3f}) is below that of k = {candidates[own[j]].k + 1} less its "
        f"standard error ({gaps[j + 1] - errors[j + 1]:.3f})."
        if j < position
        else f"The smaller k = {k} is within one standard error of the gap of the next."
        for j in range(len(own))
    ]
    reasons[position] = (
        f"k = {k} is the smallest eligible k whose gap ({gaps[position]:.3f}) reaches that of the "
        f"next less its standard error ({gaps[position + 1] - errors[position + 1]:.3f})."
    )
    return winner, reasons


def _among(candidates, own, able, method, note=""):
    """Choose by an index among the candidates of one algorithm; positions count all of them."""
    winner, reasons = _best_by_index(
        [candidates[i] for i in own], [own.index(i) for i in able], method, note
    )
    return own[winner], reasons
