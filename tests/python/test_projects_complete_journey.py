"""The Complete Journey through the installed package: time zone, demographics, campaigns.

Data: 84.51°, *The Complete Journey*, 2017. The expectations are recomputed from the files with
pandas and zoneinfo, and do not read what the package or the installing project made of them.
"""

from decimal import Decimal

import duckdb
import pandas as pd
import pytest
from project_runner import install

SHOP = "America/New_York"
AUTUMN = "2017-11-05"


@pytest.fixture(scope="module")
def built(root, real_data, tmp_path_factory):
    """Return the project after a whole `dbt build`, tests included."""
    folder = tmp_path_factory.mktemp("complete_journey")
    project = install("complete_journey", root, folder, "analytics_segmentation")
    return project.variant("built", environment={"SEGMENTATION_DATA": str(real_data)}).build()


@pytest.fixture(scope="module")
def raw(real_data):
    """Return a function that reads one of the files as a DataFrame."""
    folder = real_data / "complete_journey"
    return lambda name: duckdb.read_parquet(str(folder / f"{name}.parquet")).df()


@pytest.fixture(scope="module")
def baskets(raw):
    """Return one row per basket with a piece in it: when in the shop, and what was paid."""
    lines = raw("transactions")
    lines = lines[lines["quantity"] > 0]
    # cents: the file holds a few values such as 1.9900000000000002
    lines = lines.assign(cents=(lines["sales_value"] * 100).round().astype(int))
    found = lines.groupby(["household_id", "basket_id"], as_index=False).agg(
        utc=("transaction_timestamp", "max"), cents=("cents", "sum")
    )
    local = found["utc"].dt.tz_localize("UTC").dt.tz_convert(SHOP)
    return found.assign(local=local.dt.tz_localize(None), order_id=found["basket_id"].astype(str))


def test_every_line_is_kept_or_counted(built, raw, baskets):
    # Counted by the publisher's package: 1,469,307 lines of 2,469 households.
    kept = built.rows(
        "select check_name, rows_failed, rows_checked, amount_failed from transaction_audit "
        "where check_name in ('kept_lines', 'zero_quantity') order by all"
    )
    lines = raw("transactions")
    none = lines["quantity"] == 0
    lost = Decimal(str(round(lines.loc[none, "sales_value"].sum(), 2)))
    assert kept == [
        ("kept_lines", none.sum(), 1_469_307, lost),
        ("zero_quantity", none.sum(), 1_469_307, lost),
    ]
    assert none.sum() == 8_869
    households = lines.loc[~none, "household_id"].nunique()
    assert built.value("select count(*) from segments") == households == 2_469
    assert built.value("select sum(monetary) from segments") == Decimal(
        int(baskets["cents"].sum())
    ) / Decimal(100)


def test_every_order_has_the_clock_time_of_the_shop(built, baskets):
    orders = built.frame("select order_id, ordered_at from customer_orders where is_visit")
    both = orders.merge(baskets, on="order_id", how="outer", indicator=True)
    assert (both["_merge"] == "both").all()
    assert (both["ordered_at"] == both["local"]).all()
    # without the mapping many an order would lie on the next day, in summer and in winter
    late = both["local"].dt.normalize() != both["utc"].dt.normalize()
    assert late.mean() > 0.15
    offsets = (both["utc"] - both["local"]).dt.total_seconds() / 3600
    assert offsets.value_counts().gt(1_000).to_dict() == {4.0: True, 5.0: True}


def test_order_half_an_hour_before_midnight_is_of_that_day(built, baskets):
    clock = baskets["local"].dt.strftime("%H:%M")
    late = baskets[clock == "23:30"]
    assert len(late) > 20
    ids = ", ".join(f"'{order_id}'" for order_id in late["order_id"])
    found = built.frame(
        f"select order_id, ordered_at::date as day from customer_orders where order_id in ({ids})"
    ).merge(late, on="order_id")
    assert (found["day"] == found["local"].dt.normalize()).all()
    assert (found["day"] < found["utc"].dt.normalize()).all()


def test_occasions_are_days_in_the_shop(built, baskets):
    days = baskets.assign(day=baskets["local"].dt.normalize()).groupby("household_id")["day"]
    expected = pd.DataFrame(
        {
            "repeat_order_days": days.nunique() - 1,
            "t_x_days": (days.max() - days.min()).dt.days,
            # the last order of all came on New Year's Eve, at a time when in UTC it was 2018
            "age_days": (pd.Timestamp("2018-01-01") - days.min()).dt.days,
        }
    )
    expected.index = expected.index.astype(str)
    found = built.frame("select * from feature_snapshot").set_index("customer_id")
    found = found.loc[expected.index, list(expected.columns)]
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_names=False)
    # days in UTC would be another number for four households in ten
    in_utc = baskets.groupby("household_id")["utc"].agg(lambda at: at.dt.normalize().nunique() - 1)
    assert (in_utc.to_numpy() != expected["repeat_order_days"].to_numpy()).mean() > 0.4


def test_hour_that_autumn_repeats_loses_no_order(built, baskets):
    # 5 November 2017: 05:59 UTC is 01:59 in the shop, and an hour later it is 01:59 again
    day = baskets[baskets["local"].dt.date.astype(str) == AUTUMN]
    found = built.rows(
        f"select count(*), sum(amount) from customer_orders where ordered_at::date = '{AUTUMN}'"
    )
    assert found == [(len(day), Decimal(int(day["cents"].sum())) / Decimal(100))]


def test_a_filling_of_fuel_is_one_piece(built, raw):
    lines = raw("transactions").merge(raw("products"), on="product_id", how="left")
    is_fuel = lines["product_type"].str.startswith("GASOLINE", na=False)
    pieces = lines["quantity"].mask(is_fuel & (lines["quantity"] > 0), 1)
    assert int(built.value("select sum(items) from customer_orders")) == pieces.sum()
    assert lines.loc[is_fuel, "quantity"].max() == 89_638
    assert pieces.max() < 200


def test_households_without_demographics_are_there(built, raw):
    known = set(raw("demographics")["household_id"].astype(str))
    found = built.frame("select * from analytics.households")
    found["household_id"] = found["household_id"].astype(str)
    is_known = found["household_id"].isin(known)
    assert (is_known.sum(), len(found)) == (801, 2_469)
    # where anything is known at all, the size of the household is
    assert (found["household_size"].notna() == is_known).all()
    assert set(found["household_id"]) == set(
        built.frame("select customer_id from segments")["customer_id"]
    )


def test_missing_demographics_are_a_level_of_their_own(built, raw):
    known = raw("demographics")["household_size"].astype(str).value_counts()
    profiled = built.rows(
        "select attribute_level, sum(customers) from segment_attribute_profiles "
        "where attribute = 'household_size' and statistic = 'share' group by attribute_level"
    )
    assert dict(profiled) == {**known.to_dict(), "(missing)": 2_469 - 801}


def test_conversion_per_segment_reconciles_with_the_redeemed_coupons(built, raw):
    sent = raw("campaigns")[["campaign_id", "household_id"]].drop_duplicates()
    redeemed = raw("coupon_redemptions")[["campaign_id", "household_id"]].drop_duplicates()
    # all 2,102 redemptions, by 792 pairs of household and campaign, are of households contacted
    assert len(redeemed.merge(sent)) == len(redeemed) == 792
    assert len(sent) == 6_589
    segments = built.frame("select customer_id, segment_id from segments")
    segment_of = dict(zip(segments["customer_id"].astype(int), segments["segment_id"], strict=True))

    def counted(rows, by):
        return rows.assign(segment_id=rows["household_id"].map(segment_of)).groupby(by).size()

    kpis = built.frame(
        "select * from segment_kpis where period = 'all' and scope = 'segment'"
    ).set_index("segment_id")
    by_segment = counted(redeemed, "segment_id").reindex(kpis.index, fill_value=0)
    assert kpis["contacted"].to_dict() == counted(sent, "segment_id").to_dict()
    assert kpis["responded"].to_dict() == by_segment.to_dict()
    assert kpis["conversion_rate"].to_numpy() == pytest.approx(
        (by_segment / counted(sent, "segment_id")).to_numpy()
    )

    key = ["segment_id", "campaign_id"]
    found = built.frame("select * from segment_campaigns where scope = 'segment'")
    found["campaign_id"] = found["campaign_id"].astype(int)
    found = found.set_index(key)
    assert found["contacted"].to_dict() == counted(sent, key).to_dict()
    answered = found.loc[found["responded"] > 0, "responded"]
    assert answered.to_dict() == counted(redeemed, key).to_dict()


def test_contacts_count_in_the_month_that_the_campaign_began(built, raw):
    sent = raw("campaigns").merge(raw("campaign_descriptions"), on="campaign_id")
    months = sent["start_date"].dt.strftime("%Y-%m").value_counts()
    found = built.frame(
        "select period, contacted from segment_kpis where scope = 'overall' and period != 'all'"
    ).set_index("period")["contacted"]
    assert found[found > 0].to_dict() == months[months.index >= "2017"].to_dict()
    # three campaigns began before the first line; they count in the whole only
    before = months[months.index < "2017"].sum()
    whole = built.value(
        "select contacted from segment_kpis where scope = 'overall' and period = 'all'"
    )
    assert whole == found.sum() + before
    assert before > 0


def test_months_are_those_of_the_shop(built, baskets):
    by_month = baskets.groupby(baskets["local"].dt.strftime("%Y-%m"))["cents"].sum()
    found = built.rows(
        "select period, revenue from segment_kpis "
        "where scope = 'overall' and period != 'all' order by period"
    )
    assert found == [
        (month, Decimal(int(cents)) / Decimal(100)) for month, cents in by_month.items()
    ]
    assert len(found) == 12
    assert built.value("select count(*) from observed_periods where not is_complete") == 0
