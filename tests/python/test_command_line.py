"""What people read at a terminal: the progress of dbt, and what a build changed."""

import io
from datetime import datetime
from types import SimpleNamespace

import duckdb
import pytest
from customer_segmentation.changes import what_changed, where_published
from customer_segmentation.progress import Progress, main

BUILDS = """
    create schema segmentation;
    create table segmentation.segment_builds (
        run_at timestamp, as_of timestamp, customers bigint, model_version integer
    );
    create table segmentation.segment_migrations (
        from_run_at timestamp, to_run_at timestamp, movement varchar, move_rank integer,
        customers bigint, from_segment_name varchar, to_segment_name varchar
    );
    create table segmentation.feature_drift (status varchar, message varchar);
    create table segmentation.segment_drift (status varchar, message varchar);
    create table segmentation.segmentation_runs (run_at timestamp, reason varchar);
    create table segmentation.publications (published_at timestamp, format varchar, file varchar);
"""
MAY, JUNE, JULY = (datetime(2025, month, 1) for month in (5, 6, 7))


@pytest.fixture
def warehouse():
    """Return a database with the tables that the sentences are made of, still empty."""
    connection = duckdb.connect()
    connection.execute(BUILDS)
    return connection


def add_build(warehouse, at, customers, reason):
    warehouse.execute(
        "insert into segmentation.segment_builds values ($1, $1, $2, 1)", [at, customers]
    )
    warehouse.execute("insert into segmentation.segmentation_runs values (?, ?)", [at, reason])


def said(warehouse):
    """Return the sentences without the breaks between their lines."""
    return " ".join(line.strip() for line in what_changed(warehouse))


def test_nothing_is_said_of_no_build(warehouse):
    assert what_changed(warehouse) == []


def test_first_build_has_nothing_to_compare_with(warehouse):
    add_build(warehouse, MAY, 1, "First fit: segment_model held no version yet.")
    assert said(warehouse) == (
        "What this build is Orders up to 2025-05-01 00:00 UTC, 1 customer. "
        "This is the first build, so nobody has moved yet. "
        "Model version 1. First fit: segment_model held no version yet. "
        "No feature and no segment size has drifted since the model was trained."
    )


def test_moves_are_those_between_the_last_two_builds(warehouse):
    for at, customers in ((MAY, 900), (JUNE, 1000), (JULY, 1005)):
        add_build(warehouse, at, customers, f"Kept in month {at.month}.")
    warehouse.execute(
        "insert into segmentation.segment_migrations values "
        # the pair that is asked for
        "($2, $3, 'stayed', null, 890, 'Loyal', 'Loyal'),"
        "($2, $3, 'moved', 1, 70, 'Loyal', 'Lost'),"
        "($2, $3, 'moved', 2, 30, 'Lost', 'Loyal'),"
        "($2, $3, 'new', null, 15, '(new)', 'Loyal'),"
        "($2, $3, 'gone', null, 10, 'Lost', '(gone)'),"
        # and two others
        "($1, $3, 'moved', 1, 500, 'Loyal', 'Champions'),"
        "($1, $2, 'moved', 1, 400, 'Loyal', 'Champions')",
        [MAY, JUNE, JULY],
    )
    warehouse.execute(
        "insert into segmentation.feature_drift values ('pass', 'x is calm.'), ('warn', 'y moved.')"
    )
    assert said(warehouse) == (
        "What changed since the last build Orders up to 2025-07-01 00:00 UTC, 1,005 customers. "
        "100 of the 1,000 customers who were there before (2025-06-01 00:00) are in another "
        "segment now (10.0%), 15 are new, 10 are gone. Most often: 70 from Loyal to Lost. "
        "Model version 1. Kept in month 7. y moved."
    )
    assert all(len(line) <= 100 for line in what_changed(warehouse))


def test_the_file_is_that_of_the_last_publication(warehouse):
    assert where_published(warehouse) == []
    warehouse.execute(
        "insert into segmentation.publications values ($1, 'duckdb', 'old'), "
        "($2, 'parquet', 'folder'), ($2, 'duckdb', 'new'), ($2, 'duckdb', 'new')",
        [MAY, JUNE],
    )
    assert where_published(warehouse) == [
        "Published: new",
        "Report: `make report` writes it from there.",
    ]


# ---------- progress


def start_of(index, total):
    node = SimpleNamespace(node_name=f"model_{index}")
    return SimpleNamespace(
        info=SimpleNamespace(level="info", name="LogStartLine"),
        data=SimpleNamespace(index=index, total=total, node_info=node),
    )


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def test_a_log_gets_a_line_at_each_quarter():
    stream = io.StringIO()
    progress = Progress(stream)
    for index in range(1, 11):
        progress(start_of(index, 10))
    assert stream.getvalue().splitlines() == [
        "3 of 10: model_3",
        "5 of 10: model_5",
        "8 of 10: model_8",
        "10 of 10: model_10",
    ]


def test_a_terminal_is_left_with_the_warnings_alone():
    stream = Terminal()
    progress = Progress(stream)
    progress(start_of(1, 2))
    warning = SimpleNamespace(info=SimpleNamespace(level="warn", name="Note", msg="Beware."))
    progress(warning)
    progress(start_of(2, 2))
    progress.end()
    # what follows the last order to erase the line, on each line of the terminal
    assert [line.rpartition("\r\033[K")[2] for line in stream.getvalue().split("\n")] == [
        "Beware.",
        "",
    ]
    assert progress.said == "Beware."


def test_a_mistake_on_the_command_line_is_said_once(capsys):
    assert main(["build", "--no-such-option"]) == 2
    assert capsys.readouterr().err.count("--no-such-option") == 1


def test_the_log_has_what_the_terminal_is_spared(root, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DBT_PROJECT_DIR", str(root))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(root))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path))
    assert main(["deps"]) == 0
    said = capsys.readouterr()
    assert "Running with dbt" not in said.out + said.err
    assert "Running with dbt" in (tmp_path / "dbt.log").read_text()
