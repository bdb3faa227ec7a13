"""Outcome figures and cohorts, recomputed with pandas from the cleaned lines and from `segments`.

The package counts changes per period and adds them up; here every period is looked at by itself,
customer by customer. Wilson's interval is that of scipy.stats.binomtest.
"""

import shutil

import duckdb
import pandas as pd
import pytest
from project_runner import WITHOUT_TESTS, together
from scipy.stats import binomtest

TABLES = ("segment_kpis", "segment_cohorts", "segment_campaigns", "campaign_audit")
OUTCOMES = ("--select", *(f"+{table}" for table in TABLES), *WITHOUT_TESTS)
# What these settings change, when the customers and the segments are those of another build.
AGAIN = (
    *("--select", "stg_campaign_contacts", "campaign_audit", "observed_periods"),
    *("customer_periods", "segment_activity", *TABLES[:3], *WITHOUT_TESTS),
)
FREQUENCY = {"month": "M", "week": "W-SUN", "quarter": "Q-DEC"}

# Campaigns as a careless export delivers them.
DIRTY_CONTACTS = """
    select * from (values
        ('7', 'C0073', '2025-03-01', 'yes'),
        ('7', ' C0073 ', '2025-02-27', 'no'),
        ('7', 'C0090', 'soon', 'no'),
        ('7', 'C0306', null, 'perhaps'),
        ('8', 'C0073', '2025-08-01 23:30-05:00', '1'),
        ('7', null, '2025-03-01', 'yes'),
        (' ', 'C0073', '2025-03-01', 'yes'),
        ('7', 'nobody knows', '2025-03-01', 'yes'),
        ('7', 'C0090', '2062-03-01', 'yes'),
        ('9', 'P0002', '2025-03-01', 'yes')
    ) as contacts (campaign, member, sent, answer)
"""


def rebuilt(project, name, built, settings):
    """Return a variant that takes over the tables of another build, and builds the outcomes."""
    variant = project.variant(name, settings)
    shutil.copy(built.database, variant.database)
    return variant


@pytest.fixture(scope="module")
def builds(demo):
    """Return builds of the demo by period: months, quarters, and weeks that end on a Wednesday."""
    months = demo.variant("kpis_by_month")
    weeks = demo.variant(
        "kpis_by_week",
        {
            "segmentation_kpi_period": "week",
            "segmentation_churn_days": 45,
            "segmentation_as_of": "2024-12-18 12:00",
            "segmentation_campaigns": None,
        },
    )
    together(lambda: months.build(*OUTCOMES), lambda: weeks.build(*OUTCOMES))
    quarters = rebuilt(
        demo,
        "kpis_by_quarter",
        months,
        {
            "segmentation_kpi_period": "quarter",
            "segmentation_churn_days": 90,
            "segmentation_campaigns": "read_parquet('contacts.parquet')",
            "segmentation_campaign_id": "campaign",
            "segmentation_campaign_customer_id": "member",
            "segmentation_campaign_contacted_at": "sent",
            "segmentation_campaign_responded_when": (
                "case when answer = 'yes' then true else cast(answer as integer) = 1 end"
            ),
        },
    )
    duckdb.sql(f"copy ({DIRTY_CONTACTS}) to '{quarters.scratch / 'contacts.parquet'}'")
    quarters.build(*AGAIN)
    return {"month": months, "quarter": quarters, "week": weeks}


def orders_of(project, period):
    """Return the orders of all customers in segments, from the cleaned lines."""
    lines = project.frame(
        """
        select lines.*, segments.segment_id, segments.as_of
        from stg_transactions as lines join segments using (customer_id)
        where lines.reject_reason is null
        """
    )
    lines["bought_at"] = lines["ordered_at"].where(~lines["is_return"])
    lines["bought"] = lines["amount"].where(~lines["is_return"], 0)
    orders = lines.groupby(["segment_id", "customer_id", "order_id"], as_index=False).agg(
        bought_at=("bought_at", "max"),
        last_at=("ordered_at", "max"),
        revenue=("amount", "sum"),
        bought=("bought", "sum"),
        as_of=("as_of", "max"),
    )
    orders["is_visit"] = orders["bought_at"].notna()
    orders["at"] = orders["bought_at"].fillna(orders["last_at"])
    orders["period"] = orders["at"].dt.to_period(FREQUENCY[period])
    return orders


def label(period):
    """Return the name that the tables give to a period of pandas."""
    if period.freqstr.startswith("W"):
        year, week, _ = period.start_time.isocalendar()
        return f"{year}-W{week:02}"
    return f"{period.year}-Q{period.quarter}" if period.freqstr.startswith("Q") else str(period)


def share(part, whole):
    return part / whole if whole else None


def expected_kpis(orders, contacts, churn_days):
    """Return the outcome figures of one scope: each period by itself, and the whole."""
    as_of = orders["as_of"].max()
    frequency = orders["period"].dtype.freq
    last = max(
        (as_of - pd.Timedelta(microseconds=1)).to_period(frequency), orders.attrs["last_period"]
    )
    periods = pd.period_range(orders.attrs["first_period"], last, freq=frequency)
    visits = orders[orders["is_visit"]]
    contacted_in = contacts["contacted_at"].dt.to_period(frequency)
    rows, previous = [], None
    for period in [*periods, "all"]:
        is_whole = period == "all"
        within = orders if is_whole else orders[orders["period"] == period]
        seen = visits if is_whole else visits[visits["period"] <= period]
        now = within[within["is_visit"]]
        end = as_of if is_whole else min(period.end_time.ceil("us"), as_of)
        counts = seen.groupby("customer_id")["at"].agg(["count", "max", "min"])
        active = set(now["customer_id"])
        hit = contacts if is_whole else contacts[contacted_in == period]
        contacted, responded = len(hit), int(hit["has_responded"].sum())
        interval = (
            binomtest(responded, contacted).proportion_ci(method="wilson")
            if contacted
            else (None, None)
        )
        retained = None if is_whole or previous is None else len(active & previous)
        churned = int((end - counts["max"] >= pd.Timedelta(days=churn_days)).sum())
        begun = counts["min"].dt.to_period(frequency)
        rows.append(
            {
                "period": "all" if is_whole else label(period),
                "is_complete": is_whole
                or (
                    period.start_time >= orders.attrs["first_at"].normalize()
                    and period.end_time.ceil("us") <= as_of
                ),
                "customers": len(counts),
                "active_customers": len(active),
                "new_customers": len(counts) if is_whole else int((begun == period).sum()),
                "orders": len(now),
                "revenue": within["revenue"].sum(),
                "average_order_value": share(within["bought"].sum(), len(now)),
                "retained_customers": retained,
                "retention_rate": None if retained is None else share(retained, len(previous)),
                "repeat_rate": share(int((counts["count"] > 1).sum()), len(counts)),
                "churned_customers": churned,
                "churn_rate": share(churned, len(counts)),
                "contacted": contacted,
                "responded": responded,
                "conversion_rate": share(responded, contacted),
                "conversion_rate_lower": interval[0],
                "conversion_rate_upper": interval[1],
            }
        )
        previous = active
    return pd.DataFrame(rows)


def scopes_of(orders):
    """Return the orders of each segment and of all customers by the scope's id."""
    orders.attrs["first_at"] = orders["at"].min()
    orders.attrs["first_period"] = orders["period"].min()
    orders.attrs["last_period"] = orders["period"].max()
    found = {"all": orders}
    for segment_id in orders["segment_id"].unique():
        part = orders[orders["segment_id"] == segment_id].copy()
        part.attrs.update(orders.attrs)
        found[str(segment_id)] = part
    return found


def plain(frame, text):
    """Return the frame with every column but those of text as doubles, a missing value as NaN."""
    return frame.astype({name: float for name in frame.columns if name not in text})


def assert_equal(found, expected, key):
    """Compare the columns of the second table; sums of doubles may differ in the last digits."""
    text = [name for name in (*key, "period") if name in expected.columns]
    found, expected = (
        plain(frame[list(expected.columns)], text).sort_values(key).reset_index(drop=True)
        for frame in (found, expected)
    )
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-6, check_dtype=False)


@pytest.mark.parametrize(("period", "churn_days"), [("month", 180), ("quarter", 90), ("week", 45)])
def test_kpis_equal_those_of_pandas(builds, period, churn_days):
    project = builds[period]
    orders = scopes_of(orders_of(project, period))
    contacts = project.frame(
        "select contacts.*, segment_id from stg_campaign_contacts as contacts "
        "join segments using (customer_id) where reject_reason is null"
    )
    expected = pd.concat(
        expected_kpis(
            part,
            contacts if scope_id == "all" else contacts[contacts["segment_id"] == int(scope_id)],
            churn_days,
        ).assign(scope_id=scope_id)
        for scope_id, part in orders.items()
    )
    totals = expected[expected["scope_id"] == "all"].set_index("period")["revenue"]
    expected["revenue_share"] = expected["revenue"] / expected["period"].map(totals)
    assert_equal(project.frame("select * from segment_kpis"), expected, ["scope_id", "period"])


@pytest.mark.parametrize("period", FREQUENCY)
def test_cohorts_equal_those_of_pandas(builds, period):
    project = builds[period]
    rows = []
    for scope_id, part in scopes_of(orders_of(project, period)).items():
        visits = part[part["is_visit"]]
        part = part.assign(
            cohort=part["customer_id"].map(visits.groupby("customer_id")["period"].min())
        )
        visits = part[part["is_visit"]]
        last = max(
            (part["as_of"].max() - pd.Timedelta(microseconds=1)).to_period(FREQUENCY[period]),
            part.attrs["last_period"],
        )
        for cohort, members in part.groupby("cohort"):
            size = members["customer_id"].nunique()
            counted_in = members["period"].where(members["period"] > cohort, cohort)
            for since, at in enumerate(pd.period_range(cohort, last)):
                active = visits[(visits["cohort"] == cohort) & (visits["period"] == at)]
                rows.append(
                    {
                        "scope_id": scope_id,
                        "cohort": label(cohort),
                        "periods_since": since,
                        "period": label(at),
                        "cohort_customers": size,
                        "active_customers": active["customer_id"].nunique(),
                        "retention_rate": active["customer_id"].nunique() / size,
                        "orders": len(active),
                        "revenue": members.loc[counted_in == at, "revenue"].sum(),
                    }
                )
    assert_equal(
        project.frame("select * from segment_cohorts"),
        pd.DataFrame(rows),
        ["scope_id", "cohort", "periods_since"],
    )


def test_churn_of_the_whole_agrees_with_recency(builds):
    for period, days in (("month", 180), ("quarter", 90), ("week", 45)):
        churned = builds[period].rows(
            "select segment_id, churned_customers from segment_kpis "
            "where period = 'all' and scope = 'segment' order by all"
        )
        expected = builds[period].rows(
            f"select segment_id, count(case when recency_days >= {days} then 1 end) "
            "from segments group by all order by all"
        )
        assert churned == expected
        assert sum(count for _, count in churned) > 0


def test_pareto_share_equals_that_of_pandas(builds):
    project = builds["month"]
    segments = project.frame("select segment_id, customer_id, monetary from segments")
    segments = segments.sort_values(["monetary", "customer_id"], ascending=[False, True])
    top = segments.head(-(-len(segments) // 5))
    found = project.frame(
        "select * from segment_kpis where period = 'all' order by scope desc, segment_id"
    )
    ids = sorted(segments["segment_id"].unique())
    assert found["top_customers"].tolist() == [
        *((top["segment_id"] == segment_id).sum() for segment_id in ids),
        len(top),
    ]
    expected = [
        part["monetary"].sum() / whole["monetary"].sum()
        for part, whole in (
            *((top[top["segment_id"] == i], segments[segments["segment_id"] == i]) for i in ids),
            (top, segments),
        )
    ]
    assert found["pareto_share"].tolist() == pytest.approx(expected, abs=1e-12)
    rest = project.value(
        "select count(*) from segment_kpis where period != 'all' and pareto_share >= 0"
    )
    assert rest == 0


def test_week_that_the_end_of_observation_cuts_is_marked(builds):
    # 18 December 2024 is a Wednesday; 1 January of that year a Monday
    found = builds["week"].rows(
        "select period, period_start::varchar, period_end::varchar from segment_kpis "
        "where scope = 'overall' and not is_complete"
    )
    assert found == [("2024-W51", "2024-12-16", "2024-12-22")]


def test_segment_without_orders_in_a_period_has_a_row_without_rates(builds):
    idle = builds["week"].rows(
        "select orders, revenue, average_order_value, customers > 0 from segment_kpis "
        "where active_customers = 0 and scope = 'segment' group by all"
    )
    assert (0, 0, None, True) in idle


def test_without_campaigns_nobody_was_contacted(builds):
    found = builds["week"].rows(
        "select contacted, responded, conversion_rate, conversion_rate_lower, "
        "conversion_rate_upper from segment_kpis group by all"
    )
    assert found == [(0, 0, None, None, None)]
    for table in ("stg_campaign_contacts", "campaign_audit", "segment_campaigns"):
        assert builds["week"].value(f"select count(*) from {table}") == 0


def test_unusable_contacts_are_set_aside_and_counted(builds):
    project = builds["quarter"]
    found = project.rows("select outcome, contact_rows, responses from campaign_audit order by all")
    # the prospect agreed but has no order; of a customer nobody knows there is no consent
    assert found == [
        ("(kept)", 4, 2),
        ("(no order)", 1, 1),
        ("(repeated)", 1, 0),
        ("date_after_as_of", 1, 0),
        ("missing_campaign", 1, 0),
        ("missing_customer", 1, 0),
        ("no_consent", 1, 0),
    ]
    dated = project.rows(
        "select period, contacted, responded from segment_kpis "
        "where scope = 'overall' and contacted > 0 order by all"
    )
    # the two contacts whose date is missing or cannot be read count in the whole only
    assert dated == [("2025-Q1", 1, 1), ("2025-Q3", 1, 1), ("all", 4, 2)]
    first = project.value(
        "select min(first_contact_at)::varchar from segment_campaigns where campaign_id = '8'"
    )
    assert first == "2025-08-02 04:30:00"


def test_campaigns_of_the_demo_are_those_of_the_seed(builds, root):
    folder = root / "seeds" / "demo"
    sent = pd.read_csv(folder / "sample_campaign_responses.csv", dtype=str)
    segments = builds["month"].frame("select customer_id, segment_id from segments")
    sent = sent.merge(segments, on="customer_id")
    expected = (
        sent.groupby(["segment_id", "campaign_id"])
        .agg(contacted=("contacted_on", "size"), responded=("responded_on", "count"))
        .reset_index()
    )
    found = builds["month"].frame("select * from segment_campaigns where scope = 'segment'")
    assert_equal(found, expected, ["segment_id", "campaign_id"])
    overall = expected.groupby("campaign_id")[["contacted", "responded"]].sum()
    lift = found["conversion_rate"] / found["campaign_id"].map(
        overall["responded"] / overall["contacted"]
    )
    assert found["lift"].tolist() == pytest.approx(lift.tolist())


def test_column_that_the_campaigns_lack_is_named(builds, demo):
    project = rebuilt(
        demo, "wrong_campaign", builds["month"], {"segmentation_campaign_id": "campagin_id"}
    )
    outcome = project.dbt("run", "--select", "stg_campaign_contacts")
    assert outcome.returncode == 1
    said = " ".join(outcome.stdout.split())
    assert "segmentation_campaign_id is `campagin_id`" in said
    assert "segmentation_campaigns has no column campagin_id" in said
