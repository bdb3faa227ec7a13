"""Apache Spark gives what DuckDB gives: every public table, after every test of the data.

Spark is an extra that few install and a build on it takes minutes: `make test-spark` runs these.
"""

import shutil

import duckdb
import pytest
import yaml
from project_runner import WITHOUT_TESTS
from public_tables import differences
from spark_builds import WITHOUT_UNIT_TESTS, EngineBuild, kill_group, standalone_cluster, wait_for

pytest.importorskip("pyspark", reason="Spark is not installed: `make test-spark` installs it")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java 17, and there is none", allow_module_level=True)

# Doubles are added in another order there, and nothing more.
PRECISION = 1e-9
# A digest of rows as text tells two runs of one engine apart: each writes doubles in its own way.
OF_ONE_ENGINE = {
    "segmentation_runs": {"training_digest"},
    "segment_candidates": {"fingerprint"},
    "segment_model": {"fingerprint"},
}
# The card names the transactions as the setting does, and each engine names a file in its way.
OF_ONE_FILE = {**OF_ONE_ENGINE, "segmentation_card": {"markdown"}}

# Without the table, whose name is the engine's matter.
ONLINE_RETAIL = {
    "segmentation_customer_id": "CustomerID",
    "segmentation_order_id": "InvoiceNo",
    "segmentation_ordered_at": "InvoiceDate",
    "segmentation_product_id": "StockCode",
    "segmentation_quantity": "Quantity",
    "segmentation_unit_price": "UnitPrice",
    "segmentation_country": "Country",
    "segmentation_is_return": "InvoiceNo like 'C%'",
    "segmentation_exclude_when": "lower(substr(StockCode, 1, 1)) between 'a' and 'z'",
}


def differing(tables, others, passed_over=OF_ONE_ENGINE):
    """Return the tables in which two builds do not agree, but for some columns of some tables."""
    return [
        found
        for found in differences(tables, others)
        if found.relative > PRECISION or set(found.others) - passed_over.get(found.table, set())
    ]


@pytest.fixture(scope="module")
def demo_settings(root):
    settings = yaml.safe_load((root / "demo.yml").read_text())
    return {**settings, "segmentation_publish_path": None}


@pytest.fixture(scope="module")
def demo(root, demo_settings, tmp_path_factory):
    """Return the tables of the demo of both engines, built as of a quarter before its end."""
    folder = tmp_path_factory.mktemp("demo")
    early = {"segmentation_as_of": "2025-10-01"}
    duck = EngineBuild(root, folder / "duckdb", "dev", demo_settings)
    spark = EngineBuild(root, folder / "spark", "spark", demo_settings)
    return duck.build(*WITHOUT_TESTS, **early), spark.build(*WITHOUT_UNIT_TESTS, **early)


def test_the_demo_is_the_same_on_spark(demo):
    duck, spark = demo
    assert "segments" in duck.tables()
    assert differing(duck.tables(), spark.tables()) == []


def test_a_second_build_adds_the_same_history_also_after_one_that_was_killed(demo):
    duck, spark = demo
    spark.strike("feature_snapshot", *WITHOUT_UNIT_TESTS)
    # and as a build leaves it that is killed while it puts the written rows into their place
    spark.run(
        "create table segmentation.segments_snapshot__dbt_new using parquet "
        "as select * from segmentation.segments_snapshot",
        "drop table segmentation.segments_snapshot",
    )
    duck.build(*WITHOUT_TESTS)
    spark.build(*WITHOUT_UNIT_TESTS)
    assert differing(duck.tables(), spark.tables()) == []


SHOP = {
    "segmentation_customer_id": '"Customer ID"',
    "segmentation_order_id": '"Order"',
    "segmentation_ordered_at": '"When"',
    "segmentation_product_id": '"Product name"',
    "segmentation_quantity": "Units",
    "segmentation_unit_price": '"Price, each"',
    "segmentation_exclude_when": "\"Product name\" = 'Children''s book'",
}
SHOP_FILE = """
    select
        'c' || i % 40 as "Customer ID",
        i // 2 as "Order",
        timestamp '2025-01-01' + i * interval 8 hour as "When",
        case when i % 9 = 0 then 'Children''s book' else 'p' || i % 7 end as "Product name",
        case when i % 11 = 0 then 'many' else (i % 3 + 1)::varchar end as Units,
        (1 + i % 13)::decimal(9, 2) as "Price, each"
    from range(400) as lines(i)
"""


@pytest.fixture
def shop(tmp_path):
    """Return a file of a shop that names its columns as people do."""
    file = tmp_path / "shop.parquet"
    duckdb.sql(SHOP_FILE).write_parquet(str(file))
    return file


def test_names_and_texts_in_quotes_mean_the_same(root, shop, tmp_path):
    chosen = ("--select", "+transaction_audit", "+customer_rfm", *WITHOUT_TESTS)
    duck = EngineBuild(root, tmp_path / "duckdb", "dev", SHOP)
    duck.build(*chosen, segmentation_transactions=f"read_parquet('{shop}')")
    spark = EngineBuild(root, tmp_path / "spark", "spark", SHOP)
    spark.build(*chosen, segmentation_transactions=f"parquet.`{shop}`")
    tables = duck.tables()
    assert len(tables["customer_rfm"].rows) == 40
    assert differing(tables, spark.tables()) == []


def test_a_failed_audit_stops_the_build_and_says_why(root, shop, tmp_path):
    settings = {**SHOP, "segmentation_transactions": f"parquet.`{shop}`"}
    spark = EngineBuild(root, tmp_path / "spark", "spark", settings)
    chosen = ("--select", "+transaction_audit", "+customer_rfm", *WITHOUT_TESTS)
    with spark.started(*chosen, segmentation_reason_fail_shares={"excluded": 0.05}) as process:
        assert process.wait() != 0
    assert "excluded: " in spark.said()
    tables = spark.tables()
    assert "transaction_audit" in tables
    assert "customer_rfm" not in tables


def test_a_column_that_is_not_there_is_named_with_those_that_are(root, shop, tmp_path):
    settings = {**SHOP, "segmentation_transactions": f"parquet.`{shop}`"}
    settings["segmentation_order_id"] = '"Order no"'
    spark = EngineBuild(root, tmp_path / "spark", "spark", settings)
    with spark.started("--select", "+transaction_audit", *WITHOUT_TESTS) as process:
        assert process.wait() != 0
    assert "has no column Order no" in spark.said()
    assert '"Customer ID", Order, When, "Product name", Units' in spark.said()


def test_a_session_in_another_time_zone_is_refused(root, shop, tmp_path):
    settings = {**SHOP, "segmentation_transactions": f"parquet.`{shop}`"}
    profile = yaml.safe_load((root / "profiles.yml").read_text())
    options = profile["customer_segmentation"]["outputs"]["spark"]["server_side_parameters"]
    options["spark.sql.session.timeZone"] = "Europe/Berlin"
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profile))
    environment = {"DBT_PROFILES_DIR": str(tmp_path)}
    spark = EngineBuild(root, tmp_path / "spark", "spark", settings, environment)
    with spark.started("--select", "+transaction_audit", *WITHOUT_TESTS) as process:
        assert process.wait() != 0
    assert "spark.sql.session.timeZone to UTC" in spark.said()


@pytest.fixture(scope="module")
def online_retail(root, real_data, tmp_path_factory):
    """Return the build of DuckDB, and the settings of Spark for the same file."""
    file = real_data / "online_retail" / "online_retail.parquet"
    duck = EngineBuild(root, tmp_path_factory.mktemp("retail") / "duckdb", "dev", ONLINE_RETAIL)
    duck.build(*WITHOUT_TESTS, segmentation_transactions=f"read_parquet('{file}')")
    return duck, {**ONLINE_RETAIL, "segmentation_transactions": f"parquet.`{file}`"}


def test_online_retail_is_the_same_on_spark(root, online_retail, tmp_path):
    duck, settings = online_retail
    spark = EngineBuild(root, tmp_path / "spark", "spark", settings).build(*WITHOUT_UNIT_TESTS)
    assert differing(duck.tables(), spark.tables(), OF_ONE_FILE) == []


def test_a_cluster_that_loses_a_worker_builds_the_same_demo(root, demo_settings, tmp_path):
    duck = EngineBuild(root, tmp_path / "duckdb", "dev", demo_settings).build(*WITHOUT_TESTS)
    spark = build_while_a_worker_dies(root, tmp_path, demo_settings)
    assert differing(duck.tables(), spark.tables()) == []


def test_a_cluster_that_loses_a_worker_builds_the_same_online_retail(root, online_retail, tmp_path):
    duck, settings = online_retail
    spark = build_while_a_worker_dies(root, tmp_path, settings)
    assert differing(duck.tables(), spark.tables(), OF_ONE_FILE) == []


def build_while_a_worker_dies(root, folder, settings):
    """Build on a cluster of two workers, of which one is killed while the features are computed."""
    with standalone_cluster(folder / "cluster") as (address, workers):
        environment = {"SEGMENTATION_SPARK_MASTER": address}
        spark = EngineBuild(root, folder / "spark", "spark", settings, environment)
        with spark.started(*WITHOUT_UNIT_TESTS) as process:
            said = spark.scratch / "said.txt"
            wait_for(said, " model segmentation.feature_snapshot ..", seconds=900)
            kill_group(workers[0])
            assert process.wait() == 0, spark.said()
    return spark
