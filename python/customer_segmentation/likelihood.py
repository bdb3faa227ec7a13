"""Maximum likelihood of positive parameters, where equal customers are groups with a weight."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from sklearn.utils import gen_batches

from customer_segmentation.parallel import one_thread
from customer_segmentation.rounding import significant

if TYPE_CHECKING:
    import pandas as pd

# Logarithms of parameters are kept within these: beyond them nothing changes but the last digits.
BOUND = 15.0

# Of more groups than this, so many find out where the search is going, and how the slope changes
# there; all of them are asked for the last steps only.
GROUPS_TO_START_WITH = 20_000

# The likelihood of so many groups is computed at once: their numbers stay in the cache of a core.
BLOCK_GROUPS = 30_000

# Where a search ends depends on the machine: its linear algebra decides how far it looks. Newton's
# steps lead from there to the same place on all, to some eleven digits; that many are kept.
DIGITS = 8
NEWTON_STEPS = 3
# Distance of the logarithms at which the slope is looked up for its change, and the farthest step.
NEARBY, FAR = 1e-4, 1e-2
# From the place that some groups have found to that of all: so many steps, until one is so small.
# Half a dozen usually do.
BROYDEN_STEPS, SMALL = 20, 1e-11


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    parameters : tuple of float, in the order of the model's likelihood.
    log_likelihood : float, natural logarithm.
    converged : bool. Whether the likelihood is flat there, all starts considered.
    """

    parameters: tuple[float, ...]
    log_likelihood: float
    converged: bool


class Groups:
    """Groups of customers with the same numbers, as a dataclass of columns.

    Attributes
    ----------
    repeats : ndarray of shape (n,), float. Repeat purchases.
    customers : ndarray of shape (n,), float. How many they are.
    """

    @cached_property
    def distinct_repeats(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the distinct numbers of repeats, and which of them each group has."""
        return np.unique(self.repeats, return_inverse=True)


def sorted_columns(frame: pd.DataFrame, *names):
    """Return columns as floats, sorted by the first, then the second and so on."""
    columns = [frame[name].to_numpy(dtype=float) for name in names]
    # the last key counts most
    order = np.lexsort(columns[::-1])
    return [column[order] for column in columns]


@one_thread()
def maximise(likelihood, groups, starts) -> Fit:
    """Maximise a likelihood of positive parameters over their logarithms.

    Parameters
    ----------
    likelihood : function of groups and parameters, returning its value and its gradient.
    groups : Groups
    starts : list of tuple of float.

    Returns
    -------
    Fit from the best of the starts.
    """
    loss = _loss(likelihood, groups)
    some = _thinned(groups)
    if some is groups:
        logarithms = _settled(loss, _best(loss, starts))
    else:
        logarithms = _settled_from(_loss(likelihood, some), loss, starts)
    parameters = np.array([significant(value, DIGITS) for value in np.exp(logarithms)])
    value, gradient = loss(np.log(parameters))
    # a parameter held back by its bound is pushed outwards there, which is no lack of convergence
    inside = np.abs(logarithms) < BOUND
    slope = np.max(np.abs(gradient[inside]), initial=0.0)
    return Fit(
        tuple(parameters.tolist()),
        float(-value * np.sum(groups.customers)),
        bool(np.isfinite(value) and slope < 1e-5),
    )


def _settled(loss, logarithms):
    """Return where the slope vanishes next to the end of a search; that end if it does not.

    Parameters that are held back by their bound stay there.
    """
    free = np.flatnonzero(np.abs(logarithms) < BOUND)
    if not len(free):
        return logarithms
    curvature = _curvature(loss, logarithms, free)
    found = logarithms.copy()
    for _ in range(NEWTON_STEPS):
        try:
            found[free] -= np.linalg.solve(curvature, loss(found)[1][free])
        except np.linalg.LinAlgError:
            return logarithms
        if not np.max(np.abs(found - logarithms)) < FAR:
            return logarithms
    return found


def _settled_from(loss_of_some, loss, starts):
    """Return where the slope vanishes for all groups, from where it does for some of them.

    Notes
    -----
    Source: Broyden (1965), "A class of methods for solving nonlinear simultaneous equations": the
    change of the slope is that of the few groups at first, and each step corrects it. Where the
    steps lead nowhere, the whole search is done again with all groups.
    """
    begin = _settled(loss_of_some, _best(loss_of_some, starts))
    everywhere = np.arange(len(begin))
    found = begin
    value_before, slope = loss(begin)
    try:
        inverse = np.linalg.inv(_curvature(loss_of_some, begin, everywhere))
        for _ in range(BROYDEN_STEPS):
            step = -inverse @ slope
            found = found + step
            if not np.max(np.abs(found)) < BOUND:
                break
            value, new_slope = loss(found)
            if np.max(np.abs(step)) < SMALL:
                if value <= value_before:
                    return found
                break
            change = inverse @ (new_slope - slope)
            inverse = inverse + np.outer(step - change, step @ inverse) / (step @ change)
            slope = new_slope
    except np.linalg.LinAlgError:
        pass
    return _settled(loss, _best(loss, [np.exp(begin), *starts]))


def _curvature(loss, logarithms, free):
    """Return how the slope by the free parameters changes with each of them."""
    around = NEARBY * np.eye(len(logarithms))[free]
    change = [loss(logarithms + step)[1] - loss(logarithms - step)[1] for step in around]
    return np.array(change)[:, free] / (2 * NEARBY)


def _thinned(groups):
    """Return every so many-th group: as they are sorted, of every kind its share."""
    step = -(-len(groups.customers) // GROUPS_TO_START_WITH)
    return groups if step == 1 else _taken(groups, slice(None, None, step))


def _taken(groups, rows):
    return type(groups)(*(getattr(groups, entry.name)[rows] for entry in fields(groups)))


def _best(loss, starts):
    """Return the logarithms at the end of the best of the searches that begin at the starts."""
    found = [
        minimize(
            loss,
            np.log(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-BOUND, BOUND)] * len(start),
            options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-9},
        )
        for start in starts
    ]
    return min(found, key=lambda result: result.fun).x


def _loss(likelihood, groups):
    """Return the function that a search makes small: for the mean customer, over logarithms."""
    customers = np.sum(groups.customers)
    blocks = [_taken(groups, rows) for rows in gen_batches(len(groups.customers), BLOCK_GROUPS)]

    def loss(logarithms):
        parameters = np.exp(logarithms)
        values, gradients = zip(*(likelihood(block, parameters) for block in blocks), strict=True)
        return -sum(values) / customers, -sum(gradients) * parameters / customers

    return loss
