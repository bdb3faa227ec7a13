"""CDNOW through the installed package: no product, no quantity, no price, one amount column.

Published numbers: CDNOW data set and 1/10 sample (Fader & Hardie), with the recency-frequency
summary of the sample that goes with *"Counting Your Customers" the Easy Way* (Fader, Hardie & Lee
2005, doi 10.1287/mksc.1040.0098).
"""

import duckdb
import pytest
from project_runner import UP_TO_FEATURES, UP_TO_SEGMENTS, install, together


@pytest.fixture(scope="module")
def builds(root, real_data, tmp_path_factory):
    """Return the project built on all customers, and on the sample up to 30 September 1997."""
    folder = tmp_path_factory.mktemp("cdnow")
    project = install("cdnow", root, folder, "analytics_segmentation")
    environment = {"SEGMENTATION_DATA": str(real_data)}
    everybody = project.variant("everybody", environment=environment)
    sample = project.variant(
        "sample",
        {
            "segmentation_transactions": (
                f"read_parquet('{real_data / 'cdnow' / 'cdnow_sample.parquet'}')"
            ),
            "segmentation_customer_id": "sample_id",
            "segmentation_order_id": "sample_id || ' on ' || date",
            "segmentation_as_of": "1997-09-30",
        },
        environment,
    )
    together(
        lambda: everybody.build(*UP_TO_SEGMENTS),
        lambda: sample.build(*UP_TO_FEATURES),
    )
    return everybody, sample


def test_every_purchase_is_kept(builds):
    everybody, _ = builds
    kept = everybody.rows(
        "select count(*), count(distinct customer_id), count(case when amount = 0 then 1 end) "
        "from stg_transactions where reject_reason is null"
    )
    # Published: 69,659 purchases of 23,570 customers; counted: 80 of them are free.
    assert kept == [(69_659, 23_570, 80)]
    assert everybody.value("select count(*) from stg_transactions") == 69_659


def test_every_customer_is_in_a_segment(builds):
    everybody, _ = builds
    found = everybody.rows(
        "select count(*), count(distinct customer_id), min(segment_id), sum(monetary) from segments"
    )
    spent = everybody.value("select sum(amount) from stg_transactions")
    assert found == [(23_570, 23_570, 1, spent)]
    assert everybody.value("select count(*) from segments where customer_id = '00001'") == 1


def test_amounts_are_those_of_the_file(builds, real_data):
    everybody, _ = builds
    path = real_data / "cdnow" / "cdnow_master.parquet"
    expected = duckdb.sql(
        f"""
        select customer_id, cast(sum(cast(dollar_value as decimal(18, 2))) as double) as spent
        from read_parquet('{path}') group by customer_id order by customer_id
        """
    ).df()
    found = everybody.frame(
        "select customer_id, cast(monetary as double) as spent from segments order by customer_id"
    )
    assert found["customer_id"].tolist() == expected["customer_id"].tolist()
    assert found["spent"].tolist() == pytest.approx(expected["spent"].tolist(), abs=1e-9)


def test_btyd_measures_are_the_published_ones(builds, real_data):
    _, sample = builds
    found = sample.frame(
        """
        select
            cast(customer_id as integer) as id,
            repeat_order_days as frequency,
            round(t_x_days / 7, 2) as recency,
            round(age_days / 7, 2) as age
        from feature_snapshot order by id
        """
    )
    published = (
        duckdb.read_csv(str(real_data / "cdnow" / "cdnow_customers_summary.csv.gz"))
        .df()
        .sort_values("ID")
    )
    assert len(found) == len(published) == 2_357
    assert found["id"].tolist() == published["ID"].tolist()
    assert found["frequency"].tolist() == published["frequency"].tolist()
    assert found["recency"].tolist() == pytest.approx(published["recency"].tolist(), abs=1e-9)
    assert found["age"].tolist() == pytest.approx(published["T"].tolist(), abs=1e-9)
    # Published: 2,457 repeat purchases, 1,411 customers without one.
    assert found["frequency"].sum() == 2_457
    assert (found["frequency"] == 0).sum() == 1_411
