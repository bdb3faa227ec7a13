"""Customers put into a segment by hand: applied, or told why not, and the model stays."""

from dataclasses import replace

import pytest
from project_runner import WITHOUT_TESTS

# ... with the tests that need no table of a later room.
OVERRIDDEN = (
    *("--indirect-selection", "buildable"),
    *("--select", "stg_overrides", "segment_overrides", "file:segments.sql", "segment_profiles"),
    *("segment_ids_are_those_of_the_model", "--exclude-resource-type", "unit_test"),
)
HEAD = "customer_id,segment_id,reason,expires_on\n"


@pytest.fixture(scope="module")
def built(demo):
    """Return the demo without overrides."""
    return demo.variant("without_overrides").build(
        "--select", "+segment_profiles", "+segment_name_checks", *WITHOUT_TESTS
    )


def with_table(built, folder, text):
    """Return a copy of the built demo that reads a table of overrides."""
    for name in ("warehouse.duckdb", "profiles.yml"):
        (folder / name).write_bytes((built.scratch / name).read_bytes())
    path = folder / "overrides.csv"
    path.write_text(text, encoding="utf-8")
    settings = {"segmentation_overrides": f"read_csv('{path}', header=true)"}
    return replace(built, scratch=folder, settings=built.settings | settings)


def test_without_a_table_nobody_is_overridden(built):
    assert built.value("select count(*) from segment_overrides") == 0
    assert built.rows(
        "select distinct segment_id = modelled_segment_id, is_overridden, override_reason, "
        "override_expires_on from segments"
    ) == [(True, False, None, None)]


def test_override_moves_the_customer_and_nothing_of_the_model(built, tmp_path):
    rows = built.rows("select customer_id from segments where segment_id = 1 order by 1 limit 2")
    (first,), (second,) = rows
    text = (
        HEAD
        + f"{first},2,Asked by sales,2026-12-31\n{second},4.0,for good,\n{first},3,x,2020-01-01\n"
    )
    project = with_table(built, tmp_path, text).build(*OVERRIDDEN)
    assert project.rows(
        "select customer_id, segment_id, modelled_segment_id, override_reason, "
        "override_expires_on::varchar from segments where is_overridden order by 1"
    ) == [(first, 2, 1, "Asked by sales", "2026-12-31"), (second, 4, 1, "for good", None)]
    model = (
        "select customer_id, modelled_segment_id, distance, runner_up_segment_id, membership, "
        "silhouette_squared_euclidean from segments order by 1"
    )
    assert project.rows(model) == built.rows(model)
    sizes = "select segment_id, customers from segment_profiles"
    before, after = dict(built.rows(sizes)), dict(project.rows(sizes))
    assert {id_: after[id_] - before[id_] for id_ in after if after[id_] != before[id_]} == {
        1: -2,
        2: 1,
        4: 1,
    }
    assert project.value("select sum(revenue) from segment_profiles") == built.value(
        "select sum(revenue) from segment_profiles"
    )


def test_bad_rows_stop_nothing_and_are_told(built, tmp_path):
    (first,), (second,) = built.rows("select customer_id from segments order by 1 limit 2")
    text = HEAD + (
        f"{first},99,x,\n{first},two,x,\n{first},1, ,\n{first},1,x,soon\nnobody,1,x,\n,1,x,\n"
        f"{second},1,a,\n{second},2,b,2027-01-01\n"
    )
    project = with_table(built, tmp_path, text).build(*OVERRIDDEN)
    assert project.rows(
        "select decision, count(*) from segment_overrides group by 1 order by 1"
    ) == [
        ("applied", 1),
        ("no reason", 1),
        ("repeated", 1),
        ("unknown customer", 2),
        ("unknown segment", 2),
        ("unreadable date", 1),
    ]
    assert project.rows("select customer_id, segment_id from segments where is_overridden") == [
        (second, 1)
    ]
    statuses = {name.split(".")[2]: status for name, status in project.results().items()}
    assert statuses["overrides_can_be_applied"] == "warn"


def test_segment_without_customers_left_is_a_warning(built, tmp_path):
    everybody = built.rows("select customer_id from segments where segment_id = 1")
    text = HEAD + "".join(f"{customer},2,moved,\n" for (customer,) in everybody)
    project = with_table(built, tmp_path, text).build(*OVERRIDDEN)
    statuses = {name.split(".")[2]: status for name, status in project.results().items()}
    assert statuses["no_segment_is_emptied_by_overrides"] == "warn"
    assert statuses["no_segment_of_the_model_is_empty"] == "pass"
    assert statuses["segment_ids_are_those_of_the_model"] == "pass"


def test_missing_column_is_named(built, tmp_path):
    project = with_table(built, tmp_path, "customer_id,segment_id,reason\nC1,1,x\n")
    outcome = project.dbt("build", *OVERRIDDEN)
    assert outcome.returncode != 0
    assert "segmentation_overrides names a table without the column expires_on" in outcome.stdout
