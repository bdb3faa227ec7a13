"""The data dictionary of dbt is complete: whatever it lists has a description."""

import json
import re
from pathlib import PurePosixPath

import pytest
from project_runner import WITHOUT_TESTS, read_yaml

PACKAGE = "customer_segmentation"
NAMES = ("features", "attributes", "profile_attributes")
TABLES = ("model", "seed", "snapshot")
# what a browser fetches by itself; an anchor waits for a click
FETCHED = re.compile(
    r"""<(?:script|img|iframe)[^>]*\ssrc=["']?(?:https?:)?//|<link[^>]*\shref=["']?(?:https?:)?//"""
)


@pytest.fixture(scope="module")
def documented(demo):
    """Return the demo after a whole build and `dbt docs generate --static`."""
    project = demo.variant("dictionary").build(*WITHOUT_TESTS)
    outcome = project.dbt("docs", "generate", "--static")
    assert outcome.returncode == 0, outcome.stdout
    return project


@pytest.fixture(scope="module")
def manifest(documented):
    return documented.manifest()


@pytest.fixture(scope="module")
def tables(manifest):
    """Return the models, seeds and snapshots of the package, by unique id."""
    return {
        key: node
        for key, node in manifest["nodes"].items()
        if node["package_name"] == PACKAGE and node["resource_type"] in TABLES
    }


@pytest.fixture(scope="module")
def built_columns(documented, tables):
    """Return the columns that the database has, by the unique id of their table."""
    catalog = json.loads((documented.scratch / "target" / "catalog.json").read_text())
    assert not catalog["errors"]
    return {key: set(node["columns"]) for key, node in catalog["nodes"].items() if key in tables}


def nameless(nodes):
    """Return the names of those without a description."""
    return sorted(node["name"] for node in nodes if not (node.get("description") or "").strip())


def test_every_table_is_described(tables):
    assert {node["resource_type"] for node in tables.values()} == set(TABLES)
    assert nameless(tables.values()) == []


def test_every_table_is_in_the_catalog(tables, built_columns):
    assert [tables[key]["name"] for key in tables if key not in built_columns] == []


def test_every_column_that_was_built_is_described(root, documented, tables, built_columns):
    # a table within the package has columns that the settings name
    defaults = read_yaml(root / "dbt_project.yml")["vars"][PACKAGE]
    settings = defaults | documented.settings
    named = {name for setting in NAMES for name in settings[f"segmentation_{setting}"]}
    missing = [
        f"{tables[key]['name']}.{column}"
        for key, columns in built_columns.items()
        for column in sorted(columns)
        if not tables[key]["columns"].get(column, {}).get("description", "").strip()
        and (column not in named or tables[key].get("access") == "public")
    ]
    assert missing == []


def test_every_described_column_was_built(tables, built_columns):
    missing = [
        f"{tables[key]['name']}.{column}"
        for key, node in tables.items()
        for column in node["columns"]
        if column not in built_columns[key]
    ]
    assert missing == []


def test_every_macro_that_a_file_is_named_after_is_described(manifest):
    macros = [
        macro
        for macro in manifest["macros"].values()
        if macro["package_name"] == PACKAGE
        and macro["name"].removeprefix("test_") == PurePosixPath(macro["original_file_path"]).stem
    ]
    assert macros
    assert nameless(macros) == []


@pytest.mark.parametrize("kind", ["metrics", "semantic_models", "exposures"])
def test_what_reads_the_tables_is_described(manifest, kind):
    found = [node for node in manifest[kind].values() if node["package_name"] == PACKAGE]
    assert found
    assert nameless(found) == []


def test_every_measure_dimension_and_entity_is_described(manifest):
    for model in manifest["semantic_models"].values():
        for part in ("entities", "dimensions", "measures"):
            assert nameless(model[part]) == [], model["name"]


def test_exposures_read_public_tables_only(manifest):
    exposures = manifest["exposures"].values()
    read = {key for exposure in exposures for key in exposure["depends_on"]["nodes"]}
    assert len(exposures) >= 3
    assert read
    assert sorted(key for key in read if manifest["nodes"][key]["access"] != "public") == []


def test_make_build_spares_the_tests_of_what_ships_and_no_other(manifest, root):
    assert "--exclude tag:segmentation_shipped" in (root / "Makefile").read_text(encoding="utf-8")
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    spared = {node["name"] for node in tests if "segmentation_shipped" in node["tags"]}
    read_seeds_only = {
        node["name"]
        for node in tests
        if all(parent.startswith("seed.") for parent in node["depends_on"]["nodes"])
    }
    assert spared
    assert spared == read_seeds_only


def test_the_dictionary_is_one_file_that_needs_no_network(documented):
    page = (documented.scratch / "target" / "static_index.html").read_text(encoding="utf-8")
    assert "segment_profiles" in page
    assert FETCHED.findall(page) == []
