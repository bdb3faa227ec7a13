"""Whether the package did the same work: `python benchmarks/agreement.py DATA DATABASE`.

Compares its features with those of the floor, customer by customer, and its fits with bare
scikit-learn on the same training customers, prepared by the numbers in the registry.
"""

import json
import sys

import duckdb
import numpy as np
from peer_floor import FEATURE_QUERY
from recipe import FEATURES, KS, N_INIT, SEED, SILHOUETTE_ROWS, logarithm
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score


def features(connection, files):
    """Return the customers that only one of the two has, and the largest relative difference."""
    differences = ", ".join(
        f"max(abs(package.{name}::double - floor.{name}::double)"
        f" / greatest(1, abs(floor.{name}::double))) as {name}"
        for name in FEATURES
    )
    found = connection.execute(f"""
        with floor as ({FEATURE_QUERY.format(files=files)})
        select
            count(*) as customers,
            count(*) filter (floor.customer_id is null or package.customer_id is null) as unmatched,
            {differences}
        from segmentation.feature_snapshot as package
        full join floor on package.customer_id = floor.customer_id""").df()
    row = found.to_dict("records")[0]
    return {
        "customers": row.pop("customers"),
        "unmatched": row.pop("unmatched"),
        "largest_difference": max(row.values()),
    }


def fits(connection):
    """Return the k that both choose, and the package's inertia as a multiple, for each k."""
    model = (
        connection.execute("""
        select lower_bound, upper_bound, centre, scale, feature_names, transform
        from segmentation.segment_model order by model_version limit 1""")
        .df()
        .iloc[0]
    )
    assert set(model["transform"]) == {"log"}, "only the default transform is prepared here"
    names = ", ".join(model["feature_names"])
    raw = connection.execute(f"select {names} from segmentation.training_sample").df().to_numpy()
    clipped = np.clip(raw.astype(float), *(model[side] for side in ("lower_bound", "upper_bound")))
    matrix = (logarithm(clipped) - model["centre"]) / model["scale"]
    ours = (
        connection.execute("""
        select k, inertia, is_chosen from segmentation.segment_candidates
        where model_version = 1""")
        .df()
        .set_index("k")
    )
    inertias, silhouettes = {}, {}
    for k in KS:
        kmeans = KMeans(k, n_init=N_INIT, random_state=SEED).fit(matrix)
        inertias[k] = float(ours.loc[k, "inertia"]) / kmeans.inertia_
        rows = min(SILHOUETTE_ROWS, len(matrix))
        silhouettes[k] = silhouette_score(
            matrix, kmeans.labels_, sample_size=rows, random_state=SEED
        )
    return {
        "k_of_package": int(ours.index[ours["is_chosen"]][0]),
        "k_of_scikit_learn": max(silhouettes, key=silhouettes.get),
        "inertia_ratios": inertias,
    }


def main(data, database):
    """Print what was compared as one line of JSON."""
    with duckdb.connect(database, read_only=True) as connection:
        print(json.dumps({**features(connection, f"{data}/*.parquet"), **fits(connection)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
