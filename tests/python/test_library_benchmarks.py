"""What the benchmark rests on: its data, that its peers do the same work, and how it counts."""

import importlib
import json

import duckdb
import numpy as np
import pandas as pd
import pytest

LINES = 30_000


@pytest.fixture(scope="module")
def benchmark(root):
    """Return a function that imports a module of benchmarks/."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "benchmarks")
        yield importlib.import_module


@pytest.fixture(scope="module")
def data(benchmark, tmp_path_factory):
    """Return a folder of transactions, in one file."""
    folder = tmp_path_factory.mktemp("transactions")
    return benchmark("transactions").ensure(folder, LINES)


def lines_of(folder):
    return duckdb.sql(f"from read_parquet('{folder}/*.parquet')").df()


@pytest.fixture(scope="module")
def floor(benchmark, data):
    """Return the features of the floor, by customer."""
    with duckdb.connect() as connection:
        benchmark("peer_floor").features(connection, f"{data}/*.parquet")
        return by_customer(connection.execute("from features").df().set_index("customer_id"))


def by_customer(frame):
    return frame.astype(float).sort_index().rename_axis(None, axis=1)


def test_files_do_not_change_the_lines(benchmark, data, tmp_path, monkeypatch):
    transactions = benchmark("transactions")
    monkeypatch.setattr(transactions, "LINES_PER_FILE", 7_777)
    transactions.write(tmp_path, LINES)
    assert len(list(tmp_path.glob("*.parquet"))) == 4
    pd.testing.assert_frame_equal(lines_of(tmp_path), lines_of(data))


def test_lines_have_the_promised_shape(benchmark, data):
    transactions, lines = benchmark("transactions"), lines_of(data)
    assert len(lines) == LINES
    assert lines["ordered_at"].between(transactions.START, transactions.END).all()
    orders = lines.groupby("order_id").agg(
        lines=("order_id", "size"),
        customers=("customer_id", "nunique"),
        moments=("ordered_at", "nunique"),
        customer_id=("customer_id", "first"),
    )
    assert set(orders["lines"]) == set(range(1, 8))
    assert (orders[["customers", "moments"]] == 1).all(axis=None)
    assert len(orders) == pytest.approx(LINES / 4, rel=0.01)
    # heavy-tailed: a tenth of the customers place a third of the orders
    counts = orders["customer_id"].value_counts()
    assert len(counts) == pytest.approx(LINES / 20, rel=0.1)
    assert counts.head(len(counts) // 10).sum() > len(orders) / 3
    assert 0.01 < (lines["quantity"] < 0).mean() < 0.05


def test_further_day_follows_and_shares_no_order(benchmark, data):
    transactions, lines, day = benchmark("transactions"), lines_of(data), lines_of(data / "day")
    assert len(day) == LINES // 100
    assert day["ordered_at"].min() >= transactions.END
    assert day["ordered_at"].max() < transactions.END + pd.Timedelta(days=1)
    assert set(day["order_id"]).isdisjoint(lines["order_id"])
    assert set(day["customer_id"]) & set(lines["customer_id"])


def test_data_hold_what_is_easily_forgotten(data, floor):
    lines = lines_of(data)
    only_returns = lines.groupby("order_id")["quantity"].max() < 0
    assert only_returns.any()
    assert floor["frequency"].sum() == (~only_returns).sum()
    assert (floor["return_rate"] > 0).any()
    assert (floor["recency_days"] < floor["tenure_days"]).any()


def test_polars_computes_the_features_of_the_floor(benchmark, data, floor):
    found = benchmark("peer_polars").features(f"{data}/*.parquet").to_dict(as_series=False)
    found = by_customer(pd.DataFrame(found).set_index("customer_id"))
    pd.testing.assert_frame_equal(found, floor, check_index_type=False, rtol=1e-9)


def test_pandas_computes_the_features_of_the_floor(benchmark, data, floor):
    pandas = benchmark("peer_pandas")
    found = by_customer(pandas.features(pandas.read(sorted(data.glob("*.parquet")))))
    pd.testing.assert_frame_equal(found, floor, check_index_type=False, rtol=1e-9)


def test_scoring_statement_agrees_with_scikit_learn(benchmark, floor, monkeypatch):
    recipe = benchmark("recipe")
    monkeypatch.setattr(recipe, "KS", [4])
    matrix = floor[list(recipe.FEATURES)].to_numpy()
    model = recipe.fit(matrix)
    customers = floor.rename_axis("customer_id").reset_index()
    with duckdb.connect() as connection:
        connection.register("features", customers)
        query = recipe.scoring_query(model, "features")
        scored = connection.execute(f"{query} order by customer_id").df()
    np.testing.assert_array_equal(scored["segment_id"], model.predict(matrix))
    nearest = model.kmeans.transform(model.scaler.transform(recipe.logarithm(matrix))).min(axis=1)
    np.testing.assert_allclose(scored["distance"], nearest, rtol=1e-9, atol=1e-9)


def test_seconds_of_nodes_add_up_to_the_wall(benchmark):
    shares = benchmark("nodes").shares_of_wall(
        {"alone, then with another": (0, 4), "inside": (2, 3), "after a pause": (6, 7)}
    )
    assert shares == {"alone, then with another": 3.5, "inside": 0.5, "after a pause": 1}


def test_profiler_counts_each_scan_of_a_file(benchmark, data):
    counter = benchmark("scan_counter")
    file = data / "part-000.parquet"
    with duckdb.connect() as connection:
        connection.execute("set enable_profiling = 'no_output'")
        connection.execute(f"""
            create table counted as
            select customer_id, count(*) as n from '{file}' group by customer_id
            union all
            select order_id, sum(quantity) from read_parquet('{file}') group by order_id""")
        twice = list(counter.scans(json.loads(connection.get_profiling_information("json"))))
        connection.execute("select sum(n) from counted").fetchall()
        none = list(counter.scans(json.loads(connection.get_profiling_information("json"))))
    assert [(scan["files"], scan["row_groups"]) for scan in twice] == [(str(file), 1)] * 2
    assert none == []


def test_comment_before_a_statement_names_the_node(benchmark):
    node_of = benchmark("scan_counter").node_of
    assert node_of('/* {"app": "dbt", "node_id": "model.a.b"} */ select 1') == "model.a.b"
    assert node_of("select 1 /* no json */") == "dbt"


def test_exponent_is_the_slope_of_the_logarithms(benchmark):
    points = [(lines, 3e-6 * lines**1.1) for lines in (1e6, 2e7, 1e8)]
    assert benchmark("figures").slope(points) == pytest.approx(1.1)


def test_imports_are_taken_from_the_first_python_model_alone(benchmark):
    nodes = benchmark("nodes")
    manifest = {"nodes": {"sql": {"language": "sql"}, "late": {"language": "python"}}}
    manifest["nodes"]["early"] = {"language": "python"}
    spans = {"sql": (0, 1), "late": (5, 9), "early": (2, 6), "exposure": (9, 9)}
    without = nodes.without_imports(spans, manifest, 1.5)
    assert without == {**spans, "early": (3.5, 6)}
    assert nodes.without_imports({"sql": (0, 1)}, manifest, 1.5) == {"sql": (0, 1)}
    assert nodes.without_imports({"sql": (0, 1), "late": (1, 2)}, manifest, 1) == {"sql": (0, 1)}


def test_large_tables_are_copied_and_timed(benchmark, tmp_path):
    writing, database = benchmark("writing"), tmp_path / "built.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema segmentation")
        for table, rows in (("customers", writing.LARGE), ("segments", 8)):
            connection.execute(f"create table segmentation.{table} as from range({rows})")
    assert list(writing.copies(database)) == ["customers"]
    assert [file.name for file in tmp_path.iterdir()] == ["built.duckdb"]
