"""Mistakes get one sentence that names the remedy, and leave yesterday's segments in place."""

import re
import shutil
from dataclasses import dataclass, replace

import pytest
import yaml
from corner_shop import clean_lines, write_lines
from project_runner import UP_TO_AUDIT, UP_TO_SEGMENTS, install, read_yaml, together


@dataclass(frozen=True)
class Mistake:
    """Settings that cannot work, or a table that cannot, and what dbt must say to it.

    Attributes
    ----------
    settings : dict
    sentences : tuple of tuples of str. For each line of the message the words that must stand in
        it, in their order: what is wrong, what is wanted, what to do.
    lines : list of dict. The table; None is the one of yesterday.
    """

    settings: dict
    sentences: tuple
    lines: list | None = None


COLUMNS = '("group", "order", "Customer ID", Time, raw, Quantity, "price per unit")'
MISTAKES = {
    "missing columns": Mistake(
        {"segmentation_customer_id": "CustomerNumber", "segmentation_channel": "till"},
        (
            ("segmentation_customer_id is", "has no column CustomerNumber", "set it to", COLUMNS),
            ("segmentation_channel is", "has no column till", "set it to", COLUMNS, "or to null"),
        ),
    ),
    "unknown, out of range, of another type": Mistake(
        {
            "segmentation_kmax": 5,
            "segmentation_k": 1,
            "segmentation_n_init": "ten",
            "segmentation_returns": "gross",
            "segmentation_k_min": "3",
            "segmentation_as_of": "2025-02-30",
            "segmentation_winsorize_quantiles": [0.5, 0.5],
            "segmentation_incremental": "yes",
            "segmentation_semantic_layer": "no",
            "segmentation_pseudonymize": "maybe",
            "segmentation_history_days": 0,
            "segmentation_min_cell": -1,
        },
        (
            (
                "segmentation_kmax is not a setting",
                "rename it to segmentation_k_max",
                "or remove it",
            ),
            ("segmentation_k is 1", "must be a whole number from 2 to 100", "change it"),
            ("segmentation_n_init is", "ten", "must be a whole number from 1 to 1000", "change it"),
            ("segmentation_k_min is", '"3"', "must be a whole number", "change it"),
            ("segmentation_as_of is", "2025-02-30", "must be a date", "change it"),
            ("segmentation_winsorize_quantiles is", "must be 2 rising numbers", "change it"),
            ("segmentation_incremental is", '"yes"', "must be true or false", "change it"),
            ("segmentation_semantic_layer is", '"no"', "must be true or false", "change it"),
            ("segmentation_pseudonymize is", '"maybe"', "must be true or false", "change it"),
            ("segmentation_history_days is 0", "must be a whole number of at least 1", "change it"),
            ("segmentation_min_cell is -1", "must be a whole number of at least 0", "change it"),
            ("segmentation_returns is", "gross", "must be one of net, ignore", "change it"),
        ),
    ),
    "missing columns of the customers": Mistake(
        {
            "segmentation_customers": "read_parquet('lines.parquet')",
            "segmentation_customers_key": "member",
            "segmentation_consent_when": "agreed = 'yes'",
        },
        (
            (
                "segmentation_customers_key is",
                "segmentation_customers has no column member",
                COLUMNS,
            ),
            ("segmentation_consent_when is", "has no column agreed", "set it to", COLUMNS),
        ),
    ),
    "contradictory": Mistake(
        {"segmentation_k_min": 9, "segmentation_consent_when": "has_agreed"},
        (
            ("segmentation_k_min is 9", "segmentation_k_max is 8", "lower it, raise k_max"),
            ("segmentation_consent_when", "segmentation_customers is null", "set it too"),
        ),
    ),
    "more segments than customers": Mistake(
        {"segmentation_k": 60},
        (("segmentation_k is 60", "only 50 customers", "lower segmentation_k to at most 49"),),
    ),
    "more segments than different customers": Mistake(
        {"segmentation_k": 40, "segmentation_features": ["frequency"]},
        (("segmentation_k is 40", "only 15", "lower"),),
    ),
    "an empty table": Mistake(
        {},
        (("The relation in segmentation_transactions has no rows", "point it at a table"),),
        [],
    ),
}


def lines_with(words, output):
    """Return the lines of the output in which the words stand in this order."""
    pattern = ".*".join(map(re.escape, words))
    return [line for line in output.splitlines() if re.search(pattern, line)]


@pytest.fixture(scope="module")
def yesterday(corner_shop):
    """Return the project after a build of the clean table."""
    project = corner_shop.variant("yesterday")
    write_lines(project, clean_lines())
    return project.build(*UP_TO_SEGMENTS)


@pytest.fixture(scope="module")
def outcomes(yesterday):
    """Return the project, and what dbt printed, after each mistake; by name."""

    def build(name, mistake):
        project = yesterday.variant(name.replace(" ", "_"), mistake.settings)
        shutil.copy(yesterday.database, project.database)
        write_lines(project, clean_lines() if mistake.lines is None else mistake.lines)
        return project, project.dbt("build", *UP_TO_SEGMENTS)

    runs = [lambda pair=pair: build(*pair) for pair in MISTAKES.items()]
    return dict(zip(MISTAKES, together(*runs), strict=True))


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_named_with_its_remedy(outcomes, name):
    _, outcome = outcomes[name]
    assert outcome.returncode != 0
    for words in MISTAKES[name].sentences:
        (line,) = lines_with(words, outcome.stdout)
        assert line.endswith(".")
        assert not re.search(r"[.?!] [A-Z]", line), "more than one sentence"


@pytest.mark.parametrize("name", MISTAKES)
def test_segments_of_yesterday_are_still_there(outcomes, yesterday, name):
    project, _ = outcomes[name]
    assert yesterday.value("select count(*) from segments") == 50
    assert project.csv() == yesterday.csv()
    query = "select * from segment_model"
    assert project.rows(query) == yesterday.rows(query)


def test_next_build_succeeds_and_leaves_nothing_behind(yesterday, outcomes):
    project, _ = outcomes["missing columns"]
    mended = replace(project, settings=yesterday.settings).build(*UP_TO_SEGMENTS)
    assert mended.csv() == yesterday.csv()
    assert mended.rows("select table_name from duckdb_tables() where table_name like '%tmp%'") == []


def test_failed_audit_can_be_read(outcomes):
    project, _ = outcomes["an empty table"]
    failed = project.rows("select check_name from transaction_audit where status = 'error'")
    assert failed == [("input_has_lines",)]


def test_wrong_mapping_is_named_with_the_columns_there_are(root, tmp_path):
    project = install("wrong_mapping", root, tmp_path, "analytics_segmentation").variant("built")
    write_lines(project, clean_lines())
    outcome = project.dbt("build")
    assert outcome.returncode != 0
    words = ("segmentation_order_id is", "has no column invoice_number", "set it to", COLUMNS)
    (line,) = lines_with(words, outcome.stdout)
    assert line.endswith(".")
    assert len(lines_with(["segmentation_", "has no column"], outcome.stdout)) == 1


def test_setting_in_the_scope_of_another_project_is_not_ignored(root, tmp_path):
    project = install("wrong_mapping", root, tmp_path, "analytics_segmentation").variant("built")
    file = project.folder / "dbt_project.yml"
    content = read_yaml(file)
    content["vars"][content["name"]] = {"segmentation_k": 5}
    file.write_text(yaml.safe_dump(content))
    outcome = project.dbt("build")
    assert outcome.returncode != 0
    words = ("segmentation_k stands in the vars of", content["name"], "move it to")
    (line,) = lines_with(words, outcome.stdout)
    assert line.endswith(".")


def test_back_test_is_no_broken_load(yesterday):
    # Most of the lines lie after this date: too many to be taken for errors, had nobody asked.
    project = yesterday.variant("back_test", {"segmentation_as_of": "2024-06-01"})
    write_lines(project, clean_lines())
    project.build(*UP_TO_AUDIT)
    counted = project.rows(
        "select rows_failed * 2 > rows_checked, status from transaction_audit "
        "where check_name in ('date_after_as_of', 'rejected_share_fail') order by position"
    )
    assert counted == [(True, "pass"), (False, "pass")]
