"""One list of settings: the catalog, dbt_project.yml and the README say the same."""

import runpy
from dataclasses import asdict

import pytest
import yaml
from customer_segmentation.algorithms import ALGORITHMS
from customer_segmentation.criteria import CRITERIA
from customer_segmentation.preprocessing import IMPUTATIONS, OUTLIERS, SCALINGS, TRANSFORMS
from customer_segmentation.settings import NOISE, Settings

TYPES = {
    "relation",
    "expression",
    "text",
    "integer",
    "number",
    "boolean",
    "choice",
    "choices",
    "timestamp",
    "list",
    "numbers",
    "mapping",
}
REQUIRED = {"name", "type", "default", "meaning"}
OPTIONAL = {"nullable", "min", "max", "values", "length", "fit", "of"}


@pytest.fixture(scope="module")
def generator(root):
    return runpy.run_path(str(root / "docs" / "settings_table.py"))


@pytest.fixture(scope="module")
def entries(generator):
    return [entry for group in generator["read_catalog"]() for entry in group["settings"]]


@pytest.fixture(scope="module")
def project_vars(root):
    project = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    return project["vars"]["customer_segmentation"]


def test_readme_table_is_the_generated_one(root, generator):
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert readme == generator["with_table"](readme), "run `make docs`"


def test_a_readme_without_markers_is_refused(generator):
    with pytest.raises(ValueError, match="once each"):
        generator["with_table"]("# Title\n")


def test_project_has_the_settings_of_the_catalog_in_the_same_order(entries, project_vars):
    assert ["segmentation_" + entry["name"] for entry in entries] == list(project_vars)


def test_project_has_the_defaults_of_the_catalog(entries, project_vars):
    defaults = {"segmentation_" + entry["name"]: entry["default"] for entry in entries}
    assert defaults == project_vars


def test_project_groups_the_settings_under_the_questions_of_the_catalog(root, generator):
    lines = (root / "dbt_project.yml").read_text(encoding="utf-8").splitlines()
    asked = [line.split("---")[1].strip() for line in lines if line.strip().startswith("# ---")]
    assert asked == [group["question"] for group in generator["read_catalog"]()]


def test_entries_have_the_known_keys_only(entries):
    # An unquoted comma in a meaning would end it, and begin a key that nobody knows.
    for entry in entries:
        assert set(entry) >= REQUIRED, entry["name"]
        assert set(entry) <= REQUIRED | OPTIONAL, entry["name"]
        assert entry["type"] in TYPES, entry["name"]
        assert entry["meaning"].strip(), entry["name"]


def test_a_null_default_is_allowed_by_its_entry(entries):
    for entry in entries:
        assert entry["default"] is not None or entry.get("nullable"), entry["name"]


def test_defaults_are_within_their_values_and_ranges(entries):
    for entry in entries:
        value = entry["default"]
        if entry["type"] in ("choice", "choices"):
            assert value in entry["values"], entry["name"]
        if entry["type"] in ("integer", "number") and value is not None:
            assert entry.get("min", value) <= value <= entry.get("max", value), entry["name"]


def test_library_has_the_settings_of_the_fit(entries):
    assert {entry["name"] for entry in entries if entry.get("fit")} == set(Settings.__annotations__)


def test_python_models_get_the_settings_of_the_fit(root, entries):
    wanted = {
        entry["name"]: "{{ var('segmentation_" + entry["name"] + "') }}"
        for entry in entries
        if entry.get("fit")
    }
    # which features, another setting decides
    wanted["features"] = (
        "{{ var('segmentation_value_features' if var('segmentation_objective') == 'value' "
        "else 'segmentation_features') }}"
    )
    for name in ("segment_candidates", "segment_model"):
        path = root / "models" / "segmentation" / f"{name}.yml"
        (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        assert model["config"]["meta"]["settings"] == wanted, name


def test_library_has_the_defaults_of_the_catalog(entries):
    catalog = {entry["name"]: entry["default"] for entry in entries}
    own = asdict(Settings.from_mapping({"features": catalog["features"]}))
    given = {name: list(v) if isinstance(v, tuple) else v for name, v in own.items()}
    assert given == {name: catalog[name] for name in own}


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("transform", TRANSFORMS),
        ("scaling", SCALINGS),
        ("outliers", OUTLIERS),
        ("imputation", IMPUTATIONS),
        ("algorithm", ALGORITHMS),
        ("k_method", CRITERIA),
        ("noise", NOISE),
    ],
)
def test_library_knows_the_choices_of_the_catalog(entries, name, known):
    (entry,) = (entry for entry in entries if entry["name"] == name)
    assert set(entry["values"]) == set(known)
