"""Apache Spark gives what DuckDB gives: every public table, after every test of the data.

Spark is an extra that few install and a build on it takes minutes: `make test-spark` runs these.
"""

import shutil

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
    duck.build(*WITHOUT_TESTS)
    spark.build(*WITHOUT_UNIT_TESTS)
    assert differing(duck.tables(), spark.tables()) == []


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
