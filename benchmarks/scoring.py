"""Time scoring and quality of 1 M customers x 8 features, k = 6, against bare DuckDB expressions.

`python benchmarks/scoring.py DATA SCRATCH` builds the package with these settings, copies its
customers until there are a million, and runs the compiled SQL of its models in turn with what one
would write by hand for the same columns, every number of the model written out.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import duckdb
from peer_package import ROOT, build, write_profile
from recipe import FEATURES as USUAL_FEATURES

FEATURES = [*USUAL_FEATURES, "items_per_order", "weekend_share"]
SETTINGS = {"segmentation_k": 6, "segmentation_features": FEATURES}
CUSTOMERS, ROUNDS = 1_000_000, 7
SCORING = ("segment_assignments",)
# customer_silhouettes is a view, evaluated by what reads it
QUALITY = ("segment_moments", "segment_quality")


def bare_scoring(model):
    """Return the select of a table with the columns of segment_assignments.

    Parameters
    ----------
    model : dict of column to list. The registry row.
    """
    clipped = ", ".join(
        f"least(greatest({name}::double, {low!r}), {high!r}) as x{j}"
        for j, (name, low, high) in enumerate(
            zip(FEATURES, model["lower_bound"], model["upper_bound"], strict=True)
        )
    )
    scaled = ", ".join(
        f"(sign(x{j}) * ln(1 + abs(x{j})) - {centre!r}) / {scale!r} as z{j}"
        for j, (centre, scale) in enumerate(zip(model["centre"], model["scale"], strict=True))
    )
    columns = [f"z{j}" for j in range(len(FEATURES))]
    distances = ", ".join(
        " + ".join(f"({z} - {p!r}) * ({z} - {p!r})" for z, p in zip(columns, centre, strict=True))
        for centre in model["prototype"]
    )
    return f"""
        with clipped as (select customer_id, {clipped} from segmentation.feature_snapshot),
        scaled as (select customer_id, {scaled} from clipped),
        measured as (
            select customer_id, [{", ".join(columns)}] as vector, [{distances}] as distances
            from scaled
        )
        select
            customer_id,
            list_position(distances, list_min(distances)) as segment_id,
            sqrt(list_min(distances)) as distance,
            list_position(distances, list_sort(distances)[2]) as runner_up_segment_id,
            1 / list_sum(list_transform(distances, lambda d: list_min(distances) / d))
                as membership,
            vector
        from measured"""


def bare_quality(connection):
    """Return the mean silhouette: the moments of the segments first, then every customer once."""
    dimensions = range(1, len(FEATURES) + 1)
    means = ", ".join(f"avg(vector[{j}])" for j in dimensions)
    spread = " + ".join(f"var_pop(vector[{j}])" for j in dimensions)
    moments = connection.execute(f"""
        select segment_id, count(*), [{means}], {spread} from bare_segments
        group by segment_id order by segment_id""").fetchall()
    squares = [
        " + ".join(f"(vector[{j}] - {m!r}) * (vector[{j}] - {m!r})" for j, m in enumerate(mean, 1))
        + f" + {variance!r}"
        for _, _, mean, variance in moments
    ]
    within = " ".join(
        f"when {segment} then d[{segment}] * {size} / {size - 1}.0"
        for segment, size, _, _ in moments
    )
    return connection.execute(f"""
        with squares as (select segment_id, [{", ".join(squares)}] as d from bare_segments),
        sides as (
            select
                segment_id,
                case segment_id {within} end as within,
                list_min(list_where(d, list_transform(
                    range(1, len(d) + 1), lambda s: s != segment_id))) as between
            from squares
        ),
        by_segment as (
            select segment_id, sum((between - within) / greatest(between, within)) as total
            from sides group by segment_id
        )
        select sum(total) / {CUSTOMERS} from by_segment""").fetchall()[0][0]


def inflate(connection):
    """Copy the customers of the build under further ids until there are enough."""
    connection.execute(f"""
        create or replace table segmentation.feature_snapshot as
        select * replace (customer_id || '-' || copy as customer_id)
        from segmentation.feature_snapshot, range({CUSTOMERS}) as copies(copy)
        where copy <= {CUSTOMERS} // (select count(*) from segmentation.feature_snapshot)
        limit {CUSTOMERS}""")


def compiled(target, model):
    """Return the SQL of a model as dbt compiled it."""
    (file,) = (target / "compiled").rglob(f"{model}.sql")
    return file.read_text(encoding="utf-8")


def measure(connection, target):
    """Return the medians of seconds, and whether both ways agree."""
    names = ("lower_bound", "upper_bound", "centre", "scale", "prototype")
    (row,) = connection.execute(
        f"select {', '.join(names)} from segmentation.segment_model"
    ).fetchall()
    scoring_query = bare_scoring(dict(zip(names, row, strict=True)))

    def ours(models):
        for name in models:
            connection.execute(
                f"create or replace table segmentation.{name} as {compiled(target, name)}"
            )

    work = {
        "scoring": lambda: ours(SCORING),
        "bare_scoring": lambda: connection.execute(
            f"create or replace table bare_segments as {scoring_query}"
        ),
        "quality": lambda: ours(QUALITY),
        "bare_quality": lambda: bare_quality(connection),
    }
    seconds = {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, function in work.items():
            start = time.perf_counter()
            function()
            seconds[name].append(time.perf_counter() - start)
    found = {name: statistics.median(values) for name, values in seconds.items()}
    for name in ("scoring", "quality"):
        pairs = zip(seconds[name], seconds[f"bare_{name}"], strict=True)
        found[f"{name}_ratio"] = statistics.median(ours / bare for ours, bare in pairs)
    ((found["customers_apart"],),) = connection.execute("""
        select count(*) from segmentation.segment_assignments as package
        inner join bare_segments as bare using (customer_id)
        where package.segment_id != bare.segment_id""").fetchall()
    ((silhouette,),) = connection.execute("""
        select silhouette_squared_euclidean from segmentation.segment_quality
        where scope = 'overall'""").fetchall()
    found["silhouettes_apart"] = abs(silhouette - bare_quality(connection))
    return found


def main(data, scratch):
    """Build, inflate, measure and print."""
    folder = Path(scratch).resolve()
    write_profile(folder, "dev", None, {}, False)
    build(Path(data).resolve(), folder, "same", SETTINGS)
    with duckdb.connect(str(folder / "package.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        inflate(connection)
        print(json.dumps(measure(connection, folder / f"target-{ROOT.name}")))


if __name__ == "__main__":
    main(*sys.argv[1:])
