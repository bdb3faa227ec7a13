"""Fit every algorithm to the same customers, and print what the registry would hold, as JSON.

Run in a process of its own, since kernels are chosen when Python starts:

    OPENBLAS_CORETYPE=NEHALEM python tests/determinism/fits.py
"""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pandas as pd
from customer_segmentation import registry
from customer_segmentation.lifetime import fit_lifetime, histories_from_frame
from customer_segmentation.settings import Settings
from customer_segmentation.training import training_from_frame

FEATURES = ("recency_days", "frequency", "monetary", "average_order_value", "return_rate")
COMMON = {
    "features": FEATURES,
    "k_min": 4,
    "k_max": 5,
    "n_init": 3,
    "stability_runs": 2,
    "subsample_size": 400,
    "min_fidelity": 0.5,
}
FITS = {
    "kmeans": {},
    "gmm": {},
    "minibatch_kmeans": {},
    "bisecting_kmeans": {},
    "agglomerative": {},
    "hdbscan": {"features": FEATURES[:3], "min_samples": 10, "min_segment_share": 0.01},
    "dbscan": {"features": FEATURES[:3], "min_segment_share": 0.01},
    "autoencoder": {},
    "ensemble": {},
    # every step of the preparation that is more than a mean
    "kmeans, prepared": {
        "algorithm": "kmeans",
        "transform": "yeo_johnson",
        "imputation": "regression",
        "outliers": "isolation_forest",
        "pca_variance": 0.95,
    },
}


def customers(n=600) -> pd.DataFrame:
    """Return made-up training rows: groups that overlap, skew and gaps."""
    rng = np.random.default_rng(20261125)
    group = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{i:04d}" for i in range(n)],
            "as_of": datetime(2026, 1, 1),
            "recency_days": np.array([200.0, 40.0, 30.0, 5.0])[group] + rng.integers(0, 90, n),
            "frequency": 1.0 + rng.poisson(np.array([1, 5, 15, 60])[group]),
            "monetary": np.array([50, 400, 300, 9000])[group] * rng.lognormal(0, 0.5, n),
            "average_order_value": rng.lognormal(3, 0.6, n),
            "return_rate": rng.choice([0.0, 0.1, 0.25, np.nan], n, p=[0.6, 0.2, 0.1, 0.1]),
        }
    )
    # logarithms of another machine may round otherwise; the input must not
    frame = frame.round({"monetary": 2, "average_order_value": 2})
    frame["monetary_value"] = frame["monetary"]
    return frame


def histories(n=400) -> pd.DataFrame:
    """Return made-up buying histories, one customer each: paces and chances to leave differ."""
    rng = np.random.default_rng(20261125)
    rows = []
    for _ in range(n):
        pace, leaves, age = rng.gamma(1.5, 0.01), rng.beta(0.5, 1.5), int(rng.integers(60, 700))
        last, repeats, day = 0, 0, 0.0
        while rng.random() > leaves:
            day += rng.exponential(1 / pace)
            if day >= age:
                break
            if int(day) > last:
                last, repeats = int(day), repeats + 1
        rows.append((repeats, last, age, 1))
    return pd.DataFrame(rows, columns=["repeat_order_days", "t_x_days", "age_days", "customers"])


def main():
    """Print one JSON object: the columns of the registry by fit."""
    frame, found = customers(), {}
    for name, changes in FITS.items():
        settings = Settings(**{**COMMON, "algorithm": name, **changes})
        training = training_from_frame(frame, settings.features)
        run, history = registry.Run(1, True), registry.History()
        candidates = registry.candidate_rows(training, settings, run, 0, history)
        (chosen,) = (row for row in candidates if row["is_chosen"])
        (model,) = registry.model_rows(training, settings, run, chosen, history)
        del model["fitted_at"]
        found[name] = {"candidates": candidates, **model}
    for name, modified in {"bg_nbd": False, "mbg_nbd": True}.items():
        fit = fit_lifetime(histories_from_frame(histories()), modified=modified)
        found[name] = {"parameters": fit.parameters, "log_likelihood": fit.log_likelihood}
    print(json.dumps(found, default=str))


if __name__ == "__main__":
    main()
