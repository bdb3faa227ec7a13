"""Small groups are hidden, with whatever they could be told from by subtraction."""

import duckdb
import pytest
from customer_segmentation.suppression import CELLS, Cells, hidden_cells
from hypothesis import given, settings
from hypothesis import strategies as st
from project_runner import read_yaml

GRID = Cells(("customers",), ("a", "b"), (("a",), ("b",)))


def shown(rows, smallest, cells=GRID):
    """Return the rows of a grid that are still there, as a dict of key to number of customers."""
    values = ", ".join(f"({a}, {b}, {n})" for (a, b), n in rows.items())
    select = f"select *, customers * 10 as revenue from (values {values}) t(a, b, customers)"
    segments = "select 1 as segment_id from range(100)"
    query = hidden_cells(select, ["a", "b", "customers", "revenue"], cells, smallest, segments)
    found = duckdb.sql(query).fetchall()
    assert len(found) == len(rows)
    for *_, customers, revenue, is_suppressed in found:
        assert (customers is None) == (revenue is None) == is_suppressed
    return {(a, b): customers for a, b, customers, *_ in found if customers is not None}


def lines_with_one_missing(rows, left):
    """Return the rows and columns of a grid whose total gives a hidden part away."""
    lines = {(place, key[place]) for key in rows for place in (0, 1)}
    return [
        (place, part)
        for place, part in sorted(lines)
        if sum(key not in left for key in rows if key[place] == part) == 1
        and any(rows[key] for key in left if key[place] == part)
    ]


def test_small_cell_is_hidden_and_an_empty_one_is_not():
    rows = {(1, 1): 4, (1, 2): 0, (1, 3): 50, (1, 4): 60}
    cells = Cells(("customers",), ("a", "b"))
    assert shown(rows, 5, cells) == {(1, 2): 0, (1, 3): 50, (1, 4): 60}


def test_single_hidden_cell_takes_the_next_smallest_with_it():
    rows = {(1, 1): 4, (1, 2): 0, (1, 3): 50, (1, 4): 60}
    assert shown(rows, 5, Cells(("customers",), ("a", "b"), (("a",),))) == {(1, 2): 0, (1, 4): 60}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=12, max_size=12),
    st.integers(2, 10),
)
def test_no_total_gives_a_hidden_cell_away(numbers, smallest):
    """Of no row and no column of a grid exactly one part is missing."""
    rows = {(i // 4, i % 4): n for i, n in enumerate(numbers)}
    left = shown(rows, smallest)
    assert all(n == 0 or n >= smallest for n in left.values())
    assert not lines_with_one_missing(rows, left)


def test_stairs_of_hidden_cells_are_walked_to_their_end():
    """Each cell that is hidden is alone in another line, whose next smallest is one step on."""
    rows = {(a, b): 1000 for a in range(12) for b in range(12)}
    rows |= {(a, a): 100 + 2 * a for a in range(12)}
    rows |= {(a, a + 1): 101 + 2 * a for a in range(11)}
    rows[0, 0], rows[11, 0] = 1, 500
    left = shown(rows, 5)
    assert not {(a, a) for a in range(12)} & set(left)
    assert not lines_with_one_missing(rows, left)


def test_small_segment_is_hidden_in_every_table_that_names_it():
    rows = "(1, 'x', 5), (2, 'y', 7), (3, 'z', 9)"
    select = f"select * from (values {rows}) t(segment_id, input, value)"
    segments = (
        "select 1 as segment_id from range(3) union all select 2 from range(20) "
        "union all select 3 from range(30)"
    )
    query = hidden_cells(
        *(select, ["segment_id", "input", "value"], CELLS["segment_centroids"], 5, segments)
    )
    # ... and a second one with it, since the sum of all is known
    assert sorted(duckdb.sql(query).fetchall()) == [
        (1, "x", None, True),
        (2, "y", None, True),
        (3, "z", 9, False),
    ]


@pytest.fixture(scope="module")
def described(root):
    """Return the columns of every model and snapshot."""
    paths = [*(root / "models").rglob("*.yml"), *(root / "snapshots").rglob("*.yml")]
    tables = [
        table
        for path in paths
        for kind in ("models", "snapshots")
        for table in (read_yaml(path) or {}).get(kind, [])
    ]
    return {table["name"]: [column["name"] for column in table["columns"]] for table in tables}


def test_columns_of_the_cells_are_those_of_the_tables(described):
    for table, cells in CELLS.items():
        named = {*cells.counts, *cells.keys, *(name for total in cells.totals for name in total)}
        assert named <= set(described[table]), table


def test_every_published_table_is_judged(root, described):
    """A table that is new must be said to hold groups, single customers, or neither."""
    source = (root / "models" / "publishing" / "publications.py").read_text(encoding="utf-8")
    (model,) = read_yaml(root / "models" / "publishing" / "publications.yml")["models"]
    single = set(model["config"]["meta"]["about_single_customers"])
    neither = {
        *("campaign_audit", "event_audit", "transaction_audit", "feature_correlations"),
        *("lifetime_backtest", "lifetime_parameters", "principal_components", "segment_builds"),
        *("segment_candidates", "segmentation_runs"),
    }
    published = {name for name in described if f'"{name}": dbt.ref("{name}")' in source}
    assert len(published) > 40
    assert published == single | neither | set(CELLS)
    assert not single & set(CELLS)
    with_persons = {name for name in published if "customer_id" in described[name]}
    assert with_persons <= single
