"""Rows of the table `lifetime_parameters`: what was fitted, or why nothing was."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from customer_segmentation import __version__
from customer_segmentation.lifetime import fit_lifetime, histories_from_frame
from customer_segmentation.parallel import in_parallel
from customer_segmentation.spend import fit_spend, spends_from_frame

if TYPE_CHECKING:
    import pandas as pd

PERIODS = ("all", "calibration")
LIFETIME_NAMES = ("r", "alpha_days", "a", "b")
SPEND_NAMES = ("p", "q", "v")


def parameter_rows(histories: pd.DataFrame, spends: pd.DataFrame) -> list[dict]:
    """Fit every model to every period.

    Parameters
    ----------
    histories : DataFrame with period and the columns of `histories_from_frame`; times in days.
    spends : DataFrame with period and the columns of `spends_from_frame`.

    Returns
    -------
    list of dict with the keys of `PARAMETER_COLUMNS`, one per period and model. A model that cannot
    be fitted has a row without parameters, and the reason.
    """
    tasks = []
    for period in PERIODS:
        buying = histories_from_frame(histories[histories["period"] == period])
        spending = spends_from_frame(spends[spends["period"] == period])
        fits = {
            "bg_nbd": (partial(fit_lifetime, buying, modified=False), LIFETIME_NAMES, buying),
            "mbg_nbd": (partial(fit_lifetime, buying, modified=True), LIFETIME_NAMES, buying),
            "gamma_gamma": (partial(fit_spend, spending), SPEND_NAMES, spending),
        }
        tasks += [(period, model, *fit) for model, fit in fits.items()]
    found = in_parallel(lambda task: _fitted(*task[2:]), tasks)
    return [
        {"period": period, "model": model, **row}
        for (period, model, *_), row in zip(tasks, found, strict=True)
    ]


def _fitted(fit, names, data):
    row = {
        "customers": int(np.sum(data.customers)),
        "repeat_orders": int(np.sum(data.customers * data.repeats)),
        "package_version": __version__,
    }
    try:
        found = fit()
    except ValueError as error:
        return {**row, "is_usable": False, "reason": f"Not fitted: {error}"}
    row |= {"log_likelihood": found.log_likelihood, "is_converged": found.converged}
    row |= dict(zip(names, found.parameters, strict=True))
    if not found.converged:
        reason = (
            "Not used: the likelihood has no clear maximum, so that these parameters are those of "
            "the last step of the search; give more customers or a longer history."
        )
    elif "q" in row and row["q"] <= 1:
        reason = (
            "Not used: with q at most 1 the mean spend of a new customer is infinite; look for a "
            "few customers who spend a hundred times as much as the others."
        )
    else:
        return {**row, "is_usable": True, "reason": None}
    return {**row, "is_usable": False, "reason": reason}
