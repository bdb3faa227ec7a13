"""The recipes in docs/bi/ are run as they stand, on a file that is published like the real one."""

import importlib.util
import re

import adbc_driver_duckdb
import duckdb
import pytest
import yaml
from adbc_driver_manager import dbapi
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

SEGMENTS = {1: (7, "Champions", 120, 9_000.5), 2: (3, "Lost · few orders", 80, 700.25)}
RECIPE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def columns_of(root, table):
    """Return name and type of the columns in the contract of a table."""
    content = yaml.safe_load((root / f"models/segments/{table}.yml").read_text(encoding="utf-8"))
    (model,) = content["models"]
    return {column["name"]: column["data_type"] for column in model["columns"]}


def publish(root, folder, version, customers):
    """Write a version as the last node of a build does, and switch the link to it."""
    columns = columns_of(root, "segment_overview")
    name = f"segmentation-{version}.duckdb"
    with duckdb.connect() as session:
        session.execute(f"attach '{folder / name}' as file (storage_version 'v1.4.0')")
        types = ", ".join(f"{column} {data_type}" for column, data_type in columns.items())
        session.execute(f"create table file.main.segment_overview ({types})")
        for rank, (segment_id, segment, _, revenue) in SEGMENTS.items():
            session.execute(
                "insert into file.main.segment_overview by name select ?::integer as segment_id, "
                "?::integer as segment_rank, ? as segment_label, ? as segment_name, "
                "? as customers, ? as revenue",
                [segment_id, rank, f"{rank} · {segment}", segment, customers[rank], revenue],
            )
    following = folder / "following"
    following.symlink_to(name)
    following.replace(folder / "segmentation.duckdb")


@pytest.fixture
def published(root, tmp_path, monkeypatch):
    """Return the folder of a published file, seen from where the recipes are run."""
    folder = tmp_path / "published"
    folder.mkdir()
    customers = {rank: segment[2] for rank, segment in SEGMENTS.items()}
    publish(root, folder, "20251231T060000000000Z", customers)
    monkeypatch.chdir(tmp_path)
    return folder


# A word by which to know each Python block of the recipe, in the order in which they come.
RECIPES = {"duckdb": ".df()", "adbc": "adbc_", "sqlalchemy": "create_engine", "files": "write_csv"}


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_reads_the_overview_in_the_order_of_ranks(published, root, recipe):
    blocks = RECIPE.findall((root / "docs/bi/README.md").read_text(encoding="utf-8"))
    assert len(blocks) == len(RECIPES)
    (block,) = (block for block in blocks if RECIPES[recipe] in block)
    names = {}
    exec(compile(block, f"docs/bi/README.md, {recipe}", "exec"), names)
    overview = names["overview"]
    assert list(overview.columns) == list(columns_of(root, "segment_overview"))
    read = overview[["segment_id", "segment_name", "customers", "revenue"]].values.tolist()
    assert [(*row[:3], float(row[3])) for row in read] == list(SEGMENTS.values())


def test_adbc_with_the_access_mode_of_the_recipe_refuses_to_write(published):
    arguments = {"path": "published/segmentation.duckdb", "access_mode": "READ_ONLY"}
    with (
        dbapi.connect(
            driver=adbc_driver_duckdb.driver_path(),
            entrypoint="duckdb_adbc_init",
            db_kwargs=arguments,
            autocommit=True,
        ) as file,
        file.cursor() as cursor,
        pytest.raises(dbapi.Error, match="read-only"),
    ):
        cursor.execute("create table mine (a integer)")


def test_sqlalchemy_lists_tables_and_columns(published, root):
    url = f"duckdb:///{published}/segmentation.duckdb"
    engine = create_engine(url, connect_args={"read_only": True}, poolclass=NullPool)
    found = inspect(engine)
    assert found.get_table_names(schema="main") == ["segment_overview"]
    listed = [column["name"] for column in found.get_columns("segment_overview", schema="main")]
    assert listed == list(columns_of(root, "segment_overview"))


def test_each_connection_reads_the_newest_version_and_an_open_one_its_own(published, root):
    url = f"duckdb:///{published}/segmentation.duckdb"
    engine = create_engine(url, connect_args={"read_only": True}, poolclass=NullPool)
    query = text("select customers from main.segment_overview order by segment_rank")
    with engine.connect() as before:
        assert before.execute(query).scalars().all() == [120, 80]
        publish(root, published, "20260101T060000000000Z", {1: 125, 2: 75})
        assert before.execute(query).scalars().all() == [120, 80]
        with engine.connect() as after:
            assert after.execute(query).scalars().all() == [125, 75]


def test_charts_of_superset_ask_for_columns_of_the_contracts(root):
    specification = importlib.util.spec_from_file_location("bi", root / "docs/bi/superset.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert len(module.CHARTS) == 3
    for table, _, drawing, question, sql in module.CHARTS.values():
        columns = columns_of(root, table)
        asked = [
            *question["columns"],
            *(metric["column"]["column_name"] for metric in question["metrics"]),
            *(condition["col"] for condition in question.get("filters", [])),
            drawing["x_axis"],
            *drawing.get("groupby", []),
        ]
        assert set(asked) <= set(columns)
        with duckdb.connect() as session:
            types = ", ".join(f"{column} {data_type}" for column, data_type in columns.items())
            session.execute(f"create table {table} ({types})")
            assert session.execute(sql).fetchall() == []
