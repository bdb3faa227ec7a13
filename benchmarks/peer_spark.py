"""The same work in Spark on both cores: `python benchmarks/peer_spark.py DATA SCRATCH`.

SQL for the features and the segments; scikit-learn fits on the driver, as for everybody else. The
start of the session is timed, and no part of the comparison.
"""

import sys
from pathlib import Path

from pyspark.sql import SparkSession
from recipe import AS_OF, FEATURES, SAMPLE_ROWS, SEED, Stopwatch, finish, fit, scoring_query

FEATURE_QUERY = f"""
with orders as (
    select
        customer_id,
        max(ordered_at) filter (where quantity > 0) as ordered_at,
        sum(quantity * unit_price) as amount,
        sum(quantity * unit_price) filter (where quantity > 0) as bought,
        sum(-quantity * unit_price) filter (where quantity < 0) as returned
    from lines
    group by customer_id, order_id
)
select
    customer_id,
    timestampdiff(day, max(ordered_at), timestamp_ntz '{AS_OF}') as recency_days,
    count(ordered_at) as frequency,
    sum(amount) as monetary,
    double(sum(bought)) / count(ordered_at) as average_order_value,
    timestampdiff(day, min(ordered_at), timestamp_ntz '{AS_OF}') as tenure_days,
    double(coalesce(sum(returned), 0)) / double(sum(bought)) as return_rate
from orders
group by customer_id
having count(ordered_at) > 0
"""


def session(scratch, cores=2, memory="8g"):
    """Start Spark on this machine alone."""
    return (
        SparkSession.builder.master(f"local[{cores}]")
        .config("spark.driver.memory", memory)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.local.dir", scratch)
        .config("spark.sql.warehouse.dir", f"{scratch}/warehouse")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )


def stop(spark):
    """Stop Spark and wait for its Java process, so that its memory is accounted to this one."""
    gateway = spark.sparkContext._gateway
    spark.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


def main(data, scratch):
    """Do it all, and print how long each step took."""
    watch = Stopwatch()
    files = [str(file) for file in sorted(Path(data).glob("*.parquet"))]
    with watch("start"):
        spark = session(scratch)
    with watch("features"):
        spark.read.parquet(*files).createOrReplaceTempView("lines")
        spark.sql(FEATURE_QUERY).write.parquet(f"{scratch}/features")
        spark.read.parquet(f"{scratch}/features").createOrReplaceTempView("features")
        customers = spark.table("features").count()
    with watch("fit"):
        columns = [f"double({name}) as {name}" for name in FEATURES]
        share = min(1.0, 1.05 * SAMPLE_ROWS / customers)
        drawn = spark.table("features").sample(share, seed=SEED).limit(SAMPLE_ROWS)
        model = fit(drawn.selectExpr(*columns).toPandas().to_numpy())
    with watch("scoring"):
        spark.sql(scoring_query(model, "features")).write.parquet(f"{scratch}/segments")
    stop(spark)
    finish(watch, model, customers, ["pyspark"])


if __name__ == "__main__":
    main(*sys.argv[1:])
