"""Models of repeat buying: BG/NBD and MBG/NBD, fitted by maximum likelihood.

Both say that a customer buys at a rate of his own (gamma distributed over the customers, r and
alpha) and may leave for good after a purchase, with a probability of his own (beta distributed, a
and b). BG/NBD gives him that chance after every repeat purchase (Fader, Hardie & Lee 2005, doi
10.1287/mksc.1040.0098), MBG/NBD after the first purchase as well (Batislam, Denizel & Filiztekin
2007, doi 10.1016/j.ijresmar.2006.12.005).

Customers with the same history have the same likelihood: the rows are groups of them, with a
weight. Everything is computed in logarithms, so that neither long histories nor many purchases
overflow, and with the gradient, so that a million customers take a few passes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln
from sklearn.utils import gen_batches

from customer_segmentation.parallel import one_thread
from customer_segmentation.rounding import significant

if TYPE_CHECKING:
    import pandas as pd

LIFETIME_MODELS = ("bg_nbd", "mbg_nbd")

# r, a and b where the search begins: customers who leave one after the other, half of whom leave at
# once and half never, and who leave soon.
STARTS = ((0.5, 1.0, 1.0), (1.0, 0.05, 0.2), (2.0, 2.0, 2.0))

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
class Histories:
    """Groups of customers with the same history; n groups.

    Attributes
    ----------
    repeats : ndarray of shape (n,), float. Repeat purchases (x).
    last_repeat : ndarray of shape (n,), float. Time from first to last purchase (t_x); 0 if x is 0.
    age : ndarray of shape (n,), float. Time from the first purchase to the end (T).
    customers : ndarray of shape (n,), float. How many they are.
    """

    repeats: np.ndarray
    last_repeat: np.ndarray
    age: np.ndarray
    customers: np.ndarray

    @cached_property
    def distinct_repeats(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the distinct numbers of repeats, and which of them each group has."""
        return np.unique(self.repeats, return_inverse=True)


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


def histories_from_frame(frame: pd.DataFrame) -> Histories:
    """Read groups of customers, in an order that depends on nothing but their values.

    Parameters
    ----------
    frame : DataFrame with repeat_order_days, t_x_days, age_days and customers, in any row order.
    """
    return Histories(
        *sorted_columns(frame, "repeat_order_days", "t_x_days", "age_days", "customers")
    )


def sorted_columns(frame: pd.DataFrame, *names):
    """Return columns as floats, sorted by the first, then the second and so on."""
    columns = [frame[name].to_numpy(dtype=float) for name in names]
    # the last key counts most
    order = np.lexsort(columns[::-1])
    return [column[order] for column in columns]


def log_likelihood(histories: Histories, parameters, *, modified):
    """Return the log-likelihood and its gradient.

    Parameters
    ----------
    parameters : sequence of r, alpha, a, b. alpha has the unit of the times.
    modified : bool. MBG/NBD if true, else BG/NBD.

    Returns
    -------
    float, and ndarray of shape (4,): the derivatives by r, alpha, a and b.
    """
    r, alpha, a, b = parameters
    x, weight = histories.repeats, histories.customers
    # chances to leave that were not taken if the customer is still there
    stays = x + 1 if modified else x
    may_have_left = stays > 0

    distinct, place = histories.distinct_repeats
    distinct_stays = distinct + 1 if modified else distinct
    constant = (
        gammaln(r + distinct)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        - gammaln(b)
        + gammaln(b + distinct_stays)
        - gammaln(a + b + distinct_stays)
    )
    by_r = digamma(r + distinct) - digamma(r) + np.log(alpha)
    by_a = digamma(a + b) - digamma(a + b + distinct_stays)
    by_b = by_a + digamma(b + distinct_stays) - digamma(b)

    log_age, log_last = np.log(alpha + histories.age), np.log(alpha + histories.last_repeat)
    previous = np.where(may_have_left, b + stays - 1, 1.0)
    alive = -(r + x) * log_age
    left = np.where(may_have_left, np.log(a) - np.log(previous) - (r + x) * log_last, -np.inf)
    # log(exp(alive) + exp(left)) from the larger of the two, and the share of each in that sum: one
    # exponential for all three, which costs a third of np.logaddexp and two of them
    ratio = np.exp(-np.abs(alive - left))
    larger = 1 / (1 + ratio)
    stayed = alive >= left
    alive_share = np.where(stayed, larger, ratio * larger)
    left_share = np.where(stayed, ratio * larger, larger)

    rows = constant[place] + np.maximum(alive, left) + np.log1p(ratio)
    by_age = alive_share / (alpha + histories.age) + left_share / (alpha + histories.last_repeat)
    gradient = (
        by_r[place] - alive_share * log_age - left_share * log_last,
        r / alpha - (r + x) * by_age,
        by_a[place] + left_share / a,
        by_b[place] - left_share / previous,
    )
    # np.sum adds in an order of its own that no thread count changes; a dot product would not
    return (
        float(np.sum(weight * rows)),
        np.array([np.sum(weight * derivative) for derivative in gradient]),
    )


def fit_lifetime(histories: Histories, *, modified) -> Fit:
    """Fit BG/NBD or MBG/NBD by maximum likelihood, from several starts.

    Parameters
    ----------
    modified : bool. MBG/NBD if true, else BG/NBD.

    Returns
    -------
    Fit with the parameters r, alpha, a, b.

    Raises
    ------
    ValueError: there are fewer than two customers, or nobody bought twice.
    """
    customers = np.sum(histories.customers)
    repeats = np.sum(histories.customers * histories.repeats)
    if customers < 2:
        raise ValueError(f"{customers:.0f} customers are too few to fit a model: give more data.")
    if repeats == 0:
        raise ValueError(
            "no customer came back on another day, so there is nothing to learn from: give a "
            "longer history."
        )
    # the rate of purchases, r / alpha, is about right from the beginning
    pace = np.sum(histories.customers * histories.age) / repeats
    return maximise(
        partial(log_likelihood, modified=modified),
        histories,
        [(r, r * pace, a, b) for r, a, b in STARTS],
    )


@one_thread()
def maximise(likelihood, groups, starts) -> Fit:
    """Maximise a likelihood of positive parameters over their logarithms.

    Parameters
    ----------
    likelihood : function of groups and parameters, returning its value and its gradient.
    groups : Histories or Spends.
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
    found = begin.copy()
    value, slope = value_before, _ = loss(found)
    try:
        inverse = np.linalg.inv(_curvature(loss_of_some, begin, everywhere))
        for _ in range(BROYDEN_STEPS):
            step = -inverse @ slope
            found = found + step
            if not np.max(np.abs(found)) < BOUND:
                break
            value, new_slope = loss(found)
            if np.max(np.abs(step)) < SMALL and value <= value_before:
                return found
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
