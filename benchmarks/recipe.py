"""What the floor and every peer do: six features, a search for k, the nearest centre.

It is what one would write by hand, and nothing else: logarithm, standardise, `KMeans(n_init=10)`
for k from 3 to 8 on a sample of 100,000 customers, the silhouette of each on 10,000 of them, and
the best k.
"""

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

FEATURES = (
    "recency_days",
    "frequency",
    "monetary",
    "average_order_value",
    "tenure_days",
    "return_rate",
)
KS = range(3, 9)
N_INIT = 10
SAMPLE_ROWS, SILHOUETTE_ROWS = 100_000, 10_000
SEED = 0
AS_OF = "2025-01-01"


@dataclass(frozen=True)
class Model:
    """A fitted model: d features, k segments.

    Attributes
    ----------
    scaler : StandardScaler of the logarithms.
    kmeans : KMeans
    silhouette : float. The best of those tried.
    """

    scaler: StandardScaler
    kmeans: KMeans
    silhouette: float

    def predict(self, matrix):
        """Return the segment of each row.

        Parameters
        ----------
        matrix : ndarray of shape (n, d), float. Features in their own units.
        """
        return self.kmeans.predict(self.scaler.transform(logarithm(matrix)))


def logarithm(matrix):
    """Return sign(x) ln(1 + |x|): net spend may be negative."""
    return np.sign(matrix) * np.log1p(np.abs(matrix))


def fit(sample) -> Model:
    """Search k, and return the model with the best silhouette.

    Parameters
    ----------
    sample : ndarray of shape (n, d), float. Features in their own units.
    """
    scaler = StandardScaler()
    matrix = scaler.fit_transform(logarithm(sample))
    tried = []
    for k in KS:
        kmeans = KMeans(k, n_init=N_INIT, random_state=SEED).fit(matrix)
        rows = min(SILHOUETTE_ROWS, len(matrix))
        found = silhouette_score(matrix, kmeans.labels_, sample_size=rows, random_state=SEED)
        tried.append(Model(scaler, kmeans, found))
    return max(tried, key=lambda model: model.silhouette)


def scoring_query(model, table) -> str:
    """Return SQL that puts every customer of a table into the nearest segment.

    DuckDB and Spark both understand it. The distances are written out, which is the fastest.
    """
    scaled = ",\n".join(
        f"(sign({name}) * ln(1 + abs(cast({name} as double))) - {float(mean)!r}) / {float(scale)!r}"
        f" as {name}"
        for name, mean, scale in zip(FEATURES, model.scaler.mean_, model.scaler.scale_, strict=True)
    )
    centres = model.kmeans.cluster_centers_
    squares = [
        " + ".join(
            f"({name} - {float(place)!r}) * ({name} - {float(place)!r})"
            for name, place in zip(FEATURES, centre, strict=True)
        )
        for centre in centres
    ]
    distances = ",\n".join(f"{square} as d{k}" for k, square in enumerate(squares))
    nearest = f"least({', '.join(f'd{k}' for k in range(len(centres)))})"
    cases = " ".join(f"when d{k} = nearest then {k}" for k in range(len(centres)))
    return f"""
        with scaled as (select customer_id, {scaled} from {table}),
        distances as (select customer_id, {distances} from scaled),
        compared as (select *, {nearest} as nearest from distances)
        select customer_id, case {cases} end as segment_id, sqrt(nearest) as distance
        from compared"""


class Stopwatch:
    """Seconds of each step, by its name."""

    def __init__(self):
        self.seconds = {}

    @contextmanager
    def __call__(self, step):
        """Add the time of what is done inside to a step."""
        start = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0) + time.perf_counter() - start


def finish(watch, model, customers, packages):
    """Print what a peer did as one line of JSON, for the harness to read.

    Parameters
    ----------
    watch : Stopwatch
    model : Model
    customers : int
    packages : list of str. Their versions are noted.
    """
    outcome = {
        "seconds": watch.seconds,
        "k": model.kmeans.n_clusters,
        "inertia": model.kmeans.inertia_,
        "customers": customers,
        "versions": {name: version(name) for name in [*packages, "scikit-learn"]},
    }
    print(json.dumps(outcome))
