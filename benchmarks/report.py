"""Time the report on many customers: `python benchmarks/report.py [CUSTOMERS]`.

Makes a published file of the right shape, seeded, and prints seconds and megabytes. The tables by
customer are as long as the customers are many; a report that read them would show it here.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import duckdb

SEED = 0.42
SEGMENTS = 8

TABLES = {
    "segments": """
        select 'C' || i as customer_id, 1 + hash(i, 1) % {k} as segment_id,
            'Segment ' || (1 + hash(i, 1) % {k}) || ' · made up' as segment_name,
            (hash(i, 2) % 365)::integer as recency_days, (1 + hash(i, 3) % 20)::bigint as frequency,
            (hash(i, 4) % 100000 / 100)::decimal(38, 4) as monetary,
            (1 + hash(i, 5) % 5)::integer as recency_score,
            (1 + hash(i, 6) % 5)::integer as frequency_score,
            'Loyal' as rfm_segment, 1 as model_version, timestamp '2026-01-01' as as_of
        from range({n}) as customers(i)""",
    "feature_snapshot": """
        select customer_id, recency_days, frequency, monetary, random() as average_order_value,
            random() as return_rate, as_of from segments""",
    "customer_lifetime_value": """
        select customer_id, random() * 100 as discounted_value_365_days, as_of from segments""",
    "segments_snapshot": "select *, as_of as dbt_valid_from from segments",
    "publication": """
        select 'v' as version, timestamp '2026-01-02' as run_at, 1 as model_version,
            timestamp '2026-01-01' as as_of""",
    "segment_profiles": """
        select segment_id::integer as segment_id, segment_name, count(*) as customers,
            count(*) / sum(count(*)) over () as customer_share, sum(monetary) as revenue,
            (sum(monetary) / sum(sum(monetary)) over ())::double as revenue_share,
            median(recency_days) as median_recency_days, median(frequency) as median_frequency,
            median(monetary)::double as median_monetary, 'Goal' as goal, 'Do' as action,
            'Mind' as advice, 'email' as channel, 'Orders' as metric, 1 as model_version
        from segments group by all""",
    "rfm_grid": """
        select recency_score, frequency_score, count(*) as customers, sum(monetary) as revenue,
            any_value(rfm_segment) as rfm_segment from segments group by all""",
    "segment_map": """
        select row_number() over () as point_id, 'customer' as kind,
            segment_id::integer as segment_id, segment_name,
            random() * 4 + segment_id as x, random() * 4 as y, 0.5 as x_variance_share,
            0.2 as y_variance_share from segments limit 3000""",
    "segment_candidates": """
        select 1 as model_version, 'kmeans' as algorithm, k, 1e6 / k as inertia,
            0.3 + 0.01 * k as silhouette, 1000.0 + k as calinski_harabasz,
            1.0 / k as davies_bouldin, null::double as gap, null::double as bic,
            null::double as stability, k = 5 as is_elbow, k = 8 as is_chosen, 'Because.' as reason
        from range(3, 9) as tried(k)""",
    "segment_drivers": """
        select segment_id, segment_name, feature as input, 1 as rank, 1.0 as mean,
            2.0 as mean_of_all, random() * 4 - 2 as standardised_difference
        from segment_profiles, range(12) as n(i), (select 'feature ' || i as feature)""",
    "segment_attribute_profiles": """
        select segment_id, segment_name, 'region' as attribute, 'share' as statistic,
            'level ' || i as attribute_level, i as level_position, random() as share,
            0.5 as base_share, true as is_significant
        from segment_profiles, range(60) as n(i)""",
    "segment_migrations": """
        select timestamp '2025-10-01' as from_as_of, timestamp '2026-01-01' as to_as_of,
            old.segment_id as from_segment_id, old.segment_name as from_segment_name,
            new.segment_id as to_segment_id, new.segment_name as to_segment_name,
            if(old.segment_id = new.segment_id, 'stayed', 'moved') as movement,
            100 as customers, 10.0 as revenue, 0.1 as from_share
        from segment_profiles as old, segment_profiles as new""",
    "segment_kpis": """
        select 'segment' as scope, segment_id, segment_name, period, period_start,
            true as is_complete, 50 as retained_customers, 100 as previous_active_customers,
            0.5 as retention_rate, 10 as contacted, 1 as responded, 0.1 as conversion_rate,
            0.05 as conversion_rate_lower, 0.2 as conversion_rate_upper, customers,
            0.5 as repeat_rate, 1000.0 as discounted_value_365_days,
            random() * 100 as mean_discounted_value_365_days
        from segment_profiles,
            (select strftime(d, '%Y-%m') as period, d as period_start
             from range(timestamp '2024-01-01', timestamp '2026-01-01', interval 1 month) as m(d)
             union all select 'all', null)""",
}


def make(file, customers):
    """Write a published file with so many customers."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' as made (storage_version 'v1.4.0')")
        connection.execute("use made")
        connection.execute(f"select setseed({SEED})")
        for name, query in TABLES.items():
            query = query.format(n=customers, k=SEGMENTS)
            connection.execute(f"create table {name} as {query}")


def main():
    """Make the file, write the report and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("customers", nargs="?", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "segmentation.duckdb"
        make(file, options.customers)
        # Importing Plotly and pandas is part of what a person waits for.
        start = time.perf_counter()
        from customer_segmentation.report import render

        html = render(file)
        seconds = time.perf_counter() - start
        size = file.stat().st_size / 1e6
    print(
        f"{options.customers:,} customers, {size:,.0f} MB published: report in {seconds:.1f} s, "
        f"{len(html.encode()) / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main()
