"""Nobody is let in: hashed ids, erasure down to the bytes, no attribute that is not listed."""

import os
import shutil
from dataclasses import replace

import duckdb
import pytest
import yaml
from customer_segmentation.suppression import CELLS
from private_shop import (
    SECRET,
    SETTINGS,
    SHOPPERS,
    UNLISTED,
    found_in_bytes,
    found_in_tables,
    lines,
    pseudonym,
    shopper,
    write_forgotten,
    write_shop,
)
from project_runner import WITHOUT_TESTS, read_yaml

FORGOTTEN = (3, 7, 20, 51, 54, 55)
IDS = [shopper(number) for number in SHOPPERS]
# compressed text could not be found in the file, so nothing is
ENGINE = {"force_compression": "uncompressed"}
BUILD = ("build", "--debug", *WITHOUT_TESTS)
GRANTS = {
    "segment_profiles": {"+grants": {"select": ["reporting"]}},
    "segments": {"+grants": {"select": ["crm"]}},
}


def run(project, *arguments):
    """Run dbt, and return its output; it must succeed."""
    outcome = project.dbt(*arguments)
    assert outcome.returncode == 0, outcome.stdout
    return outcome.stdout


@pytest.fixture(scope="module")
def hashed(corner_shop, tmp_path_factory):
    """Return the shop with hashed ids after a whole build with all of dbt's log.

    It publishes without small groups, and its project grants rights on two tables.
    """
    folder = tmp_path_factory.mktemp("granting") / "project"
    shutil.copytree(corner_shop.folder, folder, symlinks=True)
    configured = read_yaml(folder / "dbt_project.yml")
    configured["models"] = {"customer_segmentation": {"segments": GRANTS}}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(configured))
    settings = SETTINGS | {
        "segmentation_pseudonymize": True,
        "segmentation_publish_path": "published",
        "segmentation_min_cell": 5,
    }
    project = replace(corner_shop, folder=folder).variant(
        "hashed", settings, {"SEGMENTATION_SECRET": SECRET}, **ENGINE
    )
    write_shop(project)
    run(project, *BUILD)
    return project


@pytest.fixture(scope="module")
def erased(corner_shop):
    """Return the shop after a build, with a copy of the file as it was and what was then published.

    Lines are remembered, and two formats published.
    """
    settings = SETTINGS | {
        "segmentation_incremental": True,
        "segmentation_history_days": 30,
        "segmentation_publish_path": "published",
        "segmentation_publish_formats": ["duckdb", "parquet"],
    }
    project = corner_shop.variant("erased", settings, **ENGINE)
    write_shop(project)
    run(project, *BUILD)
    return project


def keys(database):
    """Return all values of `customer_id` by table."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select columns.schema_name, columns.table_name from duckdb_columns() as columns "
            "inner join duckdb_tables() using (table_oid) where column_name = 'customer_id'"
        ).fetchall()
        return {
            table: {
                key
                for (key,) in connection.execute(
                    f'select distinct customer_id from "{schema}"."{table}" '
                    "where customer_id is not null"
                ).fetchall()
            }
            for schema, table in tables
        }


def test_every_id_is_the_hmac_that_python_computes(hashed):
    found = keys(hashed.database)
    known = {pseudonym(id_) for id_ in IDS}
    assert set().union(*found.values()) == known
    assert found["segments"] == {pseudonym(shopper(number)) for number in range(1, 51)}
    assert found["rejected_transactions"] == {pseudonym(shopper(n)) for n in range(51, 55)}
    # ... the same in every relation, or they would not meet
    for table in ("prospects", "segments_snapshot", "stg_customers", "customer_lifetime_value"):
        assert found[table], table
    assert hashed.value("select sum(visitors) from segment_engagement") > 0
    assert hashed.value("select sum(contacted) from segment_campaigns where scope = 'overall'") > 0
    assert hashed.rows("select customer_id from segments where is_overridden order by 1") == sorted(
        (pseudonym(shopper(number)),) for number in (2, 3)
    )


def test_hashing_changes_nothing_else(hashed, erased):
    query = "select customer_id, modelled_segment_id, monetary, membership from segments"
    expected = {(pseudonym(id_), *rest) for id_, *rest in erased.rows(query)}
    assert set(hashed.rows(query)) == expected


def test_ids_are_nowhere_in_the_database(hashed):
    assert found_in_tables(hashed.database, IDS) == {}
    assert found_in_bytes(hashed.database, IDS) == []


def test_secret_is_nowhere_but_in_the_environment(hashed):
    with duckdb.connect(str(hashed.database), read_only=True) as connection:
        views = connection.execute("select sql from duckdb_views()").fetchall()
    assert any("segmentation_secret.main.pads" in sql.lower() for (sql,) in views)
    pads = {
        name: bytes(byte ^ pad for byte in SECRET.encode().ljust(64, b"\0")).hex()
        for name, pad in (("inner", 0x36), ("outer", 0x5C))
    }
    for text in (SECRET, SECRET.encode().hex(), *pads.values()):
        variants = [text, text.upper(), repr(text)[1:-1], text.replace("'", "''")]
        assert found_in_bytes(hashed.scratch, variants) == []
    assert (hashed.scratch / "target" / "partial_parse.msgpack").exists()
    assert "segmentation_secret" in (hashed.scratch / "logs" / "dbt.log").read_text()


def test_tables_outlive_the_secret(hashed):
    readable = [
        table
        for table in ("segments", "rejected_transactions", "customer_assortment", "stg_customers")
        if hashed.value(f"select count(*) from {table}")
    ]
    assert len(readable) == 4


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (None, "the environment variable SEGMENTATION_SECRET is not set"),
        ("fifteen letters", "SEGMENTATION_SECRET is too short"),
        (SECRET + "!", "SEGMENTATION_SECRET is not the one"),
    ],
    ids=["missing", "short", "changed"],
)
def test_wrong_secret_is_an_error_before_any_work(hashed, secret, words):
    before = hashed.rows("select * from segments order by 1")
    environment = {} if secret is None else {"SEGMENTATION_SECRET": secret}
    outcome = replace(hashed, environment=environment).dbt(*BUILD)
    assert outcome.returncode != 0
    assert words in outcome.stdout
    assert "forget_customers" in outcome.stdout or "at least 16 characters" in outcome.stdout
    assert secret is None or secret not in outcome.stdout
    assert hashed.rows("select * from segments order by 1") == before


def test_only_listed_attributes_leave_staging(hashed):
    values = [f"{text}-{number:04}" for text in UNLISTED.values() for number in SHOPPERS]
    assert found_in_tables(hashed.database, values) == {}
    assert found_in_bytes(hashed.database, values) == []
    names = hashed.rows(
        "select distinct lower(column_name) from duckdb_columns() where not internal "
        "and table_name not in ('people')"
    )
    assert {name.lower() for name in UNLISTED}.isdisjoint(name for (name,) in names)
    # ... and those that are listed do, so that the search is one that finds
    assert found_in_tables(hashed.database, ["Town 1"])


def test_published_file_shows_no_small_group_and_nobody_alone(hashed):
    hidden = 0
    with duckdb.connect(str(hashed.scratch / "published" / "segmentation.duckdb")) as file:
        assert (
            file.execute(
                "select table_name from duckdb_columns() where column_name = 'customer_id'"
            ).fetchall()
            == []
        )
        tables = {
            name for (name,) in file.execute("select table_name from duckdb_tables()").fetchall()
        }
        assert set(CELLS) <= tables
        for table, cells in CELLS.items():
            for count in cells.counts:
                shown = file.execute(
                    f"select distinct {count} from {table} where not is_suppressed and {count} > 0"
                ).fetchall()
                assert all(number >= 5 for (number,) in shown), (table, count)
            columns = [row[0] for row in file.execute(f"describe {table}").fetchall()]
            for column in set(columns) - {*cells.keys, "is_suppressed"}:
                query = f"select count({column}) from {table} where is_suppressed"
                assert file.execute(query).fetchall() == [(0,)]
            hidden += file.execute(f"select count(*) from {table} where is_suppressed").fetchone()[
                0
            ]
    assert hidden > 0
    # in the database nothing is hidden
    assert (
        hashed.value("select min(customers) from segment_attribute_profiles where customers > 0")
        < 5
    )


def test_grants_reach_the_public_tables(hashed):
    nodes = hashed.manifest()["nodes"]
    granted = {
        node["name"]: node["config"]["grants"]
        for node in nodes.values()
        if node["config"].get("grants")
    }
    assert granted == {name: config["+grants"] for name, config in GRANTS.items()}
    assert {nodes[f"model.customer_segmentation.{name}"]["access"] for name in granted} == {
        "public"
    }


def test_without_the_settings_hashed_ids_are_an_error_and_nobody_is_forgotten(hashed):
    settings = {"segmentation_pseudonymize": False, "segmentation_forget": None}
    project = replace(hashed, settings=hashed.settings | settings)
    outcome = project.dbt(*BUILD)
    assert outcome.returncode != 0
    assert "segments_snapshot remembers customers by hashed ids" in outcome.stdout
    outcome = project.dbt("run-operation", "forget_customers")
    assert outcome.returncode != 0
    assert "segmentation_forget is null: set it to a table" in outcome.stdout


@pytest.fixture(scope="module")
def forgotten(erased):
    """Return what the operation prints when it has removed some customers."""
    ids = [shopper(number) for number in FORGOTTEN]
    before = found_in_tables(erased.database, ids)
    for table in ("segments", "segments_snapshot", "transaction_lines", "rejected_transactions"):
        assert before.get(f"{table}.customer_id") or table == "rejected_transactions", table
    # every one of those who are stored is found in the bytes, so that the search is one that finds
    assert found_in_bytes(erased.database, ids[:4]) == ids[:4]
    assert found_in_bytes(erased.scratch / "published", ids[:3]) == ids[:3]
    write_forgotten(erased, FORGOTTEN)
    return run(erased, "run-operation", "forget_customers")


def test_operation_leaves_no_trace_in_tables_nor_in_the_file(erased, forgotten):
    ids = [shopper(number) for number in FORGOTTEN]
    assert found_in_tables(erased.database, ids) == {}
    assert found_in_bytes(erased.database, ids) == []
    assert not os.path.exists(f"{erased.database}.wal")
    # the others are as they were
    assert found_in_bytes(erased.database, [shopper(1)]) == [shopper(1)]
    assert erased.value("select count(*) from segments") == 47
    for sentence in (
        "segments_snapshot: 3 rows removed",
        "lines made nameless",
        "Proof: 6 customers were looked for",
        "that build publishes without them",
    ):
        assert sentence in forgotten


def test_next_build_does_not_bring_them_back(erased, forgotten):
    published = erased.scratch / "published"
    earlier = set(published.glob("segmentation-*"))
    with duckdb.connect(str(erased.database)) as connection:
        connection.execute(
            "insert into shop_segmentation.segments_snapshot "
            "select * replace ('gone' as dbt_scd_id, 'gone long ago' as customer_id, "
            "dbt_valid_from - interval 60 days as dbt_valid_from, "
            "dbt_valid_from - interval 40 days as dbt_valid_to) "
            "from shop_segmentation.segments_snapshot limit 1"
        )
    run(erased, "build", "--exclude-resource-type", "unit_test")
    ids = [shopper(number) for number in FORGOTTEN]
    assert found_in_tables(erased.database, ids) == {}
    assert found_in_bytes(erased.database, ids) == []
    # older versions held them, and are gone; the links lead to one that never did
    assert not earlier & set(published.glob("segmentation-*"))
    assert found_in_bytes(published, ids) == []
    assert found_in_tables(published / "segmentation.duckdb", ids) == {}
    files = [str(file) for file in (published / "segmentation").glob("*.parquet")]
    assert len(files) > 30
    for file in files:
        rows = duckdb.sql(f"select columns(*)::varchar from '{file}'").fetchall()
        assert not any(id_ in str(value) for row in rows for value in row for id_ in ids)
    assert erased.value("select count(*) from segments") == 47


def test_forgotten_lines_are_counted_without_a_name(erased, forgotten):
    assert erased.rows(
        "select rows_failed > 0, rows_checked from transaction_audit where check_name = 'forgotten'"
    ) == [(True, len(lines()))]
    assert erased.rows(
        "select distinct customer_id, order_id, line_id, product_id, quantity, unit_price, amount, "
        "ordered_at_text, quantity_text, unit_price_text from rejected_transactions "
        "where reject_reason = 'forgotten'"
    ) == [(None,) * 10]


def test_history_ends_after_the_days_that_are_set(erased, forgotten):
    """A stay that ended forty days ago was removed by the build that keeps thirty."""
    assert (
        erased.value("select count(*) from segments_snapshot where customer_id = 'gone long ago'")
        == 0
    )
    assert erased.value("select count(*) from segments_snapshot where dbt_valid_to is null") == 47
