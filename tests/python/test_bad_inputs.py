"""Every case of the catalogue of bad inputs ends as it is written there.

A bad line is kept or rejected with its reason, and every line is accounted for. A bad input or a
bad setting builds, or stops with a sentence. After a stop everything that was built before is as it
was. The last test prints the table of all cases.
"""

import os
import re
import runpy
import shutil
from collections import Counter

import pytest
from bad_inputs import (
    SOUND,
    TYPES,
    digests,
    is_as_expected,
    read_catalogue,
    sound_lines,
    table_of,
    write_input,
    write_lines,
)
from conftest import ROOT
from dbt_session import Outcome, Session, invoke
from project_runner import WITHOUT_TESTS, install

LINES = read_catalogue("lines")
SETTINGS = read_catalogue("settings")

# `make bad-inputs` runs all inputs, and tries settings by themselves too: a parse for each of them.
ALL = os.environ.get("SEGMENTATION_BAD_INPUTS") == "all"

INPUTS = [case for case in read_catalogue("inputs") if ALL or case.get("often")]

ACCOUNTS = ("transaction_audit", "rejected_transactions")
UP_TO_FEATURES = ("--select", "+feature_snapshot", *ACCOUNTS, *WITHOUT_TESTS)
UP_TO_SEGMENTS = ("--select", "+file:segments.sql", *ACCOUNTS, *WITHOUT_TESTS)

# Tables that a stopped run may add rows to; those of before must stay.
LEDGERS = {"segmentation_runs", "segment_candidates", "segment_model"}


@pytest.fixture(scope="module")
def seen():
    """Return the rows of the table of cases: group, case, expected, seen."""
    return []


@pytest.fixture(scope="module")
def shop(root, tmp_path_factory):
    """Return the project whose table the cases write, not yet built."""
    return install(
        "nightly_shop", root, tmp_path_factory.mktemp("nightly_shop"), "shop_segmentation"
    )


@pytest.fixture(scope="module")
def sessions(shop):
    """Return a function that gives the session of some settings: each is parsed once."""
    parsed = {}

    def session(settings):
        key = repr(settings)
        if key not in parsed:
            parsed[key] = Session(shop.variant(f"session_{len(parsed)}", settings))
        return parsed[key]

    return session


@pytest.fixture(scope="module")
def yesterday(shop, sessions):
    """Return the project after a whole build of the sound lines."""
    project = shop.variant("yesterday")
    write_input(project.scratch / "lines.parquet", "from clean")
    outcome = sessions({}).run(project, "build", *WITHOUT_TESTS)
    assert outcome.succeeded, outcome.text
    return project


@pytest.fixture(scope="module")
def people_read(yesterday, sessions):
    """Return the tables that people and later runs rely on, but for the counts of the input."""
    return {
        node.name
        for node in sessions({}).manifest.nodes.values()
        if node.package_name == "customer_segmentation"
        and (node.resource_type == "snapshot" or getattr(node, "access", None) == "public")
        and node.config.materialized in ("table", "incremental", "snapshot")
        and not node.path.startswith("quality")
    }


@pytest.fixture(scope="module")
def standing(yesterday, people_read):
    """Return a function that says which tables are no longer what they were."""
    before = digests(yesterday, people_read)
    assert all(before[name] for name in ("segments", "segment_model", "segments_snapshot"))

    def harmed(project):
        after = digests(project, people_read)
        return [
            name
            for name in sorted(people_read)
            if (
                Counter(before[name]) - Counter(after[name])
                if name in LEDGERS
                else before[name] != after[name]
            )
        ]

    return harmed


def copy_of(yesterday, name, settings=(), **engine):
    project = yesterday.variant(name, settings, **engine)
    shutil.copy(yesterday.database, project.database)
    return project


# ---------- lines


@pytest.fixture(scope="module")
def tables(shop, sessions):
    """Return the project built on each table of lines, by name."""
    projects = {}
    for entry in LINES:
        project = shop.variant(entry["table"].replace(" ", "_"), **entry.get("engine", {}))
        types = dict.fromkeys(TYPES, "varchar") | entry.get("types", {})
        write_lines(project.scratch / "lines.parquet", dirt_of(entry) + sound_lines(), types)
        # the table of text, which has most cases, with all the tests that ship with the package
        selection = () if entry["table"] == "text" else UP_TO_FEATURES
        outcome = sessions({}).run(project, "build", *selection)
        assert outcome.succeeded, outcome.text
        projects[entry["table"]] = project
    return projects


@pytest.fixture(scope="module")
def judged(tables):
    """Return the judged lines of each table as dicts of column to value, by table and case."""
    columns = (
        *("product_id", "reject_reason", "customer_id", "order_id", "ordered_at"),
        *("quantity", "unit_price", "amount", "is_return"),
    )
    lines = {}
    for table, project in tables.items():
        for row in project.rows(f"select {', '.join(columns)} from stg_transactions"):
            lines.setdefault((table, row[0]), []).append(dict(zip(columns, row, strict=True)))
    return lines


def dirt_of(entry):
    return [
        SOUND | {"product_id": case["case"]} | line
        for case in entry["cases"]
        for line in case.get("lines") or [case["line"]]
    ]


def reasons_of(case):
    given = case.get("rejected", [])
    return [given] if isinstance(given, str) else given


def kept_of(case):
    kept = case.get("kept", 0)
    return kept if isinstance(kept, int) else 1


@pytest.mark.parametrize(
    ("table", "case"),
    [
        pytest.param(entry["table"], case, id=f"{entry['table']}: {case['case']}")
        for entry in LINES
        for case in entry["cases"]
    ],
)
def test_line_is_judged_as_it_should_be(judged, seen, table, case):
    found = judged[table, case["case"]]
    kept = [line for line in found if line["reject_reason"] is None]
    reasons = sorted(line["reject_reason"] for line in found if line not in kept)
    expected = [f"{kept_of(case)} kept"] * bool(kept_of(case)) + sorted(reasons_of(case))
    seen.append(
        (
            f"line: {table}",
            case["case"],
            ", ".join(expected),
            ", ".join([f"{len(kept)} kept"] * bool(kept) + reasons),
        )
    )
    assert len(kept) == kept_of(case)
    assert reasons == sorted(reasons_of(case))
    for column, value in case["kept"].items() if isinstance(case.get("kept"), dict) else ():
        assert is_as_expected(kept[0][column], value), column


@pytest.mark.parametrize("entry", LINES, ids=[entry["table"] for entry in LINES])
def test_every_line_is_accounted_for(tables, entry):
    project = tables[entry["table"]]
    rejected = Counter(reason for case in entry["cases"] for reason in reasons_of(case))
    counted = project.rows(
        "select check_name, rows_failed from transaction_audit "
        "where rows_failed > 0 and check_name in (select reject_reason from rejected_transactions)"
    )
    assert dict(counted) == rejected
    assert (
        dict(project.rows("select reject_reason, count(*) from rejected_transactions group by all"))
        == rejected
    )
    lines = len(dirt_of(entry)) + len(sound_lines())
    assert accounts(project) == (lines, rejected.total())
    kept = project.value("select count(*) from stg_transactions where reject_reason is null")
    assert kept == lines - rejected.total()


def test_everybody_who_bought_is_in_a_segment(tables):
    buyers = tables["text"].rows(
        "select distinct customer_id from stg_transactions "
        "where reject_reason is null and not is_return order by customer_id"
    )
    assert tables["text"].rows("select customer_id from segments order by customer_id") == buyers
    assert len(buyers) > 50


def test_ids_that_look_alike_are_not_taken_for_one(tables):
    found = tables["text"].rows("select customer_id from segments")
    for alike in [
        ("7", "007"),
        ("abc-7", "ABC-7"),
        ("Zo\u00eb", "Zoe\u0308"),
        ("C7", "\u04217"),
        ("7", "7\u202e8"),
    ]:
        assert {(name,) for name in alike} <= set(found)


def accounts(project):
    """Return lines and rejected lines of the audit."""
    ((checked, failed),) = project.rows(
        "select rows_checked, rows_failed from transaction_audit where check_name = 'kept_lines'"
    )
    return checked, failed


# ---------- whole inputs


def write_case(path, case):
    """Write the table of a case, and return its number of rows; None if it is no table."""
    if "text" in case:
        path.write_text(case["text"], encoding="utf-8")
        return None
    if case["input"] is None:
        return None
    numbers = ", ".join(f"{number} as extra_{number}" for number in range(case.get("columns", 0)))
    return write_input(path, case["input"].replace("{columns}", numbers))


@pytest.mark.parametrize("case", INPUTS, ids=[case["case"] for case in INPUTS])
def test_input_ends_as_it_should(yesterday, sessions, standing, seen, tmp_path_factory, case):
    settings = case.get("settings", {})
    project = copy_of(yesterday, re.sub(r"\W+", "_", case["case"]), settings)
    rows = write_case(project.scratch / "lines.parquet", case)
    selection = UP_TO_SEGMENTS if case.get("model") else UP_TO_FEATURES
    outcome = sessions(settings).run(project, "build", *selection)

    if "stops" in case:
        expected = "stops: " + " … ".join(case["stops"])
        lines = outcome.lines_with(case["stops"])
        seen.append(("input", case["case"], expected, "stopped" if not outcome.succeeded else "-"))
        assert not outcome.succeeded
        assert lines, outcome.text
        assert standing(project) == []
        return

    expected = {name: case.get(name) for name in ("kept", "rejected", "customers", "segments")}
    assert outcome.succeeded, outcome.text
    checked, failed = accounts(project)
    reasons = dict(
        project.rows("select reject_reason, count(*) from rejected_transactions group by all")
    )
    table = "segments" if case.get("model") else "feature_snapshot"
    found = {
        "kept": checked - failed,
        "rejected": reasons,
        "customers": project.value(f"select count(*) from {table}"),
        "segments": project.value("select count(distinct segment_id) from segments")
        if case.get("model")
        else None,
    }
    seen.append(("input", case["case"], in_words(expected), in_words(found)))
    assert checked == rows
    assert failed == sum(reasons.values())
    assert found["rejected"] == case.get("rejected", {})
    for name in ("kept", "customers", "segments"):
        assert expected[name] in (None, found[name]), name
    if case.get("model"):
        assert project.rows("select model_version from segments group by all") == project.rows(
            "select max(model_version) from segment_model"
        )


def in_words(outcome):
    """Return what is known of a build in one line."""
    return ", ".join(
        f"{value} {name}" if not isinstance(value, dict) else f"{name} {value}"
        for name, value in outcome.items()
        if value
    )


# ---------- settings


def groups_of_settings():
    for entry in SETTINGS:
        yield pytest.param(entry["cases"], id=entry["group"])
        if ALL:
            for case in entry["cases"]:
                yield pytest.param([case], id=f"{entry['group']}: {case['case']}")


def groups_of_wrong_kinds():
    """Give every setting of the catalogue a value of a kind that hardly one takes."""
    names = {
        entry["name"]: entry["type"]
        for group in runpy.run_path(str(ROOT / "docs" / "settings_table.py"))["read_catalog"]()
        for entry in group["settings"]
    }
    for what, value, shown, takers in [
        ("a mapping", {"a": 1}, '{"a": 1}', {"mapping"}),
        ("a list of lists", [[1], {"b": 2}], '[[1], {"b": 2}]', set()),
        ("less than nought", -1.5, "-1.5", set()),
    ][: None if ALL else 1]:
        cases = [
            {
                "case": f"segmentation_{name} is {what}",
                "vars": {f"segmentation_{name}": value},
                "says": [f"segmentation_{name} is {shown}: it must be "],
            }
            for name, kind in names.items()
            if kind not in takers
        ]
        yield pytest.param(cases, id=f"every setting {what}")


@pytest.mark.parametrize("cases", [*groups_of_settings(), *groups_of_wrong_kinds()])
def test_setting_is_named_with_what_is_wanted(yesterday, standing, seen, request, cases):
    settings = {}
    for case in cases:
        assert not settings.keys() & case["vars"].keys(), "two cases of one setting in a group"
        settings |= case["vars"]
    project = copy_of(yesterday, re.sub(r"\W+", "_", request.node.callspec.id), settings)
    write_input(project.scratch / "lines.parquet", "from clean")
    result, text = invoke(project, ["build", *UP_TO_SEGMENTS])
    outcome = Outcome(result.success, text)

    found = {case["case"]: outcome.lines_with(case["says"]) for case in cases}
    for case in cases:
        lines = found[case["case"]]
        seen.append(
            ("setting", case["case"], "stops: " + " … ".join(case["says"]), (lines or ["-"])[0])
        )
    assert not outcome.succeeded
    assert {name: len(lines) for name, lines in found.items()} == dict.fromkeys(found, 1), text
    for (line,) in found.values():
        assert line.endswith("."), line
    assert "Traceback" not in text
    assert standing(project) == []


# ---------- the table


def test_catalogue_is_as_long_as_it_should_be(seen, capsys):
    if len(seen) < 100:
        pytest.skip("only some of the cases were run")
    with capsys.disabled():
        print("\n" + table_of(seen))
        print(f"{len(seen)} cases, {sum(row[3] == '-' for row in seen)} not as expected")
    assert all(row[3] != "-" for row in seen)
