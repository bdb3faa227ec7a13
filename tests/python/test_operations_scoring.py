"""Scoring by the registry alone: exported to other databases, compared, refused."""

import re
import shutil
import sqlite3

import duckdb
import pandas as pd
import pytest
from project_runner import UP_TO_SEGMENTS
from sklearn.metrics import adjusted_rand_score

# Everything that the default settings leave out: categories, gaps filled by a regression, a power
# transform, a projection, weights and offsets.
EVERYTHING = {
    "segmentation_features": [
        "recency_days",
        "frequency",
        "monetary",
        "spend_trend",
        "mean_days_between_orders",
        "country",
        "favourite_channel",
        "age",
    ],
    "segmentation_transform": "yeo_johnson",
    "segmentation_imputation": "regression",
    "segmentation_pca_variance": 0.9,
    "segmentation_algorithm": "gmm",
    "segmentation_k": 4,
    "segmentation_min_segment_share": 0,
    "segmentation_stability_runs": 0,
}


def operate(project, name, arguments="{}"):
    """Return what an operation prints."""
    outcome = project.dbt("--quiet", "run-operation", name, "--args", arguments)
    assert outcome.returncode == 0, outcome.stdout
    return outcome.stdout


def segments(project):
    """Return the segment of each customer, sorted by customer."""
    return project.rows("select customer_id, segment_id from segments order by customer_id")


def in_sqlite(project, select):
    """Return the result of a select in SQLite, over a copy of customer_features."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("select ln(2.0), power(2.0, 0.5)")
    except sqlite3.OperationalError:
        pytest.skip("this SQLite was built without its mathematical functions")
    project.frame("select * from customer_features").to_sql(
        "customer_features", connection, index=False
    )
    return sorted(connection.execute(select).fetchall())


@pytest.fixture(scope="module")
def exported(online_retail_built):
    """Return the select that stands for the model of Online Retail."""
    return operate(online_retail_built, "export_model")


@pytest.fixture(scope="module")
def everything(demo):
    """Return the demo, segmented with what the defaults leave out."""
    return demo.variant("everything", EVERYTHING).build(*UP_TO_SEGMENTS)


@pytest.fixture(scope="module")
def refitted(online_retail_built):
    """Return Online Retail with a second version, which has five segments."""
    project = online_retail_built.variant("refitted", {"segmentation_k": 5})
    shutil.copy(online_retail_built.database, project.database)
    return project.build(*UP_TO_SEGMENTS)


def test_exported_select_gives_the_segments_in_duckdb(online_retail_built, exported):
    assert sorted(online_retail_built.rows(exported)) == segments(online_retail_built)


def test_exported_select_gives_the_segments_in_sqlite(online_retail_built, exported):
    assert in_sqlite(online_retail_built, exported) == segments(online_retail_built)


def test_exported_select_needs_nothing_but_arithmetic(exported):
    code = re.sub(r"--[^\n]*", "", exported)
    called = set(re.findall(r"\b([a-z_]+)\(", code))
    assert called <= {"abs", "cast", "coalesce", "ln", "power", "row_number"}
    assert not set("[]{};") & set(code)


def test_exported_mixture_with_categories_and_projection_gives_the_segments(everything):
    select = operate(everything, "export_model")
    assert len(set(dict(segments(everything)).values())) == 4
    assert sorted(everything.rows(select)) == segments(everything)
    assert in_sqlite(everything, select) == segments(everything)


def test_exported_select_reads_the_table_it_is_told(everything):
    select = operate(everything, "export_model", "{relation: crm.people}")
    with duckdb.connect() as connection:
        people = everything.frame("select * from customer_features")  # noqa: F841
        connection.execute("create schema crm")
        connection.execute("create table crm.people as select * from people")
        assert sorted(connection.execute(select).fetchall()) == segments(everything)


def test_older_version_can_be_exported(online_retail_built, refitted):
    first = operate(refitted, "export_model", "{version: 1}")
    assert sorted(refitted.rows(first)) == segments(online_retail_built)
    newest = operate(refitted, "export_model")
    assert sorted(refitted.rows(newest)) == segments(refitted) != segments(online_retail_built)


def test_comparison_agrees_with_pandas_and_scikit_learn(online_retail_built, refitted):
    printed = operate(refitted, "compare_models", "{version: 1, other_version: 2}")
    own = pd.Series(dict(segments(online_retail_built)))
    other = pd.Series(dict(segments(refitted)))
    assert (own.index == other.index).all()

    table = pd.crosstab(own, other, margins=True)
    lines = [line.split() for line in printed.splitlines()]
    start = next(i for i, line in enumerate(lines) if line[:1] == ["segment"])
    assert lines[start] == ["segment", *map(str, table.columns[:-1]), "all"]
    for line, (segment, row) in zip(lines[start + 1 :], table.iterrows(), strict=False):
        assert line == [str(segment).lower(), *map(str, row)]

    (index,) = re.findall(r"Adjusted Rand index (-?[\d.]+):", printed)
    assert float(index) == pytest.approx(adjusted_rand_score(own, other), abs=5e-5)
    (moved, customers) = re.findall(r"(\d+) of (\d+) customers move", printed)[0]
    assert (int(moved), int(customers)) == ((own != other).sum(), len(own))
    flows = re.findall(r"(\d+) from segment (\d+) to segment (\d+)", printed)
    assert sum(int(flow[0]) for flow in flows) == int(moved)
    assert all(int(table.loc[int(a), int(b)]) == int(n) for n, a, b in flows)


def test_card_is_printed_with_the_figures_of_the_tables(online_retail_built):
    printed = operate(online_retail_built, "segmentation_card")
    sections = online_retail_built.rows("select markdown from segmentation_card order by position")
    assert printed.strip() == "\n\n".join(text for (text,) in sections)
    headings = re.findall(r"^## (.*)$", printed, re.MULTILINE)
    assert headings == [
        *("Data", "Cleaning", "Features", "Algorithm", "Quality", "Segments", "Value", "Limits")
    ]
    lines = set(printed.splitlines())
    for id_, name, customers, share in online_retail_built.rows(
        "select segment_id, segment_name, customers, customer_share from segment_profiles"
    ):
        assert any(
            line.startswith(f"| {id_} | {name} | {customers} | {100 * share:.1f} % |")
            for line in lines
        )
    for (predicate,) in online_retail_built.rows("select predicate from segment_rules"):
        assert f"| `{predicate}` |" in printed
    for name, failed in online_retail_built.rows(
        "select replace(check_name, '_', ' '), rows_failed from transaction_audit "
        "where rows_failed > 0 and position < 100"
    ):
        assert any(line.startswith(f"| {name} | {failed} |") for line in lines)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("compare_models", "{version: 1, other_version: 9}"),
        ("export_model", "{version: 9}"),
    ],
)
def test_unknown_version_is_refused_with_those_there_are(online_retail_built, operation, arguments):
    outcome = online_retail_built.dbt("run-operation", operation, "--args", arguments)
    assert outcome.returncode != 0
    assert (
        f"{operation} was asked for version 9, but segment_model holds 1: name one that is there"
        in outcome.stdout
    )


def test_version_whose_attribute_is_gone_is_refused(everything):
    project = everything.variant(
        "without_age",
        {"segmentation_attributes": [], "segmentation_features": ["frequency", "monetary"]},
    )
    shutil.copy(everything.database, project.database)
    outcome = project.dbt("run", "--select", "customer_features+1", "segment_assignments")
    assert outcome.returncode != 0
    assert (
        "Model version 1 was fitted on age, which customer_features does not have now: name it in "
        "segmentation_attributes again" in outcome.stdout
    )


def test_date_is_no_feature(demo):
    settings = {
        "segmentation_attributes": ["signed_up_on"],
        "segmentation_features": ["signed_up_on"],
    }
    outcome = demo.variant("dated", settings).dbt("build", *UP_TO_SEGMENTS)
    assert outcome.returncode != 0
    assert (
        "segmentation_features holds 'signed_up_on', which is date in customer_features: a feature "
        "must be a number, true or false, or a category in words" in outcome.stdout
    )
