"""The sentences that say why a candidate was chosen or not."""

from __future__ import annotations

from customer_segmentation.algorithms import ALGORITHMS


def of_ineligible(entry, settings):
    """Return why a candidate is not eligible, or None when it is."""
    if is_out_of_question(entry, settings):
        return f"Rejected: {_out_of_question(entry, settings)}."
    if entry.smallest_share == 0 or entry.smallest_share < settings.min_segment_share:
        return f"Rejected: {_smallest(entry, settings.min_segment_share)}."
    return None


def is_out_of_question(entry, settings):
    """Tell whether a candidate fails for another reason than a small segment."""
    return _out_of_question(entry, settings) is not None


def _out_of_question(entry, settings):
    if settings.max_segments is not None and entry.k > settings.max_segments:
        return f"k = {entry.k} is over segmentation_max_segments = {settings.max_segments}"
    if entry.k < 2:
        return f"{entry.algorithm} found only one segment"
    if ALGORITHMS[entry.algorithm].finds_k:
        wanted = _other_k_wanted(entry.k, settings)
        if wanted is not None:
            return f"{entry.algorithm} found {entry.k} segments, {wanted}"
    if entry.fidelity < settings.min_fidelity:
        share, wanted = _tell_apart(100 * entry.fidelity, 100 * settings.min_fidelity, 1)
        return (
            f"its prototypes agree with {entry.algorithm} on {share} % of the customers held out, "
            f"under segmentation_min_fidelity = {wanted} %"
        )
    return None


def _other_k_wanted(k, settings):
    """Return which limit a number of segments breaks that nobody asked for, or None."""
    if settings.k is not None:
        return None if k == settings.k else f"and segmentation_k is {settings.k}"
    if k < settings.k_min:
        return f"under segmentation_k_min = {settings.k_min}"
    if k > settings.k_max:
        return f"over segmentation_k_max = {settings.k_max}"
    return None


def of_fixed(entry, complaint):
    """Return why the only candidate of a fixed k is chosen."""
    reason = f"k = {entry.k} is fixed by segmentation_k"
    if complaint is None:
        return f"{reason}."
    return f"{reason}, although {complaint.removeprefix('Rejected: ')}"


def of_last_resort(candidates, winner, settings):
    """Return why a candidate is chosen although none is eligible."""
    best = candidates[winner]
    name, problem = _name(best, candidates), _out_of_question(best, settings)
    if problem is not None:
        return f"{name} is chosen although no candidate is eligible: {problem}."
    if len(candidates) == 1:
        problem = _smallest(best, settings.min_segment_share)
        return f"{name} is the only candidate, although {problem}."
    share, wanted = _tell_apart(100 * best.smallest_share, 100 * settings.min_segment_share, 1)
    return (
        f"{name} comes closest to segmentation_min_segment_share = {wanted} %, "
        f"which no k of {_ks(candidates)} reaches: its smallest segment holds {share} % of "
        "the customers."
    )


def of_winner(candidates, able, winner, value, criterion):
    """Return why the best eligible candidate is chosen; `able` are the eligible positions."""
    name = _name(candidates[winner], candidates)
    if ALGORITHMS[candidates[winner].algorithm].finds_k and len(able) == 1:
        return f"{name} is what {candidates[winner].algorithm} found by itself."
    if len(candidates) == 1:
        return f"{name} is the only k that was tried."
    if len(able) == 1:
        return f"{name} is the only eligible k of {_ks(candidates)}."
    shown = "not defined" if value is None else f"{value:.{criterion.decimals}f}"
    among = (
        span([candidates[i].k for i in able])
        if _is_one_algorithm(candidates)
        else f"{len(able)} candidates"
    )
    return (
        f"{name} has the {criterion.superlative} {criterion.index} ({shown}) "
        f"among the eligible {among}."
    )


def of_beaten(candidates, position, winner, values, criterion):
    """Return why a candidate lost against the winner."""
    value, best = values[position], values[winner]
    if value is None:
        return f"Its {criterion.index} is not defined."
    if best is None:
        return ""
    name = _name(candidates[winner], candidates)
    own, other = _tell_apart(value, best, criterion.decimals)
    if value == best:
        first = "smaller" if candidates[winner].k < candidates[position].k else "listed first"
        return f"Its {criterion.index} ({own}) equals that of {name}, which is {first}."
    return f"Its {criterion.index} ({own}) is {criterion.worse_side} that of {name} ({other})."


def span(ks):
    """Return numbers in words: `3 to 8`, or `3, 4 and 6`."""
    if len(ks) > 2 and ks[-1] - ks[0] == len(ks) - 1:
        return f"{ks[0]} to {ks[-1]}"
    return " and ".join(filter(None, [", ".join(map(str, ks[:-1])), str(ks[-1])]))


def _ks(candidates):
    return span(sorted({entry.k for entry in candidates}))


def _is_one_algorithm(candidates):
    return len({entry.algorithm for entry in candidates}) == 1


def _name(entry, candidates):
    if _is_one_algorithm(candidates):
        return f"k = {entry.k}"
    return f"{entry.algorithm} with k = {entry.k}"


def _smallest(entry, floor):
    share, wanted = _tell_apart(100 * entry.smallest_share, 100 * floor, 1)
    return (
        f"its smallest segment holds {share} % of the customers, under "
        f"segmentation_min_segment_share = {wanted} %"
    )


def _tell_apart(one, other, decimals):
    """Write two numbers with as many decimals as it takes to see that they differ."""
    while f"{one:.{decimals}f}" == f"{other:.{decimals}f}" and one != other and decimals < 17:
        decimals += 1
    return f"{one:.{decimals}f}", f"{other:.{decimals}f}"
