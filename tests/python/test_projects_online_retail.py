"""Online Retail through the installed package: straight from Parquet, and from a model.

Published numbers: UCI data set *Online Retail* (Chen, Sain & Guo 2012, doi 10.1057/dbm.2012.17).
The four k-means results and the recency scores are those of two public analyses of it; the other
expectations are recomputed here with pandas or with DuckDB from the raw file.
"""

import duckdb
import numpy as np
import pandas as pd
import pytest
from project_runner import UP_TO_AUDIT, UP_TO_SEGMENTS, install, together

RFM = ["recency_days", "frequency", "monetary"]
SALES_ONLY = {"segmentation_returns": "ignore"}
NO_REPEATS = {**SALES_ONLY, "segmentation_drop_exact_duplicates": True}
RAW_RFM = {
    **NO_REPEATS,
    "segmentation_features": RFM,
    "segmentation_transform": "none",
    "segmentation_outliers": "none",
}
# The codes that are no article of the shop: postage, fees, samples, vouchers, corrections.
SERVICE_CODES = (
    *("POST", "DOT", "M", "m", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS", "B"),
)
IS_SERVICE = (
    f"StockCode in {SERVICE_CODES} or StockCode like 'gift\\_%' escape '\\' "
    "or StockCode like 'DCGS%'"
)


@pytest.fixture(scope="module")
def builds(online_retail):
    """Return builds of the project with other settings, by name."""
    variants = {
        "sales": online_retail.variant("sales", SALES_ONLY),
        "goods": online_retail.variant("goods", {"segmentation_exclude_when": IS_SERVICE}),
        "four raw": online_retail.variant(
            "four_raw",
            {**RAW_RFM, "segmentation_k": 4, "segmentation_as_of": "2011-12-09 12:50"},
        ),
        "three logged": online_retail.variant(
            "three_logged",
            {
                **RAW_RFM,
                "segmentation_k": 3,
                "segmentation_transform_overrides": {"monetary": "log"},
                "segmentation_as_of": "2011-12-10 12:50",
            },
        ),
    }
    together(
        lambda: variants["sales"].build(*UP_TO_AUDIT),
        lambda: variants["goods"].build(*UP_TO_AUDIT),
        lambda: variants["four raw"].build(),
        lambda: variants["three logged"].build(*UP_TO_SEGMENTS),
    )
    return variants


@pytest.fixture(scope="module")
def raw(real_data):
    """Return the raw lines as a DataFrame."""
    return duckdb.read_parquet(str(real_data / "online_retail" / "online_retail.parquet")).df()


KEPT = """
    select
        count(*) as lines,
        count(distinct customer_id) as customers,
        count(distinct order_id) as orders,
        cast(sum(amount) as varchar) as amount
    from stg_transactions
    where reject_reason is null
"""


def test_lines_kept_without_returns(builds):
    # Published: rows, customers, invoices and value of the lines with a customer and with
    # quantity and price above zero.
    kept = builds["sales"].frame(KEPT).iloc[0].to_dict()
    assert kept == {
        "lines": 397_884,
        "customers": 4_338,
        "orders": 18_532,
        "amount": "8911407.9040",
    }


def test_lines_kept_without_returns_and_exact_duplicates(builds):
    # Published: the same without exact duplicates.
    kept = builds["four raw"].frame(KEPT).iloc[0]
    assert (kept["lines"], kept["customers"]) == (392_692, 4_338)
    assert kept["amount"] == "8887208.8940"


@pytest.mark.parametrize("name", ["sales", "goods", "four raw"])
def test_every_line_of_the_file_is_kept_or_rejected(builds, raw, name):
    project = builds[name]
    kept, value_kept = project.frame(
        "select count(*), sum(amount) from stg_transactions where reject_reason is null"
    ).iloc[0]
    rejected = project.frame(
        "select reject_reason, count(*) as lines, coalesce(sum(amount), 0) as amount "
        "from rejected_transactions group by all"
    ).set_index("reject_reason")
    audit = project.frame(
        "select check_name, rows_failed, rows_checked, amount_failed, amount_checked "
        "from transaction_audit where position < 100"
    ).set_index("check_name")

    # Published: the file has 541,909 lines.
    assert len(raw) == kept + rejected["lines"].sum() == 541_909
    assert (audit["rows_checked"] == 541_909).all()
    counted = audit["rows_failed"][audit["rows_failed"] > 0]
    assert counted.to_dict() == rejected["lines"].to_dict()
    assert audit["amount_failed"][counted.index].to_dict() == rejected["amount"].to_dict()
    # Prices have up to three decimals, so that a line value to four is exact.
    value = (raw["Quantity"] * raw["UnitPrice"]).sum()
    assert float(value_kept + rejected["amount"].sum()) == pytest.approx(value, abs=1e-6)


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
    code = raw["StockCode"]
    service = code.isin(SERVICE_CODES) | code.str.startswith("gift_") | code.str.startswith("DCGS")
    usable = raw["CustomerID"].notna() & (raw["UnitPrice"] > 0)
    excluded = builds["goods"].value(
        "select count(*) from rejected_transactions where reject_reason = 'excluded'"
    )
    assert excluded == (service & usable).sum()
    assert excluded > 1_000
    assert (
        builds["goods"].value(
            "select count(*) from stg_transactions where reject_reason is null and not is_return"
        )
        == (usable & ~service & (raw["Quantity"] > 0)).sum()
    )


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
        if len(np.unique(edges)) == 4:
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
    assert online_retail_built.value("select count(*) from segments") == customers == 4_338


# ---------- the same data from a model of the installing project


@pytest.fixture(scope="module")
def from_a_model(root, real_data, tmp_path_factory):
    """Return the project with a staging model of its own, built whole."""
    folder = tmp_path_factory.mktemp("online_retail_model")
    project = install("online_retail_model", root, folder, "crm")
    return project.variant("built", environment={"SEGMENTATION_DATA": str(real_data)}).build()


def test_lineage_leads_to_the_model_of_the_project(from_a_model):
    nodes = from_a_model.manifest()["nodes"]
    staging = nodes["model.customer_segmentation.stg_transactions"]
    assert "model.gift_wholesaler_model.stg_sales" in staging["depends_on"]["nodes"]


def test_own_schema_and_no_demo_seeds(from_a_model):
    nodes = from_a_model.manifest()["nodes"].values()
    built = [
        (node["resource_type"], node["schema"], node["name"])
        for node in nodes
        if node["package_name"] == "customer_segmentation" and node["resource_type"] != "test"
    ]
    assert {schema for _, schema, _ in built} == {"crm"}
    seeds = {name for resource_type, _, name in built if resource_type == "seed"}
    assert seeds == {"rfm_map", "segment_actions"}


def test_segments_equal_those_from_parquet(from_a_model, online_retail_built):
    assert from_a_model.csv() == online_retail_built.csv()


def test_marts_of_the_project_read_the_public_tables(from_a_model):
    marts = from_a_model.frame(
        "select count(*) as customers, count(action) as actions, sum(monetary) as revenue "
        "from analytics.call_list"
    ).iloc[0]
    segments = from_a_model.frame("select count(*), sum(monetary) from segments").iloc[0]
    assert marts.tolist() == [segments.iloc[0], segments.iloc[0], segments.iloc[1]]


def test_generic_tests_ran_on_the_models_of_the_project(from_a_model):
    results = from_a_model.results()
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
