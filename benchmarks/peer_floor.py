"""The floor: a statement for the features, bare scikit-learn, a statement for the segments.

`python benchmarks/peer_floor.py DATA SCRATCH`. Nothing is checked, explained or kept, and whoever
wrote it knows that the data are clean. One statement that only checks them is timed beside it.
"""

import sys
from pathlib import Path

import duckdb
from recipe import AS_OF, FEATURES, SAMPLE_ROWS, Stopwatch, finish, fit, scoring_query

FEATURE_QUERY = f"""
with orders as (
    select
        customer_id,
        max(ordered_at) filter (quantity > 0) as ordered_at,
        sum(quantity * unit_price) as amount,
        sum(quantity * unit_price) filter (quantity > 0) as bought,
        sum(-quantity * unit_price) filter (quantity < 0) as returned
    from read_parquet('{{files}}')
    group by customer_id, order_id
)
select
    customer_id,
    date_sub('day', max(ordered_at), timestamp '{AS_OF}') as recency_days,
    count(ordered_at) as frequency,
    sum(amount) as monetary,
    sum(bought)::double / count(ordered_at) as average_order_value,
    date_sub('day', min(ordered_at), timestamp '{AS_OF}') as tenure_days,
    coalesce(sum(returned), 0)::double / sum(bought)::double as return_rate
from orders
group by customer_id
having count(ordered_at) > 0
"""

# What the package's audit counts, as one would count it by hand: a pass of its own over the lines.
AUDIT_QUERY = f"""
select
    count(*) as lines,
    count(*) filter (trim(coalesce(customer_id, '')) = '') as missing_customer,
    count(*) filter (trim(coalesce(order_id, '')) = '') as missing_order,
    count(*) filter (ordered_at is null) as missing_date,
    count(*) filter (ordered_at > timestamp '{AS_OF}') as date_after_as_of,
    count(*) filter (ordered_at < timestamp '1990-01-01') as date_too_early,
    count(*) filter (quantity is null) as missing_quantity,
    count(*) filter (quantity = 0) as zero_quantity,
    count(*) filter (unit_price is null) as missing_price,
    count(*) filter (unit_price < 0) as negative_price,
    count(*) filter (unit_price = 0) as zero_price,
    sum(quantity * unit_price) as amount,
    sum(quantity * unit_price) filter (quantity < 0) as returned,
    min(ordered_at) as first_line_at,
    max(ordered_at) as last_line_at
from read_parquet('{{files}}')
"""


def features(connection, files):
    """Make the table features, one row per customer."""
    connection.execute(f"create table features as {FEATURE_QUERY.format(files=files)}")


def sample(connection):
    """Return the features of some customers, ndarray of shape (n, d), float."""
    columns = ", ".join(f"{name}::double as {name}" for name in FEATURES)
    found = connection.execute(
        f"select {columns} from features order by hash(customer_id) limit {SAMPLE_ROWS}"
    )
    return found.df().to_numpy()


def main(data, scratch):
    """Do it all, and print how long each step took."""
    files = f"{data}/*.parquet"
    watch = Stopwatch()
    with duckdb.connect(str(Path(scratch) / "floor.duckdb")) as connection:
        with watch("audit"):
            connection.execute(AUDIT_QUERY.format(files=files)).fetchall()
        with watch("features"):
            features(connection, files)
        with watch("fit"):
            model = fit(sample(connection))
        with watch("scoring"):
            connection.execute(f"create table segments as {scoring_query(model, 'features')}")
        ((customers,),) = connection.execute("select count(*) from segments").fetchall()
    finish(watch, model, customers, ["duckdb"])


if __name__ == "__main__":
    main(*sys.argv[1:])
