"""Fixtures shared by the Python tests."""

import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from corner_shop import write_lines
from described_shop import (
    EVENT_COLUMNS,
    PEOPLE_COLUMNS,
    SETTINGS,
    events,
    lines,
    people,
    write_table,
)
from project_runner import DESCRIBED, by_itself, install

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root():
    """Return the folder of the dbt project."""
    return ROOT


@pytest.fixture(scope="session")
def real_data():
    """Return the folder of the published data sets, which are not part of the project."""
    folder = Path(os.environ.get("SEGMENTATION_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no published data in {folder}: set SEGMENTATION_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def online_retail(root, real_data, tmp_path_factory):
    """Return the project that reads Online Retail from Parquet, with the package installed."""
    project = install(
        "online_retail", root, tmp_path_factory.mktemp("online_retail"), "analytics_segmentation"
    )
    return project.variant("base", environment={"SEGMENTATION_DATA": str(real_data)})


@pytest.fixture(scope="session")
def online_retail_built(online_retail):
    """Return that project after a whole `dbt build` with its own settings, tests included."""
    return online_retail.variant("built").build()


@pytest.fixture(scope="session")
def corner_shop(root, tmp_path_factory):
    """Return the project whose table the tests write, not yet built."""
    return install("corner_shop", root, tmp_path_factory.mktemp("corner_shop"), "shop_segmentation")


@pytest.fixture(scope="session")
def demo(root, tmp_path_factory):
    """Return the package itself on the demo data, not yet built."""
    return by_itself(root, tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def demo_described(demo):
    """Return the demo after a build of what describes segments, and of the prospects."""
    return demo.variant("described").build(*DESCRIBED)


@pytest.fixture(scope="session")
def described_shop(corner_shop):
    """Return `corner_shop` after the same build, with people and events of its own."""
    project = corner_shop.variant("described", SETTINGS)
    write_lines(project, lines())
    write_table(project.scratch / "people.parquet", PEOPLE_COLUMNS, people())
    write_table(project.scratch / "events.parquet", EVENT_COLUMNS, events())
    return project.build(*DESCRIBED)


@pytest.fixture(scope="session")
def shop_without_people(corner_shop):
    """Return `corner_shop` after the same build, with nothing mapped but its lines."""
    project = corner_shop.variant("without_people", {"segmentation_k": 3})
    write_lines(project, lines())
    return project.build(*DESCRIBED)


@pytest.fixture
def sample():
    """Return a training sample of 600 customers in four groups, with skew and with nulls."""
    rng = np.random.default_rng(7)
    n = 600
    group = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{i:04d}" for i in rng.permutation(n)],
            "as_of": datetime(2025, 1, 1),
            "recency_days": np.array([200.0, 40.0, 30.0, 5.0])[group] + rng.gamma(2, 5, n),
            "frequency": 1.0 + rng.poisson(np.array([1, 5, 15, 60])[group]),
            "monetary": np.array([50, 400, 300, 9000])[group] * rng.lognormal(0, 0.5, n),
            "return_rate": rng.choice([0.0, 0.1, np.nan], n, p=[0.7, 0.2, 0.1]),
        }
    )
    frame["monetary_value"] = frame["monetary"]
    return frame
