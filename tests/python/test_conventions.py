"""What no linter checks: versions that must agree, and unit tests that must exist."""

import ast
import re
import tomllib

import customer_segmentation
import pytest
import yaml

# What a model may do without being unit tested: read, name, cast and count.
LOGIC = re.compile(r"\b(case\s+when|case$|join|over\s*\(|having|coalesce)\b", re.MULTILINE)
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


@pytest.fixture(scope="module")
def properties(root):
    """Return the content of every yml under models/."""
    return {path: read_yaml(path) for path in sorted((root / "models").rglob("*.yml"))}


@pytest.fixture(scope="module")
def version(root):
    """Return the version in pyproject.toml, which the others must equal."""
    with (root / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]


def test_library_has_the_version_of_pyproject(version):
    assert customer_segmentation.__version__ == version


def test_dbt_project_has_the_version_of_pyproject(root, version):
    assert read_yaml(root / "dbt_project.yml")["version"] == version


def test_lock_file_has_the_version_of_pyproject(root, version):
    with (root / "uv.lock").open("rb") as file:
        packages = tomllib.load(file)["package"]
    (own,) = (package for package in packages if package["name"] == "customer-segmentation")
    assert own["version"] == version


def test_python_models_ask_for_the_version_of_pyproject(properties, root, version):
    asked = {
        model["name"]: model.get("config", {}).get("meta", {}).get("package_version")
        for content in properties.values()
        for model in content.get("models", [])
    }
    python_models = {path.stem for path in (root / "models").rglob("*.py")}
    assert python_models
    assert {name: asked[name] for name in python_models} == dict.fromkeys(python_models, version)


def test_python_models_import_the_library_one_after_the_other(root):
    for path in sorted((root / "models").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        locked = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.With) and ast.unparse(node.items[0]) == "imports"
            for inner in node.body
        }
        (first,) = imported - locked
        assert ast.unparse(first) == "from customer_segmentation import imports", path


def test_lock_file_names_no_source_but_the_public_index(root):
    lock = (root / "uv.lock").read_text(encoding="utf-8")
    hosts = set(re.findall(r"\b(?:https?|file)://[^/\"]*", lock))
    assert hosts == {"https://pypi.org", "https://files.pythonhosted.org"}


def test_every_sql_model_with_logic_has_a_unit_test(properties, root):
    tested = {
        test["model"] for content in properties.values() for test in content.get("unit_tests", [])
    }
    with_logic = {
        path.stem
        for path in (root / "models").rglob("*.sql")
        if LOGIC.search(COMMENT.sub("", path.read_text(encoding="utf-8")))
    }
    assert with_logic
    assert with_logic <= tested, f"no unit test for {', '.join(sorted(with_logic - tested))}"
