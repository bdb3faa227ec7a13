"""What `segmentation_incremental` remembers is what one build at the end would find.

The internal columns that say when a line was read differ, of course; every other column of every
table is compared exactly. Online Retail comes in as many loads as SEGMENTATION_LOADS says: 10, or
its 305 days.
"""

import json
import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from corner_shop import clean_lines, write_lines
from project_runner import UP_TO_AUDIT, WITHOUT_TESTS, together

TABLES = (
    "transaction_ledger",
    "transaction_audit",
    "rejected_transactions",
    "observation_window",
    "customer_orders",
    "customer_assortment",
    "feature_snapshot",
)
UP_TO_FEATURES = ("--select", "+feature_snapshot", "rejected_transactions", *WITHOUT_TESTS)
WHEN_READ = ("loaded_at", "last_purchase_line_at")

# With everything that can change the verdict on an old line.
SETTINGS = {
    "segmentation_incremental": True,
    "segmentation_incremental_lookback_days": 20,
    "segmentation_lookback_days": 500,
    "segmentation_drop_exact_duplicates": True,
    "segmentation_customers": "read_parquet('people.parquet')",
    "segmentation_customers_key": "id",
    "segmentation_consent_when": "consents",
}


def write_people(project, without_consent):
    """Write the table of customers, of whom the named do not consent."""
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select id, id not in (select unnest(?)) as consents from range(1, 51) as t(id)) "
            f"to '{project.scratch / 'people.parquet'}'",
            [without_consent],
        )


def contents(project, tables=TABLES):
    """Return all rows of some tables, without the columns that say when a line was read."""
    found = {}
    for table in tables:
        columns = [
            name for (name, *_) in project.rows(f"describe {table}") if name not in WHEN_READ
        ]
        # how stale the data are depends on the hour of the build
        rows = project.rows(
            f"select {', '.join(columns)} from {table} "
            + ("where check_name != 'orders_are_fresh' " if table == "transaction_audit" else "")
        )
        found[table] = columns, sorted(map(repr, rows))
    return found


def assert_same(one, other):
    for table, (columns, rows) in one.items():
        assert other[table][0] == columns, table
        assert other[table][1] == rows, table


def history():
    """Return the lines of the shop in the order of their dates."""
    return sorted(clean_lines(), key=lambda line: (line["Time"], int(line["group"])))


def far_off():
    """Return a line of the future: the time of the rejected moves nothing."""
    return {**history()[0], "group": "9004", "Time": "2062-01-01"}


def after_a_month():
    """Return those lines as the shop has them later: new, late, corrected, deleted, repeated."""
    lines = history()
    known, recent, new = lines[:-40], lines[-48:-40], lines[-40:]
    corrected = {**recent[0], "Quantity": "9"}
    moved = {**recent[1], "Customer ID": recent[2]["Customer ID"]}
    deleted = recent[3]
    spread = {**known[5], "group": "9001", "Time": new[3]["Time"]}
    repeated = {**known[7], "Time": new[5]["Time"]}
    repeated_among_new = {**new[6], "Time": new[9]["Time"]}
    late = {**recent[4], "group": "9002", "order": "880001"}
    exact = {**recent[5], "group": None}
    dateless = {**new[0], "group": "9003", "Time": None}
    kept = [line for line in known if line not in (recent[0], recent[1], deleted)]
    return [
        *kept,
        *(corrected, moved, spread, repeated, repeated_among_new, late),
        *(exact, exact, dateless, far_off(), *new),
    ]


@pytest.fixture(scope="module")
def grown(corner_shop):
    """Return the shop that was loaded twice, and one that was built once at the end."""
    grown = corner_shop.variant("grown", SETTINGS)
    write_lines(grown, [*history()[:-40], far_off()], Time="timestamp")
    write_people(grown, [3, 4, 5])
    grown.build(*UP_TO_FEATURES)
    before = grown.rows("select loaded_at, count(*) from transaction_lines group by loaded_at")
    once = corner_shop.variant("once", SETTINGS | {"segmentation_incremental": False})
    for project in (grown, once):
        write_lines(project, after_a_month(), Time="timestamp")
        write_people(project, [4, 5, 6, 7])
    together(lambda: grown.build(*UP_TO_FEATURES), lambda: once.build(*UP_TO_FEATURES))
    assert len(before) == 1
    return grown, once, before[0][0]


def test_second_load_reads_only_what_is_new(grown):
    project, _, first_load = grown
    kept = project.value(f"select count(*) from transaction_lines where loaded_at = '{first_load}'")
    assert kept > len(history()) / 2
    assert project.value("select count(distinct loaded_at) from transaction_lines") == 2


def test_second_load_gives_the_tables_of_one_build(grown):
    project, once, _ = grown
    assert_same(contents(project), contents(once))


def test_every_kind_of_change_took_part(grown):
    """The comparison says nothing about a verdict that no line has."""
    project, _, first_load = grown
    reasons = dict(project.rows("select reject_reason, count(*) from transaction_lines group by 1"))
    assert {"duplicate_line", "exact_duplicate", "no_consent", "outside_lookback"} <= set(reasons)
    assert {"missing_date", "date_after_as_of"} <= set(reasons)
    assert project.value("select count(*) from customer_orders where lines > 1") >= 1
    (newly_outside,) = project.rows(
        "select count(*), max(ordered_at) < max(max(ordered_at)) over () from transaction_lines "
        f"where reject_reason = 'outside_lookback' and loaded_at > '{first_load}'"
    )
    assert newly_outside[0] > 0


def test_full_refresh_changes_nothing(grown):
    project, _, _ = grown
    tables = (*TABLES, "transaction_lines")
    before = contents(project, tables)
    project.build("--full-refresh", *UP_TO_FEATURES)
    assert project.value("select count(distinct loaded_at) from transaction_lines") == 1
    assert_same(before, contents(project, tables))


def test_changed_setting_reads_every_line_again(grown, corner_shop):
    project, once, _ = grown
    changed = {"segmentation_exclude_when": "raw = 'tea'"}
    loaded = replace(project, settings=project.settings | changed)
    built = replace(once, settings=once.settings | changed)
    together(lambda: loaded.build(*UP_TO_FEATURES), lambda: built.build(*UP_TO_FEATURES))
    assert loaded.value("select count(distinct loaded_at) from transaction_lines") == 1
    assert_same(contents(loaded), contents(built))


def test_line_that_comes_too_late_fails_the_build_until_the_look_back_is_raised(corner_shop):
    """The lines are counted in your table each time, so that nothing is lost in silence."""
    project = corner_shop.variant("too_late", {"segmentation_incremental": True})
    count = ("test", "--select", "input_lines_are_all_counted")
    lines = history()
    write_lines(project, lines[:10] + lines[11:])
    alone = project.dbt("run", "--select", "transaction_lines")
    assert alone.returncode != 0
    assert "select +transaction_lines" in alone.stdout
    project.build(*UP_TO_AUDIT)
    write_lines(project, lines)
    project.build(*UP_TO_AUDIT)
    outcome = project.dbt(*count)
    assert outcome.returncode == 1
    assert "FAIL 1 input_lines_are_all_counted" in outcome.stdout
    raised = {"segmentation_incremental_lookback_days": 1000}
    again = replace(project, settings=project.settings | raised).build(*UP_TO_AUDIT)
    assert again.value("select sum(lines) from transaction_ledger") == len(lines)


def test_day_by_day_gives_the_tables_of_one_build(
    online_retail, online_retail_built, real_data, tmp_path
):
    archive = real_data / "online_retail" / "by_day_original.tar.gz"
    if not archive.exists():
        pytest.skip(f"no daily files: {archive} is missing")
    with tarfile.open(archive) as days:
        days.extractall(tmp_path, filter="data")
    types = {
        "InvoiceNo": "varchar",
        "StockCode": "varchar",
        "Description": "varchar",
        "Quantity": "integer",
        "InvoiceDate": "timestamp",
        "UnitPrice": "double",
        "CustomerID": "double",
        "Country": "varchar",
    }
    project = online_retail.variant(
        "by_day",
        {
            "segmentation_incremental": True,
            "segmentation_transactions": f"read_csv('days/*.csv', header = true, types = {types})",
        },
    )
    loads = os.environ.get("SEGMENTATION_LOADS", "10")
    outcome = subprocess.run(
        [
            *(sys.executable, Path(__file__).with_name("daily_loads.py")),
            *(project.folder, tmp_path / "byday", loads, json.dumps(project.settings)),
            *("--select", "+customer_orders", "customer_assortment"),
        ],
        cwd=project.scratch,
        env={
            **os.environ,
            **project.environment,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_PROFILES_DIR": str(project.scratch),
            "DBT_TARGET_PATH": str(project.scratch / "target"),
            "DBT_LOG_PATH": str(project.scratch / "logs"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout
    # a load of one day reads the days before it again, which then have its moment
    moments = project.value("select count(distinct loaded_at) from transaction_lines")
    assert int(loads) / 2 < moments <= int(loads)
    project.build("--exclude-resource-type", "unit_test")
    assert_same(contents(project), contents(online_retail_built))
    assert project.csv() == online_retail_built.csv()
