"""The Gamma-Gamma model of spend per purchase, fitted by maximum likelihood.

What a customer spends per purchase varies around a mean of his own; the means are spread over the
customers so that three numbers, p, q and v, describe both (Fader, Hardie & Lee 2005, doi
10.1509/jmkr.2005.42.4.415; Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import digamma, gammaln

from customer_segmentation.likelihood import Fit, Groups, maximise, sorted_columns

if TYPE_CHECKING:
    import pandas as pd

# p and q of the starts; v follows from the mean spend.
STARTS = ((1.0, 2.0), (5.0, 4.0), (2.0, 10.0))

# Fewer repeaters than parameters say nothing about how customers differ.
FEWEST_REPEATERS = 4


@dataclass(frozen=True)
class Spends(Groups):
    """Groups of repeaters with the same spend; n groups.

    Attributes
    ----------
    repeats : ndarray of shape (n,), float, from 1. Repeat purchases (x).
    mean_spend : ndarray of shape (n,), float, above 0. Mean spend of these purchases.
    customers : ndarray of shape (n,), float. How many they are.
    """

    repeats: np.ndarray
    mean_spend: np.ndarray
    customers: np.ndarray


def spends_from_frame(frame: pd.DataFrame) -> Spends:
    """Read groups of repeaters, in an order that depends on nothing but their values.

    Parameters
    ----------
    frame : DataFrame with repeat_order_days, repeat_order_value and customers, in any row order.
    """
    return Spends(*sorted_columns(frame, "repeat_order_days", "repeat_order_value", "customers"))


def log_likelihood(spends: Spends, parameters):
    """Return the log-likelihood and its gradient.

    Parameters
    ----------
    parameters : sequence of p, q, v. v has the unit of the spend.

    Returns
    -------
    float, and ndarray of shape (3,): the derivatives by p, q and v.
    """
    p, q, v = parameters
    x, spend, weight = spends.repeats, spends.mean_spend, spends.customers
    distinct, place = spends.distinct_repeats
    log_total = np.log(v + x * spend)
    log_spend = np.log(spend)

    constant = (
        gammaln(p * distinct + q)
        - gammaln(p * distinct)
        - gammaln(q)
        + q * np.log(v)
        + p * distinct * np.log(distinct)
    )
    by_q = digamma(p * distinct + q) - digamma(q) + np.log(v)
    by_p = distinct * (digamma(p * distinct + q) - digamma(p * distinct) + np.log(distinct))

    rows = constant[place] + (p * x - 1) * log_spend - (p * x + q) * log_total
    gradient = (
        by_p[place] + x * (log_spend - log_total),
        by_q[place] - log_total,
        q / v - (p * x + q) / (v + x * spend),
    )
    return (
        float(np.sum(weight * rows)),
        np.array([np.sum(weight * derivative) for derivative in gradient]),
    )


def fit_spend(spends: Spends) -> Fit:
    """Fit the Gamma-Gamma model by maximum likelihood, from several starts.

    Returns
    -------
    Fit with the parameters p, q, v.

    Raises
    ------
    ValueError: fewer than four customers came back and spent something, or all spent the same.
    """
    repeaters = np.sum(spends.customers)
    if repeaters < FEWEST_REPEATERS:
        raise ValueError(
            f"{repeaters:.0f} customers came back on another day and spent something, and "
            f"{FEWEST_REPEATERS} are the fewest to learn from: give a longer history."
        )
    if np.ptp(spends.mean_spend) == 0:
        raise ValueError(
            "all customers who came back spend the same on average, so there is no difference to "
            "learn: their mean is what to expect."
        )
    mean = np.sum(spends.customers * spends.mean_spend) / repeaters
    # the mean of all customers, p * v / (q - 1), is about right from the beginning
    starts = [(p, q, mean * (q - 1) / p) for p, q in STARTS]
    return maximise(log_likelihood, spends, starts)
