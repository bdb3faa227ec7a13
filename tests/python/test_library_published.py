"""Published k-means results on Online Retail come out again.

Source: two public analyses of the UCI data set *Online Retail* (Chen, Sain & Guo 2012, doi
10.1057/dbm.2012.17), recomputed with scikit-learn on the same rows; the data are not part of the
project.
"""

import duckdb
import numpy as np
import pytest
from customer_segmentation import registry
from customer_segmentation.registry import History, Run
from customer_segmentation.settings import Settings
from customer_segmentation.training import training_from_frame

RFM = ("recency_days", "frequency", "monetary")
RAW = {"features": RFM, "transform": "none", "outliers": "none", "imputation": "none"}


@pytest.fixture(scope="module")
def customers(real_data):
    """Return recency (whole days before the last line), frequency and spend of 4,338 customers."""
    frame = duckdb.sql(
        f"""
        with lines as (
            select distinct *
            from read_parquet('{real_data / "online_retail" / "online_retail.parquet"}')
            where CustomerID is not null and Quantity > 0 and UnitPrice > 0
        )
        select
            CustomerID::varchar as customer_id,
            (select max(InvoiceDate) from lines) as as_of,
            date_sub('day', max(InvoiceDate), (select max(InvoiceDate) from lines)) as recency_days,
            count(distinct InvoiceNo) as frequency,
            sum(Quantity * UnitPrice)::double as monetary
        from lines
        group by CustomerID
        """
    ).df()
    assert len(frame) == 4338
    return frame.assign(monetary_value=frame["monetary"])


def fit(customers, settings):
    """Return the registry row and the candidate row of a fixed k."""
    training = training_from_frame(customers, settings.features)
    run, history = Run(1, True), History()
    (candidate,) = registry.candidate_rows(training, settings, run, 0, history)
    return registry.compile_model(training, settings, "kmeans", settings.k), candidate


def sizes(row, customers):
    """Return the segment sizes by segment id, and mean R, F and M of each."""
    values = customers[list(RFM)].to_numpy(dtype=float)
    logged = np.where(np.array(row["transform"]) == "log", np.log1p(values), values)
    z = (logged - row["centre"]) / row["scale"]
    nearest = ((z[:, None] - np.array(row["prototype"])) ** 2).sum(axis=2).argmin(axis=1)
    means = [values[nearest == i].mean(axis=0) for i in range(row["k"])]
    return np.bincount(nearest).tolist(), np.array(means)


def test_four_segments_of_raw_scores(customers):
    row, candidate = fit(customers, Settings(**RAW, k=4))
    counts, means = sizes(row, customers)
    assert counts == [13, 204, 3054, 1067]
    assert row["inertia"] == pytest.approx(4096.300210, abs=1e-6)
    assert candidate["inertia"] == row["inertia"]
    expected = [
        [6.38, 82.54, 127187.96],
        [14.50, 22.33, 12690.50],
        [42.70, 3.68, 1353.63],
        [247.08, 1.55, 478.85],
    ]
    np.testing.assert_allclose(means, expected, atol=0.006)


def test_three_segments_with_logged_spend(customers):
    settings = Settings(**RAW, transform_overrides={"monetary": "log"}, k=3)
    row, candidate = fit(customers, settings)
    counts, _ = sizes(row, customers)
    # The published run has one line more (postage of 18.00), which moves at most two customers.
    np.testing.assert_allclose(sorted(counts), [922, 1032, 2384], atol=2)
    assert row["inertia"] == pytest.approx(5982.117475, abs=1)
    assert candidate["silhouette"] == pytest.approx(0.423, abs=0.001)
