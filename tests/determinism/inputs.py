"""The projects that are built over and over, reading files whose rows can come in any order."""

from __future__ import annotations

from dataclasses import replace

from project_runner import by_itself, install

# The seeds that the demo reads, by the setting that names them.
SEEDS = {
    "segmentation_transactions": "sample_transactions",
    "segmentation_customers": "sample_customers",
    "segmentation_events": "sample_events",
    "segmentation_campaigns": "sample_campaign_responses",
}


def demo(checkout, folder):
    """Return the demo, not built, with the query of each file that it reads, by file name."""
    project = by_itself(checkout, folder)
    settings = {
        **project.settings,
        **{name: f"read_parquet('{seed}.parquet')" for name, seed in SEEDS.items()},
        # what it publishes are copies of the tables that are compared
        "segmentation_publish_path": None,
    }
    queries = {
        f"{seed}.parquet": f"from read_csv('{checkout / 'seeds' / 'demo' / seed}.csv')"
        for seed in SEEDS.values()
    }
    return replace(project, settings=settings), queries


def online_retail(checkout, folder, data):
    """Return the project that reads Online Retail, not built, with the query of its file."""
    project = install("online_retail", checkout, folder, "analytics_segmentation")
    settings = {"segmentation_transactions": "read_parquet('online_retail.parquet')"}
    source = data / "online_retail" / "online_retail.parquet"
    queries = {"online_retail.parquet": f"from read_parquet('{source}')"}
    environment = {"SEGMENTATION_DATA": str(data)}
    return replace(project, settings=settings, environment=environment), queries
