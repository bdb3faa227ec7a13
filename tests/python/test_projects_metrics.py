"""A project with metrics of its own keeps them beside those of the package."""

import json

import pytest
from project_runner import install

# A project that groups its own metrics by the segments of the package.
OWN_METRICS = """
version: 2
models:
  - name: days
    time_spine: {standard_granularity_column: day_of_visit}
    columns:
      - {name: day_of_visit, granularity: day}
semantic_models:
  - name: visits
    model: ref('visits')
    defaults: {agg_time_dimension: visited_on}
    entities:
      - {name: visit, type: primary, expr: visit_id}
      - {name: segmentation_customer, type: foreign, expr: who}
    dimensions:
      - {name: visited_on, type: time, type_params: {time_granularity: day}}
    measures:
      - {name: visits, agg: count, expr: visit_id}
metrics:
  - {name: visits, label: Visits, type: simple, type_params: {measure: visits}}
"""


@pytest.fixture(scope="module")
def shop_with_metrics(root, tmp_path_factory):
    """Return an installing project with a semantic layer of its own."""
    folder = tmp_path_factory.mktemp("metrics")
    project = install("corner_shop", root, folder, "shop_segmentation")
    models = project.folder / "models"
    models.mkdir(exist_ok=True)
    (models / "days.sql").write_text("select date '2025-01-01' as day_of_visit")
    (models / "visits.sql").write_text(
        "select 1 as visit_id, 'a' as who, date '2025-01-01' as visited_on"
    )
    (models / "metrics.yml").write_text(OWN_METRICS)
    return project


def test_a_project_has_a_time_spine_and_metrics_of_its_own(shop_with_metrics):
    project = shop_with_metrics.variant("own_spine", {"segmentation_time_spine": False})
    outcome = project.dbt("parse")
    assert outcome.returncode == 0, outcome.stdout
    assert "time_spine" not in outcome.stdout
    manifest = json.loads((project.scratch / "target" / "semantic_manifest.json").read_text())
    (spine,) = manifest["project_configuration"]["time_spines"]
    assert spine["node_relation"]["alias"] == "days"
    assert {"visits", "segment_customers"} <= {metric["name"] for metric in manifest["metrics"]}


def test_one_setting_leaves_the_semantic_layer_out(shop_with_metrics):
    project = shop_with_metrics.variant("without_metrics", {"segmentation_semantic_layer": False})
    outcome = project.dbt("parse")
    assert outcome.returncode == 0, outcome.stdout
    assert "time_spine" not in outcome.stdout
    manifest = project.manifest()
    assert [metric["name"] for metric in manifest["metrics"].values()] == ["visits"]
    assert [model["name"] for model in manifest["semantic_models"].values()] == ["visits"]
    assert "model.customer_segmentation.segmentation_time_spine" not in manifest["nodes"]
    # nor does the list of readers name a report that the project need not have
    assert manifest["exposures"] == {}
