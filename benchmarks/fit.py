"""Time the fit against the bare calls of scikit-learn: `python benchmarks/fit.py`.

100,000 customers with ten features, k from 3 to 8, ten starts. The bare calls are what anybody
would write: standardise, `KMeans(n_init=10)` for each k, and the silhouette, Calinski-Harabasz and
Davies-Bouldin index of each, the silhouette on 10,000 rows. Ours are the two Python models of the
package without the database: preprocessing, candidates, stability, registry row. Both run in turn
in the same process; the ratio is the figure to keep, since seconds depend on the day.
"""

import argparse
import resource
import time
from datetime import datetime

import numpy as np
import pandas as pd
from customer_segmentation import registry
from customer_segmentation.registry import History, Run
from customer_segmentation.settings import Settings
from customer_segmentation.training import training_from_frame
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.preprocessing import StandardScaler

KS = range(3, 9)
SILHOUETTE_ROWS = 10_000


def customers(rows, features, seed):
    """Return skewed features of customers in six loose groups, as a training sample."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(0, 1.2, (6, features))
    group = rng.choice(6, rows, p=[0.35, 0.25, 0.15, 0.12, 0.08, 0.05])
    values = np.exp(2 + centre[group] + rng.normal(0, 0.8, (rows, features)))
    frame = pd.DataFrame(values, columns=[f"feature_{j}" for j in range(features)])
    return frame.assign(
        customer_id=[f"C{i:07d}" for i in range(rows)],
        as_of=datetime(2025, 1, 1),
        monetary_value=values[:, 0],
    )


def ours(frame, settings):
    """Do what the two Python models do between reading and writing."""
    training = training_from_frame(frame, settings.features)
    run, history = Run(1, True), History()
    candidates = registry.candidate_rows(training, settings, run, 0, history)
    (chosen,) = [row for row in candidates if row["is_chosen"]]
    return registry.model_rows(training, settings, run, chosen, history)


def bare(frame, settings):
    """Do what anybody would do with scikit-learn alone."""
    logged = np.log1p(frame[list(settings.features)].to_numpy())
    matrix = StandardScaler().fit_transform(logged)
    for k in KS:
        labels = KMeans(k, n_init=10, random_state=0).fit(matrix).labels_
        silhouette_score(matrix, labels, sample_size=SILHOUETTE_ROWS, random_state=0)
        calinski_harabasz_score(matrix, labels)
        davies_bouldin_score(matrix, labels)


def main():
    """Print seconds and the ratio of each round."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for seed in range(arguments.rounds):
        frame = customers(arguments.rows, arguments.features, seed)
        names = [name for name in frame.columns if name.startswith("feature_")]
        settings = Settings(features=tuple(names), k_min=min(KS), k_max=max(KS))
        seconds = {}
        for name, function in (("ours", ours), ("bare", bare)):
            start = time.perf_counter()
            function(frame, settings)
            seconds[name] = time.perf_counter() - start
        print(
            f"round {seed + 1}: ours {seconds['ours']:.1f} s, bare scikit-learn "
            f"{seconds['bare']:.1f} s, ratio {seconds['ours'] / seconds['bare']:.2f}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"Peak memory of the process, both included: {peak:.2f} GiB")


if __name__ == "__main__":
    main()
