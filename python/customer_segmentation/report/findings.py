"""Say in one sentence what a chart shows, from the rows that it shows."""

from __future__ import annotations

from customer_segmentation.report.wording import (
    counted,
    decimal,
    money,
    percent,
    spoken,
    whole,
)


def largest(rows, column):
    """Return the row with the highest value, the lower id of two; None without a value."""
    valued = [row for row in rows if row[column] is not None]
    return max(valued, key=lambda row: (row[column], -(row.get("segment_id") or 0)), default=None)


def smallest(rows, column):
    """Return the row with the lowest value, the lower id of two; None without a value."""
    valued = [row for row in rows if row[column] is not None]
    return min(valued, key=lambda row: (row[column], row.get("segment_id") or 0), default=None)


def revenue(profiles) -> str:
    """Say which segment brings the most revenue, against its share of the customers."""
    top = largest(profiles, "revenue_share")
    if top is None:
        return "There is no revenue to share out."
    return (
        f"{top['segment_name']} brings {percent(top['revenue_share'])} of the revenue with "
        f"{percent(top['customer_share'])} of the customers."
    )


def attributes(rows) -> str:
    """Say which level of an attribute sets a segment apart most."""
    told = [row for row in rows if row["is_significant"] and row["statistic"] == "share"]
    if not told:
        return "No attribute sets a segment apart more than chance would."
    top = max(
        told,
        key=lambda row: (
            abs(row["share"] - row["base_share"]),
            row["attribute"],
            row["attribute_level"],
            -row["segment_id"],
        ),
    )
    return (
        f"The clearest difference: {spoken(top['attribute'])} is {top['attribute_level']} for "
        f"{percent(top['share'])} of {top['segment_name']}, against {percent(top['base_share'])} "
        f"of all customers."
    )


def conversion(rows) -> str:
    """Say who answered campaigns most and least often."""
    top, low = largest(rows, "conversion_rate"), smallest(rows, "conversion_rate")
    if top is None:
        return "Nobody was contacted by a campaign yet."
    return (
        f"{top['segment_name']} answered {percent(top['conversion_rate'], 1)} of the campaign "
        f"contacts, {low['segment_name']} {percent(low['conversion_rate'], 1)}."
    )


def rfm(cells) -> str:
    """Say which cell of the RFM grid holds most customers and which most revenue."""
    many, rich = largest(cells, "customers"), largest(cells, "revenue")
    total = sum(row["customers"] for row in cells)
    if not total:
        return "The grid holds no customers."
    return (
        f"Most customers, {percent(many['customers'] / total)}, have recency score "
        f"{many['recency_score']} and frequency score {many['frequency_score']} "
        f"({many['rfm_segment']}); most revenue, {money(rich['revenue'])}, comes from recency "
        f"{rich['recency_score']} and frequency {rich['frequency_score']} ({rich['rfm_segment']})."
    )


METRICS = {
    "inertia": ("Inertia (elbow)", "inertia, lower is tighter", min),
    "silhouette": ("Silhouette", "silhouette, higher is better", max),
    "calinski_harabasz": ("Calinski-Harabasz", "index, higher is better", max),
    "davies_bouldin": ("Davies-Bouldin", "index, lower is better", min),
    "gap": ("Gap statistic", "gap, higher is better", max),
    "bic": ("BIC", "BIC, lower is better", min),
    "stability": ("Stability", "Jaccard, higher is better", max),
}


def candidate(rows, metric) -> str:
    """Say what a metric prefers, and what was chosen."""
    told = [row for row in rows if row[metric] is not None]
    chosen = next((row for row in told if row["is_chosen"]), None)
    picked = f"; k = {chosen['k']} was chosen" if chosen else ""
    if metric == "inertia":
        elbow = next((row for row in told if row["is_elbow"]), None)
        if elbow is None:
            return f"The inertia falls without a clear elbow{picked}."
        return f"The inertia bends at k = {elbow['k']}{picked}."
    choose = METRICS[metric][2]
    value = choose(row[metric] for row in told)
    best = min(row["k"] for row in told if row[metric] == value)
    if chosen and chosen["k"] == best:
        return f"It is best at k = {best} ({value:,.4g}), which was chosen."
    return f"It is best at k = {best} ({value:,.4g}){picked}."


def segment_map(points) -> str:
    """Say how much of the differences the map shows, and which two centres lie closest."""
    shown = points[0]["x_variance_share"] + points[0]["y_variance_share"]
    start = f"The map shows {percent(shown)} of the differences between the customers"
    centres = [row for row in points if row["kind"] == "centre"]
    pairs = [
        (((one["x"] - two["x"]) ** 2 + (one["y"] - two["y"]) ** 2) ** 0.5, place, one, two)
        for place, one in enumerate(centres)
        for two in centres[:place]
    ]
    if not pairs:
        return f"{start}."
    _, _, one, two = min(pairs, key=lambda pair: pair[:2])
    return f"{start}; {two['segment_name']} and {one['segment_name']} lie closest to each other."


def drivers(rows) -> str:
    """Say which feature sets which segment apart most."""
    told = [row for row in rows if row["standardised_difference"] is not None]
    if not told:
        return "No feature sets a segment apart."
    top = max(told, key=lambda row: (abs(row["standardised_difference"]), -row["segment_id"]))
    side = "above" if top["standardised_difference"] > 0 else "below"
    return (
        f"The strongest driver: {spoken(top['input'])} in {top['segment_name']} lies "
        f"{decimal(abs(top['standardised_difference']))} standard deviations {side} that of "
        f"all customers."
    )


def migrations(rows) -> str:
    """Say how many customers changed their segment, and the largest stream of them."""
    known = [row for row in rows if row["from_segment_id"] is not None]
    moved = [row for row in known if row["movement"] == "moved"]
    total = sum(row["customers"] for row in known)
    if not total:
        return "No customer was there in both builds."
    count = sum(row["customers"] for row in moved)
    start = f"{whole(count)} of {counted(total, 'customer')} ({percent(count / total)}) moved"
    if not moved:
        return f"{start} to another segment."
    top = max(moved, key=lambda row: (row["customers"], -(row["from_segment_id"] or 0)))
    return (
        f"{start} to another segment; the largest stream, {whole(top['customers'])}, went from "
        f"{top['from_segment_name']} to {top['to_segment_name']}."
    )


def retention(rows) -> str:
    """Say which segment keeps most and which fewest customers from period to period.

    Parameters
    ----------
    rows : list of dict with segment_name, retained_customers and previous_active_customers.
    """
    sums = {}
    for row in rows:
        kept, before = sums.get((row["segment_id"], row["segment_name"]), (0, 0))
        sums[row["segment_id"], row["segment_name"]] = (
            kept + (row["retained_customers"] or 0),
            before + (row["previous_active_customers"] or 0),
        )
    rates = sorted(
        (kept / before, -id_, name) for (id_, name), (kept, before) in sums.items() if before
    )
    if not rates:
        return "No customer has bought in two periods yet."
    (low, _, last), (high, _, first) = rates[0], rates[-1]
    return (
        f"From one period to the next, {first} kept {percent(high)} of its buyers and "
        f"{last} {percent(low)}, over the periods shown."
    )


def value(rows) -> str:
    """Say which segment is expected to be worth most."""
    top = largest(rows, "discounted_value_365_days")
    each = largest(rows, "mean_discounted_value_365_days")
    total = sum(row["discounted_value_365_days"] or 0 for row in rows)
    if top is None or each is None or not total:
        return "No future value is expected of any segment."
    return (
        f"A customer of {each['segment_name']} is expected to be worth "
        f"{money(each['mean_discounted_value_365_days'])} over the next 365 days; "
        f"{'it' if top is each else top['segment_name']} holds "
        f"{percent(top['discounted_value_365_days'] / total)} "
        f"of the {money(total)} expected of all."
    )


def set_aside(rows, checked) -> str:
    """Say how many lines were set aside, and why most of them."""
    count = sum(row["rows_failed"] for row in rows)
    if not count:
        return f"None of the {counted(checked, 'line')} was set aside."
    top = max(rows, key=lambda row: (row["rows_failed"], row["check_name"]))
    return (
        f"{whole(count)} of {counted(checked, 'line')} ({percent(count / checked, 1)}) were set "
        f"aside, most often for: {spoken(top['check_name'])} ({whole(top['rows_failed'])})."
    )


def drift(rows) -> str:
    """Say how many features have drifted, and which most."""
    told = [row for row in rows if row["psi"] is not None]
    if not told:
        return "No feature could be compared with the training."
    drifted = [row for row in told if row["status"] != "pass"]
    top = max(told, key=lambda row: (row["psi"], row["feature"]))
    if not drifted:
        return (
            f"None of the {counted(len(told), 'feature')} has drifted since the model was fitted; "
            f"the highest index is {decimal(top['psi'], 2)}."
        )
    return (
        f"{whole(len(drifted))} of the {counted(len(told), 'feature')} drifted since the model was "
        f"fitted, most of all {spoken(top['feature'])} ({decimal(top['psi'], 2)})."
    )
