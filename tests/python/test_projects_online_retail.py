"""Online Retail through the installed package: straight from Parquet, and from a model.

Published numbers: UCI data set *Online Retail* (Chen, Sain & Guo 2012, doi 10.1057/dbm.2012.17).
The four k-means results and the recency scores are those of two public analyses of it; the other
expectations are recomputed here with pandas or with DuckDB from the raw file.
"""

from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest
from project_runner import UP_TO_AUDIT, UP_TO_SEGMENTS, WITHOUT_TESTS, install, together

RFM = ["recency_days", "frequency", "monetary"]
# The settings of the published figures: no cancellations, and all codes.
SALES = {"segmentation_returns": "ignore", "segmentation_exclude_when": "false"}
# The published k-means runs start from the lines without exact duplicates.
RAW_RFM = {
    **SALES,
    "segmentation_drop_exact_duplicates": True,
    "segmentation_features": RFM,
    "segmentation_transform": "none",
    "segmentation_outliers": "none",
}
FOUR_RAW = {**RAW_RFM, "segmentation_k": 4, "segmentation_as_of": "2011-12-09 12:50"}
THREE_LOGGED = {
    **RAW_RFM,
    "segmentation_k": 3,
    "segmentation_transform_overrides": {"monetary": "log"},
    "segmentation_as_of": "2011-12-10 12:50",
}


@pytest.fixture(scope="module")
def from_a_model(root, real_data, tmp_path_factory):
    """Return the project with a staging model of its own, not yet built; on one thread."""
    folder = tmp_path_factory.mktemp("online_retail_model")
    environment = {"SEGMENTATION_DATA": str(real_data), "SEGMENTATION_THREADS": "1"}
    project = install("online_retail_model", root, folder, "crm")
    return project.variant("built", environment=environment, threads=1)


@pytest.fixture(scope="module")
def shuffled(online_retail, real_data, tmp_path_factory):
    """Return the project with the rows of the file in another order, not built; four threads."""
    path = tmp_path_factory.mktemp("shuffled") / "online_retail.parquet"
    # Small row groups, or DuckDB would hand the whole file to one thread.
    duckdb.sql(
        f"""
        copy (
            select * from read_parquet('{real_data / "online_retail" / "online_retail.parquet"}')
            order by md5(InvoiceNo || StockCode || Quantity), random()
        ) to '{path}' (row_group_size 30000)
        """
    )
    settings = {"segmentation_transactions": f"read_parquet('{path}')"}
    return online_retail.variant("shuffled", settings, {"SEGMENTATION_THREADS": "4"}, threads=4)


@pytest.fixture(scope="module")
def builds(online_retail, online_retail_built, from_a_model, shuffled):
    """Return builds of the two projects, with their own and with other settings, by name."""
    projects = {
        "own": online_retail_built,
        "from a model": from_a_model,
        "shuffled": shuffled,
        "sales": online_retail.variant("sales", SALES),
        "four raw": online_retail.variant("four_raw", FOUR_RAW),
        "three logged": online_retail.variant("three_logged", THREE_LOGGED),
    }
    together(
        from_a_model.build,
        lambda: shuffled.build(*UP_TO_SEGMENTS),
        lambda: projects["four raw"].build(*WITHOUT_TESTS),
        lambda: projects["three logged"].build(*UP_TO_SEGMENTS),
        lambda: projects["sales"].build(*UP_TO_AUDIT),
    )
    return projects


@pytest.fixture(scope="module")
def raw(real_data):
    """Return the raw lines as a DataFrame."""
    return duckdb.read_parquet(str(real_data / "online_retail" / "online_retail.parquet")).df()


KEPT = """
    select count(*), count(distinct customer_id), count(distinct order_id), sum(amount)
    from stg_transactions
    where reject_reason is null
"""


def test_lines_kept_without_returns(builds):
    # Published: rows, customers, invoices and value of the lines with a customer and with
    # quantity and price above zero.
    assert builds["sales"].rows(KEPT) == [(397_884, 4_338, 18_532, Decimal("8911407.904"))]


def test_lines_kept_without_returns_and_exact_duplicates(builds):
    # Published: the same without exact duplicates.
    ((lines, customers, _, amount),) = builds["four raw"].rows(KEPT)
    assert (lines, customers, amount) == (392_692, 4_338, Decimal("8887208.894"))


@pytest.mark.parametrize("name", ["own", "sales", "four raw"])
def test_every_line_of_the_file_is_kept_or_rejected(builds, raw, name):
    project = builds[name]
    ((kept, amount_kept),) = project.rows(
        "select count(*), sum(amount) from stg_transactions where reject_reason is null"
    )
    rejected = project.rows(
        "select reject_reason, count(*), coalesce(sum(amount), 0) from rejected_transactions "
        "group by all order by all"
    )
    # Published: the file has 541,909 lines.
    assert kept + sum(lines for _, lines, _ in rejected) == len(raw) == 541_909
    # Prices have up to three decimals and quantities none, so no value of a line is rounded.
    amount = amount_kept + sum(amount for *_, amount in rejected)
    assert float(amount) == pytest.approx((raw["Quantity"] * raw["UnitPrice"]).sum(), abs=1e-6)

    audit = project.rows(
        "select check_name, rows_failed, amount_failed, rows_checked from transaction_audit "
        "where check_name in (select reject_reason from rejected_transactions) order by all"
    )
    assert [row[:3] for row in audit] == rejected
    assert {row[3] for row in audit} == {541_909}


def test_reject_reasons_are_those_of_the_raw_lines(builds, raw):
    missing = raw["CustomerID"].isna()
    cancelled = raw["InvoiceNo"].str.startswith("C")
    expected = {
        "missing_customer": missing.sum(),
        "zero_price": (~missing & (raw["UnitPrice"] == 0)).sum(),
        "return": (~missing & cancelled & (raw["UnitPrice"] > 0)).sum(),
    }
    # The first of these figures is published; without it the oracle could be as wrong as we are.
    assert expected["missing_customer"] == 135_080
    found = builds["sales"].frame(
        "select reject_reason, count(*) as lines from rejected_transactions group by all"
    )
    assert dict(found.itertuples(index=False)) == expected


def test_service_codes_are_excluded(builds, raw):
    codes = ["POST", "DOT", "M", "m", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS"]
    is_service = raw["StockCode"].isin([*codes, "B"])
    is_service |= raw["StockCode"].str.match("gift_0001_|DCGS")
    usable = raw["CustomerID"].notna() & (raw["UnitPrice"] > 0)
    counts = builds["own"].frame(
        """
        select
            count(case when reject_reason = 'excluded' then 1 end) as excluded,
            count(case when reject_reason is null and not is_return then 1 end) as bought,
            count(case when reject_reason is null and is_return then 1 end) as returned
        from stg_transactions
        """
    )
    cancelled = raw["InvoiceNo"].str.startswith("C")
    assert counts.iloc[0].to_dict() == {
        "excluded": (usable & is_service).sum(),
        "bought": (usable & ~is_service & ~cancelled).sum(),
        "returned": (usable & ~is_service & cancelled).sum(),
    }
    # 1,920 of the lines with a service code have a customer; some 10 of them a price of zero.
    assert 1_900 < (usable & is_service).sum() < 1_920


def test_rfm_of_every_customer_equals_pandas(builds, raw):
    as_of = pd.Timestamp("2011-12-10 12:50")
    lines = raw[raw["CustomerID"].notna() & (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0)]
    lines = lines.drop_duplicates()
    lines = lines.assign(
        customer_id=lines["CustomerID"].astype(int).astype(str),
        amount=lines["Quantity"] * lines["UnitPrice"],
    )
    expected = lines.groupby("customer_id").agg(
        last=("InvoiceDate", "max"), frequency=("InvoiceNo", "nunique"), monetary=("amount", "sum")
    )
    expected["recency_days"] = (as_of - expected["last"]).dt.days

    found = builds["three logged"].frame("select * from customer_rfm").set_index("customer_id")
    assert set(found.index) == set(expected.index)
    found = found.loc[expected.index]
    assert (found["recency_days"] == expected["recency_days"]).all()
    assert (found["frequency"] == expected["frequency"]).all()
    assert np.abs(found["monetary"].astype(float) - expected["monetary"]).max() < 1e-6
    # Published means and sample deviations of these 4,338 customers, to two decimals.
    assert found["recency_days"].mean() == pytest.approx(92.54, abs=0.005)
    assert found["recency_days"].std() == pytest.approx(100.01, abs=0.005)
    assert found["frequency"].mean() == pytest.approx(4.27, abs=0.005)
    assert found["frequency"].std() == pytest.approx(7.70, abs=0.005)
    assert found["monetary"].astype(float).mean() == pytest.approx(2048.69, abs=0.005)
    assert found["monetary"].astype(float).std() == pytest.approx(8985.23, abs=0.005)


def test_recency_scores(builds):
    # Published: R1 to R5.
    sizes = builds["three logged"].frame(
        "select recency_score, count(*) as customers from segments group by all order by all"
    )
    assert dict(sizes.itertuples(index=False)) == {1: 865, 2: 843, 3: 858, 4: 904, 5: 868}


def test_scores_equal_those_of_pandas(builds):
    segments = builds["three logged"].frame("select * from segments")
    for measure, score in zip(RFM, ["recency", "frequency", "monetary"], strict=True):
        values = segments[measure].astype(float)
        edges = values.quantile([0.2, 0.4, 0.6, 0.8]).to_numpy()
        # qcut refuses equal edges, which frequency has; its rule is that an edge belongs below.
        expected = 1 + np.searchsorted(edges, values, side="left")
        if measure != "frequency":
            assert (expected == pd.qcut(values, 5, labels=False) + 1).all()
        if measure == "recency_days":
            expected = 6 - expected
        assert (segments[f"{score}_score"] == expected).all()


def test_four_segments_of_raw_scores(builds):
    project = builds["four raw"]
    profiles = project.frame("select * from segment_profiles order by customers")
    # Published: sizes, inertia, and mean recency, frequency and spend of each segment.
    assert profiles["customers"].tolist() == [13, 204, 1067, 3054]
    inertia = project.value("select inertia from segment_quality where scope = 'overall'")
    assert inertia == pytest.approx(4096.300, abs=0.01)
    assert project.value("select inertia from segment_model") == pytest.approx(4096.300, abs=0.01)
    means = profiles[["mean_recency_days", "mean_frequency", "mean_monetary"]].to_numpy(float)
    published = [
        [6.38, 82.54, 127187.96],
        [14.50, 22.33, 12690.50],
        [247.08, 1.55, 478.85],
        [42.70, 3.68, 1353.63],
    ]
    assert np.abs(means - published).max() < 0.006


def test_three_segments_with_logged_spend(builds):
    sizes = builds["three logged"].frame(
        "select count(*) as customers from segments group by segment_id order by all"
    )["customers"]
    # Published, on a file that has one line more than this one: within two customers.
    assert np.abs(sizes.to_numpy() - [922, 1032, 2384]).max() <= 2


def test_whole_build_answers_for_every_customer(online_retail_built):
    customers = online_retail_built.value(
        "select count(distinct customer_id) from stg_transactions "
        "where reject_reason is null and not is_return"
    )
    assert online_retail_built.value("select count(*) from segments") == customers


def test_row_order_and_threads_change_no_byte(builds):
    # The project itself ran on two threads of dbt, and as many of DuckDB as there are cores.
    assert builds["shuffled"].csv() == builds["own"].csv()


# ---------- the same data from a model of the installing project


def test_segments_equal_those_from_parquet(builds):
    # and one thread gives what two give
    assert builds["from a model"].csv() == builds["own"].csv()


def test_lineage_leads_to_the_model_of_the_project(builds):
    nodes = builds["from a model"].manifest()["nodes"]
    staging = nodes["model.customer_segmentation.stg_transactions"]
    assert "model.gift_wholesaler_model.stg_sales" in staging["depends_on"]["nodes"]


def test_own_schema_and_no_demo_seeds(builds):
    built = [
        (node["resource_type"], node["schema"], node["name"])
        for node in builds["from a model"].manifest()["nodes"].values()
        if node["package_name"] == "customer_segmentation" and node["resource_type"] != "test"
    ]
    assert {schema for _, schema, _ in built} == {"crm"}
    seeds = {name for resource_type, _, name in built if resource_type == "seed"}
    assert seeds == {
        "rfm_map",
        "segment_actions",
        "rfm_archetypes",
        "feature_phrases",
        "segment_name_overrides",
    }


def test_marts_of_the_project_read_the_public_tables(builds):
    project = builds["from a model"]
    mart = project.rows("select count(action), sum(monetary) from analytics.call_list")
    assert mart == project.rows("select count(*), sum(monetary) from segments")


def test_generic_tests_ran_on_the_models_of_the_project(builds):
    results = builds["from a model"].results()
    own = {
        name.split(".")[2]: status
        for name, status in results.items()
        if name.startswith("test.gift_wholesaler_model.")
    }
    assert own == dict.fromkeys(
        (
            *("buyers_are_in_every_segment", "buyers_cover_every_segmented_customer"),
            *("buyers_spend_what_the_segments_spend", "equal_spend_shares_a_band"),
            *("every_band_occurs", "spend_band_rises_with_spend", "the_top_band_is_small"),
        ),
        "pass",
    )
