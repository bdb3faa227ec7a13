"""Visits are measured as pandas measures them, and what cannot be used is counted."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from described_shop import events
from project_runner import DESCRIBED
from scipy.stats import binomtest

MEASURES = ["visit_recency_days", "visit_frequency", "visits_last_90_days", "visit_conversion_rate"]
ENGAGEMENT = f"select customer_id, {', '.join(MEASURES)} from customer_engagement"
REASONS = "select reject_reason, events from event_audit where events > 0"
DAY = timedelta(days=1)


def measured(visits, orders, as_of, conversion_days):
    """Measure engagement with pandas, apart from the package.

    Parameters
    ----------
    visits : DataFrame with customer_id and at, every kept event.
    orders : DataFrame with customer_id and at, every order that is no mere return.
    as_of : datetime. End of observation.
    conversion_days : int. Days in which an order must follow.

    Returns
    -------
    DataFrame indexed by customer_id, with the columns MEASURES: whole days, counts, and a share.
    """
    days = visits.assign(day=visits["at"].dt.normalize())
    days = days.groupby(["customer_id", "day"])["at"].max().reset_index().sort_values("day")
    bought = orders.assign(day=orders["at"].dt.normalize(), ordered=orders["at"].dt.normalize())
    days = pd.merge_asof(
        days,
        bought[["customer_id", "day", "ordered"]].sort_values("day"),
        on="day",
        by="customer_id",
        direction="forward",
    )
    days["converted"] = (days["ordered"] - days["day"]) <= conversion_days * DAY
    days["recent"] = days["at"] > as_of - 90 * DAY
    groups = days.groupby("customer_id")
    table = pd.DataFrame(
        {
            "visit_recency_days": (as_of - groups["at"].max()) // DAY,
            "visit_frequency": groups.size(),
            "visits_last_90_days": groups["recent"].sum(),
            "visit_conversion_rate": groups["converted"].mean(),
        }
    )
    table = table.reindex(sorted(set(table.index) | set(orders["customer_id"])))
    counts = ["visit_frequency", "visits_last_90_days"]
    return table.fillna(dict.fromkeys(counts, 0))


def orders_of(project):
    return project.frame("select customer_id, ordered_at as at from customer_orders where is_visit")


def assert_same(found, wanted):
    found = found.set_index("customer_id").sort_index().astype(float)
    pd.testing.assert_frame_equal(
        found, wanted.astype(float), check_names=False, check_index_type=False, rtol=1e-12
    )


# ------------------------------------------------------------------------------------ the demo


@pytest.fixture(scope="module")
def raw_visits(root):
    """Return the demo's events as they come, read by pandas."""
    file = root / "seeds" / "demo" / "sample_events.csv"
    return pd.read_csv(file, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def visits(root, raw_visits):
    """Return the events that count: dated, in time, of a customer with consent."""
    people = pd.read_csv(
        root / "seeds" / "demo" / "sample_customers.csv", dtype=str, keep_default_na=False
    )
    agreed = people.loc[people["has_consent"] == "true", "customer_id"]
    table = raw_visits.assign(at=pd.to_datetime(raw_visits["event_at"], errors="coerce"))
    in_time = table["at"].between(datetime(1990, 1, 1), datetime(2026, 1, 1))
    return table[in_time & table["customer_id"].isin(agreed)]


def test_measures_of_the_demo_are_those_of_pandas(demo_described, visits):
    wanted = measured(visits, orders_of(demo_described), datetime(2026, 1, 1), 1)
    assert wanted["visit_conversion_rate"].between(0.01, 0.99).sum() > 500
    assert_same(demo_described.frame(ENGAGEMENT), wanted)
    in_snapshot = demo_described.frame(
        ENGAGEMENT.replace("customer_engagement", "feature_snapshot")
    )
    buyers = demo_described.frame("select customer_id from segments")["customer_id"]
    assert_same(in_snapshot, wanted.loc[sorted(buyers)])


def test_events_of_the_demo_are_all_counted(demo_described, raw_visits, visits):
    counts = dict(demo_described.rows(REASONS))
    assert sum(counts.values()) == len(raw_visits)
    assert counts["(kept)"] == len(visits)
    # as planted, see seeds/demo/shop.py
    assert counts["missing_customer"] == 12
    assert counts["missing_date"] == 5
    assert counts["unparsable_date"] == 4
    assert counts["date_too_early"] + counts["date_after_as_of"] <= 3 + 6
    assert counts["no_consent"] > 50


def test_nothing_of_customers_without_consent_leaves_staging(demo_described, visits):
    staged = demo_described.frame("select * from stg_events where reject_reason = 'no_consent'")
    assert len(staged) > 50
    assert staged.drop(columns="reject_reason").isna().all(axis=None)
    seen = demo_described.frame(
        "select distinct customer_id from stg_events where reject_reason is null"
    )
    assert set(visits["customer_id"]) <= set(seen["customer_id"])


def test_conversion_of_segments_is_counted_by_day_and_bounded_after_wilson(demo_described, visits):
    segments = demo_described.frame("select customer_id, segment_id from segments")
    orders = orders_of(demo_described)
    days_of_orders = set(zip(orders["customer_id"], orders["at"].dt.date, strict=True))
    found = demo_described.frame("select * from segment_engagement").set_index(
        ["segment_id", "event_type"]
    )
    assert len(found) == segments["segment_id"].nunique() * 4
    for event_type in ("(all)", "web", "app", "email"):
        chosen = visits if event_type == "(all)" else visits[visits["event_type"] == event_type]
        chosen = chosen.merge(segments, on="customer_id")
        for segment_id, rows in chosen.groupby("segment_id"):
            days = set(zip(rows["customer_id"], rows["at"].dt.date, strict=True))
            converted = sum(
                bool({(who, day), (who, day + DAY)} & days_of_orders) for who, day in days
            )
            row = found.loc[(segment_id, event_type)]
            size = (segments["segment_id"] == segment_id).sum()
            assert (row["customers"], row["visitors"]) == (size, rows["customer_id"].nunique())
            assert row["visitor_share"] == pytest.approx(row["visitors"] / size)
            assert (row["events"], row["visit_days"]) == (len(rows), len(days))
            assert row["converted_visit_days"] == converted
            assert row["conversion_rate"] == pytest.approx(converted / len(days))
            interval = binomtest(converted, len(days)).proportion_ci(0.95, method="wilson")
            bounds = row["conversion_rate_low"], row["conversion_rate_high"]
            np.testing.assert_allclose(bounds, interval, rtol=1e-9, atol=1e-15)


def test_visits_say_what_the_personas_were_made_to_do(demo_described):
    rates = dict(
        demo_described.rows(
            "select rfm_segment, conversion_rate from segment_engagement"
            " inner join segment_names using (segment_id) where event_type = '(all)'"
        )
    )
    assert min(rates, key=rates.get) == "Lost"
    assert rates["Lost"] < 0.1 < 0.4 < rates["Champions"]


# --------------------------------------------------------------------------- a table of the tests


def test_instants_with_a_zone_and_three_days_of_grace(described_shop):
    as_of = described_shop.value("select as_of from observation_window")
    # 7 is not in the customer table, and 4, 50 and 54 have refused
    silent = {4, 7, 50, 54}
    kept = pd.DataFrame(
        [
            (str(who), at)
            for who, at in events()
            if who and at and who not in silent | {99} and datetime(1990, 1, 1) < at <= as_of
        ],
        columns=["customer_id", "at"],
    )
    assert kept["customer_id"].nunique() > 30
    wanted = measured(kept, orders_of(described_shop), as_of, 3)
    assert 0 < wanted["visit_conversion_rate"].mean() < 1
    assert wanted.loc["49", "visit_frequency"] == 0
    assert_same(described_shop.frame(ENGAGEMENT), wanted)
    assert dict(described_shop.rows(REASONS)) == {
        "(kept)": len(kept),
        "missing_customer": 2,
        "missing_date": 1,
        "date_too_early": 1,
        "date_after_as_of": sum(
            1 for who, at in events() if who and at and at > as_of and who not in silent
        ),
        "no_consent": sum(who in silent or who == 99 for who, _ in events()),
    }
    types = described_shop.rows("select distinct event_type from segment_engagement")
    assert types == [("(all)",)]


def test_engagement_can_be_a_feature(described_shop):
    features = described_shop.value("select feature_names from segment_model")
    assert "visit_frequency" in features
    means = described_shop.frame(
        "select segment_id, avg(visit_frequency) as mean from segments"
        " join feature_snapshot using (customer_id) group by segment_id"
    )
    assert means["mean"].max() - means["mean"].min() > 1


def test_without_events_and_customers_the_tables_are_there_and_empty(shop_without_people):
    for table in ("event_audit", "segment_engagement", "segment_attribute_profiles"):
        assert shop_without_people.value(f"select count(*) from {table}") == 0, table
    found = shop_without_people.frame(ENGAGEMENT.replace("customer_engagement", "feature_snapshot"))
    assert len(found) == 50
    assert found[MEASURES].isna().all(axis=None)
    assert shop_without_people.value("select count(*) from customer_engagement") == 0


@pytest.fixture(scope="module")
def back_test(demo):
    """Return the demo as of a day in the autumn of 2025, with a look-back of a year."""
    settings = {"segmentation_as_of": "2025-10-01", "segmentation_lookback_days": 60}
    return demo.variant("autumn", settings).build(
        "--select", "+customer_engagement", "event_audit", *DESCRIBED[-4:]
    )


def test_events_outside_the_observed_period_are_set_aside(back_test, visits):
    counts = dict(back_test.rows(REASONS))
    end = datetime(2025, 10, 1)
    assert counts["(kept)"] == visits["at"].between(end - 60 * DAY, end).sum()
    assert counts["outside_lookback"] == (visits["at"] < end - 60 * DAY).sum()
    kept = visits[visits["at"].between(end - 60 * DAY, end)]
    assert_same(back_test.frame(ENGAGEMENT), measured(kept, orders_of(back_test), end, 1))
