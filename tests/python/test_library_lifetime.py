"""The models of repeat buying and of spend against published numbers and another library.

Source: BG/NBD on the CDNOW sample, Fader, Hardie & Lee 2005 (doi 10.1287/mksc.1040.0098). The other
library is `lifetimes` from PyPI. Simulated customers give back the parameters they were drawn with.
"""

import lifetimes
import numpy as np
import pandas as pd
import pytest
from customer_segmentation import columns, lifetime, likelihood, parameters, spend
from scipy.optimize import approx_fprime


@pytest.fixture(scope="module")
def summary(real_data):
    """Return x, t_x and T of the 2,357 customers of the CDNOW sample, in weeks."""
    return pd.read_csv(real_data / "cdnow" / "cdnow_customers_summary.csv.gz")


def histories(frame):
    """Return one group per customer, from columns named as in the published file."""
    return lifetime.Histories(
        frame["frequency"].to_numpy(float),
        frame["recency"].to_numpy(float),
        frame["T"].to_numpy(float),
        np.ones(len(frame)),
    )


def test_bg_nbd_is_the_published_fit(summary):
    fit = lifetime.fit_lifetime(histories(summary), modified=False)
    assert fit.converged
    assert fit.parameters == pytest.approx((0.2426, 4.4135, 0.7929, 2.4258), abs=1e-3)
    assert fit.log_likelihood == pytest.approx(-9582.43, abs=0.01)


@pytest.mark.parametrize(
    ("fitter", "modified"),
    [(lifetimes.BetaGeoFitter, False), (lifetimes.ModifiedBetaGeoFitter, True)],
)
@pytest.mark.filterwarnings("ignore")
def test_parameters_are_those_of_another_library(summary, fitter, modified):
    other = fitter().fit(summary["frequency"], summary["recency"], summary["T"])
    fit = lifetime.fit_lifetime(histories(summary), modified=modified)
    assert fit.parameters == pytest.approx(other.params_.tolist(), rel=1e-4)


@pytest.mark.filterwarnings("ignore")
def test_spend_is_that_of_another_library():
    rng = np.random.default_rng(9)
    repeats = 1.0 + rng.poisson(2, 2000)
    means = rng.gamma(6 * repeats, 1 / (rng.gamma(4, 1 / 15, 2000) * repeats))
    other = lifetimes.GammaGammaFitter().fit(pd.Series(repeats), pd.Series(means))
    fit = spend.fit_spend(spend.Spends(repeats, means, np.ones(2000)))
    assert fit.parameters == pytest.approx(other.params_.tolist(), rel=1e-3)


@pytest.mark.parametrize("modified", [False, True])
def test_gradient_of_repeat_buying_is_the_slope(summary, modified):
    rows = histories(summary)
    place = np.array([0.4, 6.0, 0.9, 2.0])
    _, gradient = lifetime.log_likelihood(rows, place, modified=modified)
    slope = approx_fprime(
        place, lambda at: lifetime.log_likelihood(rows, at, modified=modified)[0], 1e-6
    )
    np.testing.assert_allclose(gradient, slope, rtol=1e-3)


def test_grouping_and_row_order_change_nothing(summary):
    frame = summary.rename(
        columns={"frequency": "repeat_order_days", "recency": "t_x_days", "T": "age_days"}
    )[["repeat_order_days", "t_x_days", "age_days"]]
    grouped = frame.value_counts().rename("customers").reset_index()
    assert len(grouped) < len(frame)
    shuffled = grouped.sample(frac=1, random_state=1)
    fits = [
        lifetime.fit_lifetime(lifetime.histories_from_frame(rows), modified=True)
        for rows in (grouped, shuffled)
    ]
    assert fits[0] == fits[1]
    single = lifetime.fit_lifetime(histories(summary), modified=True)
    assert fits[0].parameters == pytest.approx(single.parameters, rel=1e-6)


@pytest.mark.parametrize("modified", [False, True])
def test_where_the_search_ends_changes_nothing(summary, monkeypatch, modified):
    # It ends as far apart on two machines.
    rows, search = histories(summary), likelihood._best
    fits = [lifetime.fit_lifetime(rows, modified=modified)]
    for shift in (1e-6, 1e-5):

        def elsewhere(*arguments, shift=shift):
            return search(*arguments) + shift * np.array([1, -1, 2, -2])

        monkeypatch.setattr(likelihood, "_best", elsewhere)
        fits.append(lifetime.fit_lifetime(rows, modified=modified))
    assert fits[0] == fits[1] == fits[2]


@pytest.mark.parametrize("modified", [False, True])
@pytest.mark.parametrize("steps", [20, 1], ids=["steps that arrive", "too few steps"])
def test_a_part_of_the_groups_leads_to_the_place_of_all(summary, monkeypatch, modified, steps):
    rows = histories(summary)
    whole = lifetime.fit_lifetime(rows, modified=modified)
    monkeypatch.setattr(likelihood, "GROUPS_TO_START_WITH", 500)
    monkeypatch.setattr(likelihood, "BROYDEN_STEPS", steps)
    seen = []
    measured = lifetime.log_likelihood

    def counted(groups, parameters, **how):
        seen.append(len(groups.customers))
        return measured(groups, parameters, **how)

    monkeypatch.setattr(lifetime, "log_likelihood", counted)
    assert lifetime.fit_lifetime(rows, modified=modified) == whole
    # every fifth of 2,357 customers
    assert set(seen) == {472, 2357}
    assert (seen.count(2357) <= 20) == (steps > 1)


def simulate(n, r, alpha, a, b, *, modified, rng, end=700.0):
    """Return the histories of n customers who came within the first third of the time."""
    rate = rng.gamma(r, 1 / alpha, n)
    leaves = rng.beta(a, b, n)
    rows = []
    for pace, chance, start in zip(rate, leaves, rng.uniform(0, end / 3, n), strict=True):
        age, now, repeats, last = end - start, 0.0, 0, 0.0
        alive = not (modified and rng.random() < chance)
        while alive:
            now += rng.exponential(1 / pace)
            if now > age:
                break
            repeats, last = repeats + 1, now
            alive = rng.random() >= chance
        rows.append((repeats, last, age))
    return histories(pd.DataFrame(rows, columns=["frequency", "recency", "T"]))


@pytest.mark.parametrize("modified", [False, True])
def test_parameters_of_simulated_customers_are_recovered(modified):
    truth = (0.8, 30.0, 0.9, 2.5)
    rows = simulate(20_000, *truth, modified=modified, rng=np.random.default_rng(3))
    fit = lifetime.fit_lifetime(rows, modified=modified)
    assert fit.converged
    # four standard errors of simulations of this size
    assert fit.parameters == pytest.approx(truth, rel=0.15)
    at_truth, _ = lifetime.log_likelihood(rows, truth, modified=modified)
    assert 0 <= fit.log_likelihood - at_truth < 12


def test_the_model_that_made_the_customers_fits_them_better():
    rng = np.random.default_rng(4)
    rows = simulate(10_000, 0.8, 30.0, 0.9, 1.5, modified=True, rng=rng)
    modified, plain = (lifetime.fit_lifetime(rows, modified=kind) for kind in (True, False))
    assert modified.log_likelihood > plain.log_likelihood + 10


def test_spend_of_simulated_customers_is_recovered():
    rng = np.random.default_rng(5)
    n, p, q, v = 20_000, 6.0, 4.0, 15.0
    repeats = 1.0 + rng.poisson(2, n)
    means = rng.gamma(p * repeats, 1 / (rng.gamma(q, 1 / v, n) * repeats))
    fit = spend.fit_spend(spend.Spends(repeats, means, np.ones(n)))
    assert fit.converged
    assert fit.parameters == pytest.approx((p, q, v), rel=0.1)


def test_gradient_of_spend_is_the_slope():
    rng = np.random.default_rng(6)
    rows = spend.Spends(1.0 + rng.poisson(2, 50), rng.gamma(3, 10, 50), np.ones(50))
    place = np.array([4.0, 3.0, 20.0])
    slope = approx_fprime(place, lambda at: spend.log_likelihood(rows, at)[0], 1e-6)
    np.testing.assert_allclose(spend.log_likelihood(rows, place)[1], slope, rtol=1e-3, atol=1e-4)


def test_money_in_another_currency_changes_the_scale_only():
    rng = np.random.default_rng(7)
    repeats, means = 1.0 + rng.poisson(2, 500), rng.gamma(3, 10, 500) * rng.gamma(4, 1, 500)
    dollars, cents = (
        spend.fit_spend(spend.Spends(repeats, means * unit, np.ones(500))).parameters
        for unit in (1, 100)
    )
    assert cents == pytest.approx((dollars[0], dollars[1], 100 * dollars[2]), rel=1e-4)


def groups(**values):
    return pd.DataFrame({"period": "all", "customers": 1, **values})


NO_SPEND = groups(repeat_order_days=[1], repeat_order_value=[5.0])


@pytest.mark.parametrize(
    ("histories_frame", "reason"),
    [
        (groups(repeat_order_days=[0] * 9, t_x_days=0, age_days=range(9)), "no customer came back"),
        (groups(repeat_order_days=[3], t_x_days=[5], age_days=[9]), "1 customers are too few"),
        (groups(repeat_order_days=[], t_x_days=[], age_days=[]), "0 customers are too few"),
    ],
)
def test_nothing_to_learn_from_is_said_and_stops_nothing(histories_frame, reason):
    rows = parameters.parameter_rows(histories_frame, NO_SPEND)
    assert [(row["period"], row["model"]) for row in rows] == [
        (period, model)
        for period in ("all", "calibration")
        for model in ("bg_nbd", "mbg_nbd", "gamma_gamma")
    ]
    assert all(not row["is_usable"] and "r" not in row and "p" not in row for row in rows)
    assert reason in rows[0]["reason"]
    assert "0 customers are too few" in rows[3]["reason"]
    assert "1 customers came back on another day and spent something" in rows[2]["reason"]
    assert all(set(row) <= set(columns.PARAMETER_COLUMNS) for row in rows)


def test_an_infinite_mean_of_spend_is_not_used():
    rng = np.random.default_rng(8)
    repeats, q = 1 + rng.poisson(2, 2000), 0.8
    spends = groups(
        repeat_order_days=repeats,
        repeat_order_value=rng.gamma(5 * repeats, 1 / (rng.gamma(q, 1 / 15, 2000) * repeats)),
    )
    row = parameters.parameter_rows(
        groups(repeat_order_days=[1, 0], t_x_days=[5, 0], age_days=[9, 9]), spends
    )[2]
    assert row["is_converged"]
    assert row["q"] == pytest.approx(q, rel=0.1)
    assert not row["is_usable"]
    assert row["reason"].startswith("Not used: with q at most 1")
