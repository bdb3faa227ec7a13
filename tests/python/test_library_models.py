"""The two dbt models: read, fit, return, with the types that the tables are to have."""

import importlib.util
import sys
import tomllib
from datetime import datetime, timedelta
from types import SimpleNamespace

import customer_segmentation
import duckdb
import pytest
import yaml
from customer_segmentation.columns import CANDIDATE_COLUMNS, MODEL_COLUMNS
from customer_segmentation.warehouse import read_chosen, read_run

FEATURES = ["recency_days", "frequency", "monetary", "return_rate"]
COLUMNS = {
    "segment_candidates": CANDIDATE_COLUMNS,
    "segment_model": MODEL_COLUMNS,
}


class This(str):
    """The name of a table, as dbt hands it to a model: text that knows where the table is."""

    database, schema = "memory", "main"

    @property
    def identifier(self):
        return str(self)


class Warehouse:
    """A DuckDB database with a training sample, and the little of dbt that a model sees."""

    def __init__(self, folder, sample):
        self.folder = folder
        self.session = duckdb.connect()
        self.session.register("sample", sample)
        self.session.execute("create table training_sample as select * from sample")
        self.session.execute(
            "create table segmentation_runs (run_at timestamp, model_version int, is_refit boolean)"
        )
        self.decide(1)

    def decide(self, version, is_refit=True):
        """Add a run that fits a version, or uses one that exists."""
        (count,) = self.rows("select count(*) from segmentation_runs")[0]
        at = datetime(2025, 1, 1) + timedelta(days=count)
        self.session.execute(
            "insert into segmentation_runs values (?, ?, ?)", [at, version, is_refit]
        )

    def run(self, name, settings=None, **meta):
        """Run a model and append what it returns, as dbt would."""
        meta = {
            "package_version": customer_segmentation.__version__,
            "install": "pip install .",
            "settings": {"features": FEATURES, "k_max": 5, "stability_runs": 2, **(settings or {})},
            **meta,
        }
        is_incremental = bool(self.rows(f"from duckdb_tables() where table_name = '{name}'"))
        dbt = SimpleNamespace(
            config=SimpleNamespace(get={"meta": meta}.get),
            ref=self.session.table,
            this=This(name),
            is_incremental=is_incremental,
        )
        spec = importlib.util.spec_from_file_location(name, self.folder / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        returned = module.model(dbt, self.session)
        # DuckDB quotes the fields of a struct that are words of SQL, and has its own word for text.
        types = [
            str(type_).lower().replace('"', "").replace("varchar", "string")
            for type_ in returned.types
        ]
        (returned.insert_into if is_incremental else returned.create)(name)
        return dict(zip(returned.columns, types, strict=True))

    def rows(self, query):
        return self.session.execute(query).fetchall()


@pytest.fixture
def models(root):
    return root / "models" / "segmentation"


@pytest.fixture
def warehouse(models, sample):
    return Warehouse(models, sample)


def properties(models, name):
    text = (models / f"{name}.yml").read_text(encoding="utf-8")
    (model,) = yaml.safe_load(text)["models"]
    return model


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_and_types_are_those_documented(models, warehouse, name):
    warehouse.run("segment_candidates")
    types = warehouse.run(name)
    documented = {
        column["name"]: column["data_type"] for column in properties(models, name)["columns"]
    }
    assert list(types) == list(documented) == list(COLUMNS[name])
    assert types == documented == COLUMNS[name]


def test_versions_are_those_of_the_runs_that_fit(warehouse):
    """A run that does not fit adds nothing, nor does one that is repeated."""
    runs = [({}, 1, True), ({}, 1, True), ({"k": 4}, 2, True), ({"k": 5}, 2, False), ({}, 3, True)]
    for settings, version, is_refit in runs:
        warehouse.decide(version, is_refit)
        warehouse.run("segment_candidates", settings)
        warehouse.run("segment_model", settings)
        for name in COLUMNS:
            found = warehouse.rows(f"select distinct model_version from {name} order by 1")
            assert found == [(i,) for i in range(1, version + 1)]
    assert warehouse.rows("select count(*) from segment_model") == [(3,)]
    assert warehouse.rows("select count(*) from segment_candidates") == [(7,)]


def test_same_rows_and_settings_are_the_same_segments_again(warehouse):
    for version in (1, 2):
        warehouse.decide(version)
        warehouse.run("segment_candidates", {"k": 4})
        warehouse.run("segment_model", {"k": 4})
    kept = "model_version, fitted_at, lineage, previous_version"
    same = f"select distinct columns(* exclude ({kept})) from segment_model"
    assert len(warehouse.rows(same)) == 1
    events = "select list_transform(lineage, lambda x: x.event) from segment_model order by all"
    assert warehouse.rows(events) == [(["first"] * 4,), (["kept"] * 4,)]


def test_registry_stops_without_the_candidates_of_its_run(warehouse):
    warehouse.run("segment_candidates")
    warehouse.decide(2)
    with pytest.raises(ValueError, match=r"to fit version 2, but .* in segment_candidates is 1:"):
        warehouse.run("segment_model")


def test_chosen_candidate_is_what_the_registry_holds(warehouse):
    warehouse.run("segment_candidates")
    warehouse.run("segment_model")
    columns = "model_version, algorithm, k, inertia, training_rows, fingerprint, reason"
    chosen = warehouse.rows(f"select {columns} from segment_candidates where is_chosen")
    assert warehouse.rows(f"select {columns} from segment_model") == chosen
    assert len(chosen) == 1


def test_newest_version_is_found_in_any_order(warehouse):
    warehouse.session.execute(
        "create table candidates as from (values (1, 3, false), (2, 4, true), (2, 5, false),"
        " (1, 6, true)) rows (model_version, k, is_chosen)"
    )
    relation = warehouse.session.sql(
        "select *, 'kmeans' as algorithm, 'why' as reason, 'f' as fingerprint, 0.5 as silhouette"
        " from candidates"
    )
    newest = {
        "model_version": 2,
        "algorithm": "kmeans",
        "k": 4,
        "reason": "why",
        "fingerprint": "f",
        "silhouette": 0.5,
    }
    assert read_chosen(relation) == newest
    assert read_chosen(relation.order("model_version desc")) == newest


def test_newest_run_decides_in_any_order(warehouse):
    warehouse.decide(3)
    warehouse.decide(1, is_refit=False)
    relation = warehouse.session.table("segmentation_runs")
    for order in ("run_at", "run_at desc"):
        run = read_run(relation.order(order))
        assert (run.model_version, run.is_refit) == (1, False)


def test_nested_lists_arrive_as_fitted(warehouse):
    settings = {"k": 4, "outliers": "none"}
    warehouse.run("segment_candidates", settings)
    warehouse.run("segment_model", settings)
    ((names, lower, prototypes, projection),) = warehouse.rows(
        "select feature_names, lower_bound, prototype, projection from segment_model"
    )
    assert names == FEATURES
    assert lower == [None] * 4
    assert [len(prototype) for prototype in prototypes] == [4] * 4
    assert projection is None


@pytest.mark.parametrize("name", COLUMNS)
def test_no_training_rows_make_a_typed_empty_table(warehouse, name):
    warehouse.session.execute("delete from training_sample")
    warehouse.run("segment_candidates")
    types = warehouse.run(name)
    assert types == COLUMNS[name]
    assert warehouse.rows(f"select count(*) from {name}") == [(0,)]


def test_fit_after_an_empty_one_is_the_first_version(warehouse, sample):
    warehouse.session.execute("delete from training_sample")
    warehouse.run("segment_candidates")
    warehouse.session.execute("insert into training_sample select * from sample")
    warehouse.run("segment_candidates")
    assert warehouse.rows("select distinct model_version from segment_candidates") == [(1,)]


@pytest.mark.parametrize("name", COLUMNS)
def test_other_version_of_the_library_names_the_command(warehouse, name):
    warehouse.run("segment_candidates")
    with pytest.raises(RuntimeError, match=r"needs version 9\.9 .* run `pip install x`\.$"):
        warehouse.run(name, package_version="9.9", install="pip install x")


@pytest.mark.parametrize("name", COLUMNS)
def test_missing_library_names_the_command(warehouse, monkeypatch, name):
    monkeypatch.setitem(sys.modules, "customer_segmentation", None)
    meta = {"package_version": "0.1.0", "install": "pip install x"}
    with pytest.raises(ImportError, match=r"customer-segmentation cannot .* run `pip install x`\."):
        warehouse.run(name, **meta)


def test_both_models_are_given_the_same_settings(models):
    one, other = (properties(models, name)["config"]["meta"] for name in COLUMNS)
    assert one == other
    assert set(one["settings"]) == set(customer_segmentation.settings.Settings.__annotations__)
    for name, value in one["settings"].items():
        # the features of one objective are those of another setting
        objective = (
            ""
            if name != "features"
            else ("'segmentation_value_features' if var('segmentation_objective') == 'value' else ")
        )
        assert value == f"{{{{ var({objective}'segmentation_{name}') }}}}"


def test_package_and_library_have_one_version(root, models):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dbt_project = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    versions = {properties(models, name)["config"]["meta"]["package_version"] for name in COLUMNS}
    assert versions == {project["version"]} == {customer_segmentation.__version__}
    assert dbt_project["version"] == customer_segmentation.__version__
