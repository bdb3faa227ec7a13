"""The same work as a notebook in Polars: `python benchmarks/peer_polars.py DATA SCRATCH`."""

import sys
from pathlib import Path

import polars as pl
from recipe import AS_OF, FEATURES, SAMPLE_ROWS, SEED, Stopwatch, finish, fit


def features(files) -> pl.DataFrame:
    """Return the features, one row per customer."""
    as_of = pl.lit(AS_OF).str.to_datetime()
    amount = pl.col("quantity") * pl.col("unit_price").cast(pl.Float64)
    is_purchase = pl.col("quantity") > 0
    return (
        pl.scan_parquet(files)
        .with_columns(amount=amount)
        .group_by("customer_id", "order_id")
        .agg(
            ordered_at=pl.col("ordered_at").filter(is_purchase).max(),
            amount=pl.col("amount").sum(),
            bought=pl.col("amount").filter(is_purchase).sum(),
            returned=-pl.col("amount").filter(~is_purchase).sum(),
        )
        .group_by("customer_id")
        .agg(
            recency_days=(as_of - pl.col("ordered_at").max()).dt.total_days(),
            frequency=pl.col("ordered_at").count(),
            monetary=pl.col("amount").sum(),
            average_order_value=pl.col("bought").sum() / pl.col("ordered_at").count(),
            tenure_days=(as_of - pl.col("ordered_at").min()).dt.total_days(),
            return_rate=pl.col("returned").sum() / pl.col("bought").sum(),
        )
        .filter(pl.col("frequency") > 0)
        .collect(engine="streaming")
    )


def main(data, scratch):
    """Do it all, and print how long each step took."""
    watch = Stopwatch()
    with watch("features"):
        customers = features(f"{data}/*.parquet")
    with watch("fit"):
        drawn = customers.sample(min(SAMPLE_ROWS, len(customers)), seed=SEED)
        model = fit(drawn.select(FEATURES).cast(pl.Float64).to_numpy())
    with watch("scoring"):
        matrix = customers.select(FEATURES).cast(pl.Float64).to_numpy()
        scored = customers.with_columns(segment_id=pl.Series(model.predict(matrix)))
        scored.write_parquet(Path(scratch) / "segments.parquet")
    finish(watch, model, len(customers), ["polars"])


if __name__ == "__main__":
    main(*sys.argv[1:])
