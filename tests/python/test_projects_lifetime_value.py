"""Lifetime value through the installed package: published numbers, scipy, margins, segments.

Published: "Counting Your Customers" the Easy Way (Fader, Hardie & Lee 2005, doi
10.1287/mksc.1040.0098), and "The Gamma-Gamma Model of Monetary Value" (Fader & Hardie 2013).
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from corner_shop import clean_lines, write_lines
from project_runner import WITHOUT_TESTS, install, together
from scipy.special import hyp2f1

VALUE = ("--select", "+customer_lifetime_value", "+lifetime_backtest", *WITHOUT_TESTS)


@pytest.fixture(scope="module")
def builds(root, real_data, tmp_path_factory):
    """Return CDNOW: all customers; the sample up to 30 September 1997; the sample to the end."""
    folder = tmp_path_factory.mktemp("cdnow_value")
    project = install("cdnow", root, folder, "analytics_segmentation")
    environment = {"SEGMENTATION_DATA": str(real_data)}
    sample = {
        "segmentation_transactions": f"read_parquet('{real_data}/cdnow/cdnow_sample.parquet')",
        "segmentation_customer_id": "sample_id",
        "segmentation_order_id": "sample_id || ' on ' || date",
        "segmentation_holdout_share": 0.5,
    }
    everybody, calibration, whole = (
        project.variant("everybody", environment=environment),
        project.variant("sample", {**sample, "segmentation_as_of": "1997-09-30"}, environment),
        project.variant("whole", {**sample, "segmentation_as_of": "1998-06-30"}, environment),
    )
    together(
        lambda: everybody.build(*VALUE),
        lambda: [build.build(*VALUE) for build in (calibration, whole)],
    )
    return everybody, calibration, whole


def parameters(build, model, period="all"):
    """Return the row of a model."""
    found = build.frame(
        f"select * from lifetime_parameters where model = '{model}' and period = '{period}'"
    )
    return found.iloc[0]


def alive(fit, x, t_x, age):
    """Return P(alive), by the published formulas."""
    if fit.model == "bg_nbd":
        return np.where(
            x == 0,
            1,
            1
            / (
                1
                + fit.a
                / (fit.b + np.maximum(x, 1) - 1)
                * ((fit.alpha_days + age) / (fit.alpha_days + t_x)) ** (fit.r + x)
            ),
        )
    odds = fit.a / (fit.b + x) * ((fit.alpha_days + age) / (fit.alpha_days + t_x)) ** (fit.r + x)
    return 1 / (1 + odds)


def expected_orders(fit, x, t_x, age, days):
    """Return E[Y(t)], by the published formulas: Fader et al. (10); Batislam et al. 2007 (6)."""
    stayed = fit.b + x + (fit.model == "mbg_nbd")
    end = fit.alpha_days + age + days
    series = hyp2f1(fit.r + x, stayed, fit.a + stayed - 1, days / end)
    growth = 1 - ((fit.alpha_days + age) / end) ** (fit.r + x) * series
    return (fit.a + stayed - 1) / (fit.a - 1) * growth * alive(fit, x, t_x, age)


def test_fit_through_the_package_is_the_published_one(builds):
    _, calibration, whole = builds
    # the calibration of the whole sample is what the build as of its end saw
    for build, period in ((calibration, "all"), (whole, "calibration")):
        fit = parameters(build, "bg_nbd", period)
        assert (fit.customers, fit.repeat_orders, fit.is_usable) == (2_357, 2_457, True)
        found = (fit.r, fit.alpha_days / 7, fit.a, fit.b)
        assert found == pytest.approx((0.2426, 4.4135, 0.7929, 2.4258), abs=1e-3)
        # times in weeks make each of the 2,457 repeats seven times as dense
        assert fit.log_likelihood + 2_457 * math.log(7) == pytest.approx(-9582.43, abs=0.01)
        spend = parameters(build, "gamma_gamma", period)
        assert (spend.customers, spend.is_usable) == (946, True)
        assert (spend.p, spend.q, spend.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.03)


def test_published_expectation_of_one_customer(builds):
    _, _, whole = builds
    # x = 2, t_x = 30.43 and T = 38.86 weeks are 213 and 272 days, and 39 weeks are 273
    fit = parameters(whole, "bg_nbd", "calibration")
    assert expected_orders(fit, 2, 213, 272, 273) == pytest.approx(1.226, abs=1e-3)


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd"])
def test_sql_agrees_with_the_published_formulas_on_every_customer(builds, model):
    for build, customers in zip(builds, (23_570, 2_357, 2_357), strict=True):
        fit = parameters(build, model)
        found = build.frame("select * from customer_lifetime_value")
        assert len(found) == customers
        history = [
            found[column].to_numpy(float)
            for column in ("repeat_order_days", "t_x_days", "age_days")
        ]
        np.testing.assert_allclose(
            found[f"{model}_probability_alive"], alive(fit, *history), rtol=1e-10
        )
        np.testing.assert_allclose(
            found[f"{model}_expected_orders_365_days"],
            expected_orders(fit, *history, 365),
            rtol=1e-7,
        )


def test_nearer_horizons_spend_and_discount_are_what_they_are_said_to_be(builds):
    _, calibration, _ = builds
    found = calibration.frame(
        "select worth.*, histories.repeat_order_value as spent "
        "from customer_lifetime_value as worth "
        "inner join lifetime_histories as histories using (customer_id) where period = 'all'"
    )
    fit, spend = parameters(calibration, "mbg_nbd"), parameters(calibration, "gamma_gamma")
    x, t_x, age = (
        found[column].to_numpy(float) for column in ("repeat_order_days", "t_x_days", "age_days")
    )
    for days in (30, 90, 365):
        np.testing.assert_allclose(
            found[f"expected_orders_{days}_days"],
            expected_orders(fit, x, t_x, age, days),
            rtol=1e-7,
        )
    mean = spend.p * (spend.v + x * found["spent"].fillna(0)) / (spend.p * x + spend.q - 1)
    np.testing.assert_allclose(found["expected_order_value"], mean, rtol=1e-10)
    ends = [*range(30, 361, 30), 365]
    orders = np.array(
        [np.zeros(len(x)), *(expected_orders(fit, x, t_x, age, days) for days in ends)]
    )
    middles = (np.array([0, *ends[:-1]]) + ends) / 2
    discounted = mean * (np.diff(orders, axis=0).T @ (1.1 ** (-middles / 365)))
    np.testing.assert_allclose(found["discounted_value_365_days"], discounted, atol=2e-4)
    np.testing.assert_allclose(
        found["customer_value"],
        found["historic_value"] + found["discounted_value_365_days"],
        atol=1e-4,
    )


def test_forecast_of_the_holdout_is_reported(builds):
    _, _, whole = builds
    found = whole.frame("select * from lifetime_backtest").set_index(["model", "repeats"])
    everybody = found.xs("all", level="repeats")
    # counted: 1,882 order days from 1 October 1997 on
    assert set(everybody["actual_orders"]) == {1_882}
    assert set(everybody["holdout_days"]) == {273}
    assert everybody["error_share"]["bg_nbd"] == pytest.approx(-0.121, abs=0.002)
    assert everybody["error_share"]["mbg_nbd"] == pytest.approx(-0.162, abs=0.002)
    assert (everybody["error_share"].abs() < everybody["same_pace_error_share"].abs()).all()
    parts = found.drop("all", level="repeats").groupby("model")
    for column in ("customers", "actual_orders", "predicted_orders", "same_pace_orders"):
        totals = parts[column].sum()
        assert totals.tolist() == pytest.approx(everybody[column].sort_index().tolist())


def test_best_tier_makes_up_four_fifths(builds):
    everybody, _, _ = builds
    tiers = everybody.frame(
        "select value_tier, cast(sum(discounted_value_365_days) as double) as value "
        "from customer_lifetime_value group by value_tier order by value_tier"
    )
    assert tiers["value_tier"].tolist() == ["A", "B", "C"]
    shares = (tiers["value"] / tiers["value"].sum()).tolist()
    assert shares == pytest.approx([0.80, 0.15, 0.05], abs=0.001)


def test_margin_is_spend_less_cost(corner_shop):
    shop = corner_shop.variant(
        "with_cost",
        {
            "segmentation_cost": (
                "case when raw = 'bread' then quantity * unit_price * 0.5 "
                "when quantity > 1 then 1 end"
            )
        },
    )
    write_lines(shop, clean_lines())
    shop.build(*VALUE)
    found = shop.frame("select * from customer_lifetime_value")
    lines = shop.frame(
        """
        select
            customer_id,
            cast(sum(
                amount - case product_id when 'bread' then amount * 0.5 else 1 end
            ) as double) as margin,
            count(case when product_id = 'tea' and quantity = 1 then 1 end) as open
        from stg_transactions where reject_reason is null group by customer_id
        """
    )
    both = found.merge(lines, on="customer_id")
    assert len(both) == 50
    assert both["lines_without_cost"].tolist() == both["open"].tolist()
    known = both[both["open"] == 0]
    assert 0 < len(known) < 50
    assert known["historic_margin"].tolist() == pytest.approx(known["margin"].tolist())
    assert both[both["open"] > 0]["historic_margin"].isna().all()


def test_objective_value_makes_segments_of_value(demo):
    by_behaviour = demo.variant("objective").build("--select", "+file:segments.sql", *WITHOUT_TESTS)
    by_value = replace(
        by_behaviour, settings=by_behaviour.settings | {"segmentation_objective": "value"}
    ).build("--select", "+file:segments.sql", "+customer_lifetime_value", *WITHOUT_TESTS)
    features, reason = by_value.rows(
        "select feature_names, (select reason from segmentation_runs order by run_at desc limit 1) "
        "from segment_model order by model_version desc limit 1"
    )[0]
    expected = [
        "monetary",
        "probability_alive",
        "expected_orders_365_days",
        "expected_order_value",
    ]
    assert features == expected
    assert reason.startswith("Fitted anew because segmentation_features changed from [")
    assert by_value.value("select count(*) from segments") == 1_960
    exported = by_value.dbt("--quiet", "run-operation", "export_model")
    assert exported.returncode == 0, exported.stdout
    query = exported.stdout[exported.stdout.index("with\n") :].replace(
        "from customer_features", "from feature_snapshot"
    )
    differing = by_value.value(
        f"select count(*) from ({query}) as exported inner join segments using (customer_id) "
        "where exported.segment_id != segments.segment_id"
    )
    assert differing == 0
