"""The same work as a notebook in pandas: `python benchmarks/peer_pandas.py DATA SCRATCH`."""

import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from recipe import AS_OF, FEATURES, SAMPLE_ROWS, SEED, Stopwatch, finish, fit

COLUMNS = ("customer_id", "order_id", "ordered_at", "quantity", "unit_price")


def read(files) -> pd.DataFrame:
    """Read the lines; pandas has no decimals, and would make an object of each."""
    table = pa.concat_tables(pq.read_table(file, columns=list(COLUMNS)) for file in files)
    position = COLUMNS.index("unit_price")
    price = table.column(position).cast(pa.float64())
    return table.set_column(position, "unit_price", price).to_pandas()


def features(lines) -> pd.DataFrame:
    """Return the features, one row per customer."""
    is_purchase = lines["quantity"] > 0
    amount = lines["quantity"] * lines["unit_price"]
    orders = (
        lines[["customer_id", "order_id"]]
        .assign(
            ordered_at=lines["ordered_at"].where(is_purchase),
            amount=amount,
            bought=amount.where(is_purchase, 0),
            returned=-amount.where(~is_purchase, 0),
        )
        .groupby(["customer_id", "order_id"], sort=False)
        .agg({"ordered_at": "max", "amount": "sum", "bought": "sum", "returned": "sum"})
    )
    customers = orders.groupby("customer_id", sort=False).agg(
        first_order_at=("ordered_at", "min"),
        last_order_at=("ordered_at", "max"),
        frequency=("ordered_at", "count"),
        monetary=("amount", "sum"),
        bought=("bought", "sum"),
        returned=("returned", "sum"),
    )
    customers = customers[customers["frequency"] > 0]
    as_of = pd.Timestamp(AS_OF)
    measured = customers.assign(
        recency_days=(as_of - customers["last_order_at"]).dt.days,
        average_order_value=customers["bought"] / customers["frequency"],
        tenure_days=(as_of - customers["first_order_at"]).dt.days,
        return_rate=customers["returned"] / customers["bought"],
    )
    return measured[list(FEATURES)]


def main(data, scratch):
    """Do it all, and print how long each step took."""
    watch = Stopwatch()
    with watch("features"):
        customers = features(read(sorted(Path(data).glob("*.parquet"))))
    with watch("fit"):
        drawn = customers.sample(min(SAMPLE_ROWS, len(customers)), random_state=SEED)
        model = fit(drawn.to_numpy(dtype=float))
    with watch("scoring"):
        scored = customers.assign(segment_id=model.predict(customers.to_numpy(dtype=float)))
        scored.to_parquet(Path(scratch) / "segments.parquet")
    finish(watch, model, len(customers), ["pandas"])


if __name__ == "__main__":
    main(*sys.argv[1:])
