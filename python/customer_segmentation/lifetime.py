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

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import digamma, gammaln

from customer_segmentation.likelihood import Fit, Groups, maximise, sorted_columns

if TYPE_CHECKING:
    import pandas as pd

LIFETIME_MODELS = ("bg_nbd", "mbg_nbd")

# r, a and b where the search begins: customers who leave one after the other, half of whom leave at
# once and half never, and who leave soon.
STARTS = ((0.5, 1.0, 1.0), (1.0, 0.05, 0.2), (2.0, 2.0, 2.0))


@dataclass(frozen=True)
class Histories(Groups):
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


def histories_from_frame(frame: pd.DataFrame) -> Histories:
    """Read groups of customers, in an order that depends on nothing but their values.

    Parameters
    ----------
    frame : DataFrame with repeat_order_days, t_x_days, age_days and customers, in any row order.
    """
    return Histories(
        *sorted_columns(frame, "repeat_order_days", "t_x_days", "age_days", "customers")
    )


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
