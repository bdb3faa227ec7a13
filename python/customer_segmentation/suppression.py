"""Hide groups of few customers in tables that others read, and those from which they could be told.

A row is hidden when one of its counts of customers is small, or when its segment is. Where a single
row of a total would be hidden it could be had by subtraction, so that the smallest of the others is
hidden with it. A hidden row keeps its keys and loses everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

SCOPE = ("scope", "scope_id", "segment_id", "segment_name")
LINEAGE = ("model_version", "as_of")
ADVICE = ("goal", "message", "action", "advice", "channel", "offer", "metric")


@dataclass(frozen=True)
class Cells:
    """What is to be known of a table whose rows are groups of customers.

    Attributes
    ----------
    counts : tuple of str. Columns that count customers; without any, only small segments hide.
    keys : tuple of str. Columns that stay in a hidden row, what tells the rows apart among them.
    totals : tuple of tuples of str. For each total that can be had elsewhere, the columns whose
        values the rows that add up to it have in common.
    """

    counts: tuple[str, ...]
    keys: tuple[str, ...]
    totals: tuple[tuple[str, ...], ...] = ()


CELLS = {
    "feature_drift": Cells(
        ("missing_customers", "other_customers", "clipped_customers"),
        ("feature", "psi", "status", "model_version"),
    ),
    "rfm_grid": Cells(("customers",), ("recency_score", "frequency_score", "as_of"), ((),)),
    "segment_attribute_profiles": Cells(
        ("customers", "base_customers"),
        (
            *("segment_id", "segment_name", "attribute", "attribute_kind", "statistic"),
            *("attribute_level", "level_position", *LINEAGE),
        ),
        (("segment_id", "attribute", "statistic"), ("attribute", "statistic", "attribute_level")),
    ),
    "segment_campaigns": Cells(
        ("contacted", "responded"),
        (*SCOPE, "campaign_id", "first_contact_at"),
        (("scope", "campaign_id"), ("scope_id",)),
    ),
    "segment_centroids": Cells((), ("segment_id", "input", "feature", "segment_name", "position")),
    "segment_cohorts": Cells(
        ("cohort_customers", "active_customers"),
        (
            *(*SCOPE, "cohort", "cohort_start", "periods_since"),
            *("period", "period_start", "is_complete"),
        ),
        (("scope", "cohort", "period"), ("scope_id", "cohort")),
    ),
    "segment_drift": Cells(("customers",), (*SCOPE, "status", "model_version"), (("scope",),)),
    "segment_drivers": Cells(
        (), ("segment_id", "input", "feature", "segment_name", "model_version")
    ),
    "segment_engagement": Cells(
        ("customers", "visitors"),
        ("segment_id", "segment_name", "event_type", *LINEAGE),
        (("event_type",),),
    ),
    "segment_history": Cells(
        (
            *("customers", "previous_customers", "entered_customers"),
            *("new_customers", "left_customers", "gone_customers"),
        ),
        ("as_of", "segment_id", "segment_name", "previous_as_of", "model_version", "run_at"),
        (("as_of",),),
    ),
    "segment_kpis": Cells(
        (
            *("customers", "active_customers", "new_customers", "previous_active_customers"),
            *("retained_customers", "repeat_customers", "churned_customers"),
            *("contacted", "responded", "top_customers"),
        ),
        (*SCOPE, "period", "period_start", "period_end", "is_complete", *LINEAGE),
        (("scope", "period"), ("scope_id",)),
    ),
    "segment_migrations": Cells(
        ("customers",),
        (
            *("migration_id", "from_as_of", "to_as_of", "from_run_at", "to_run_at"),
            *("from_model_version", "to_model_version", "from_segment_id", "from_segment_name"),
            *("to_segment_id", "to_segment_name", "movement"),
        ),
        (
            ("from_run_at", "to_run_at", "from_segment_id"),
            ("from_run_at", "to_run_at", "to_segment_id"),
        ),
    ),
    "segment_name_checks": Cells((), ("check_id", "segment_id", "segment_name", "words", "status")),
    "segment_overview": Cells(
        ("customers",),
        ("segment_id", "segment_rank", "segment_label", "segment_name", *ADVICE, *LINEAGE),
        ((),),
    ),
    "segment_profiles": Cells(
        ("customers",),
        (
            *("segment_id", "segment_rank", "segment_name", "rfm_segment", "distinguished_by"),
            *(*ADVICE, *LINEAGE),
        ),
        ((),),
    ),
    "segment_quality": Cells(("customers",), (*SCOPE, "model_version"), (("scope",),)),
    "segment_rfm_crosstab": Cells(
        ("customers",),
        ("rfm_segment", "segment_id", "segment_name", "adjusted_rand_index", *LINEAGE),
        (("rfm_segment",), ("segment_id",)),
    ),
    "segment_rules": Cells(
        ("customers", "customers_in_segment"),
        ("rule_id", "segment_id", "segment_name", "model_version"),
        ((),),
    ),
    "segment_stability": Cells((), (*SCOPE, "status", "verdict", "model_version")),
}


def hidden_cells(select, columns, cells, smallest, segments) -> str:
    """Return the SELECT statement of a table without what tells of few customers.

    Parameters
    ----------
    select : str. SELECT statement of the table.
    columns : sequence of str. Its columns.
    cells : Cells
    smallest : int. Customers that a group must have to be shown; none at all is shown too.
    segments : str. SELECT statement with one row per customer and the column segment_id.

    Returns
    -------
    str. The same columns, and `is_suppressed`; null everywhere but in the keys where it is true.
    """
    small = [f"coalesce({count} between 1 and {smallest - 1}, false)" for count in cells.counts]
    for column in ("segment_id", "from_segment_id", "to_segment_id"):
        if column in columns:
            small.append(f"coalesce({column} in (select segment_id from hidden_segments), false)")
    order = ", ".join([*cells.counts[:1], *(key for key in cells.keys if key in columns)])
    # a step per total, each of what the step before has hidden
    step = "guarded where is_unsettled"
    for total in cells.totals:
        rest = ", ".join([*total, "is_hidden", f"{cells.counts[0]} = 0"])
        whole = f"partition by {', '.join(total)}" if total else ""
        alone = f"count(case when is_hidden then 1 end) over ({whole})"
        step = (
            "(select * replace (is_hidden or "
            f"({cells.counts[0]} > 0 and {alone} = 1 "
            f"and row_number() over (partition by {rest} order by {order}) = 1) as is_hidden) "
            f"from {step})"
        )
    shown = ", ".join(
        column
        if column in cells.keys
        else f'case when not is_hidden then "{column}" end as "{column}"'
        for column in columns
    )
    return (
        "with recursive sizes as ("
        f"select segment_id, count(*) as customers from ({segments}) group by segment_id), "
        "ranked as (select segment_id, customers, "
        f"count(case when customers < {smallest} then 1 end) over () as small_segments, "
        "row_number() over (order by customers, segment_id) as place from sizes), "
        # a single small segment could be had as the rest of all
        "hidden_segments as (select segment_id from ranked "
        f"where customers < {smallest} or (small_segments = 1 and place = 2)), "
        f"cells as ({select}), "
        f"flagged as (select *, {' or '.join(small) or 'false'} as is_hidden from cells), "
        # what is hidden for one total may be alone in another: on until a round hides nothing
        "guarded as ("
        "select *, is_hidden as was_hidden, 1 as round, true as is_unsettled from flagged "
        "union all select * replace (is_hidden as was_hidden, round + 1 as round, "
        f"bool_or(is_hidden and not was_hidden) over () as is_unsettled) from {step}) "
        f"select {shown}, is_hidden as is_suppressed from guarded "
        "where round = (select max(round) from guarded)"
    )
