"""Say in words what the last build changed: who moved, what drifted, whether the model is new.

All of it is read from the tables that the build wrote, by one statement each.
"""

from __future__ import annotations

from textwrap import wrap

LINE = 100

# The last completed build, and the one before it, if there is one.
BUILDS = """
    select as_of, customers, model_version
    from segmentation.segment_builds
    order by run_at desc
    limit 2
"""

MOVEMENT = """
    select
        coalesce(sum(customers) filter (movement != 'new'), 0)::bigint as there_before,
        coalesce(sum(customers) filter (movement = 'moved'), 0)::bigint as moved,
        coalesce(sum(customers) filter (movement = 'new'), 0)::bigint as new,
        coalesce(sum(customers) filter (movement = 'gone'), 0)::bigint as gone,
        max(customers) filter (move_rank = 1) as most,
        max(from_segment_name) filter (move_rank = 1) as most_from,
        max(to_segment_name) filter (move_rank = 1) as most_to
    from segmentation.segment_migrations
    where
        to_run_at = (select max(run_at) from segmentation.segment_builds)
        and from_run_at = (
            select run_at from segmentation.segment_builds order by run_at desc limit 1 offset 1
        )
"""

DRIFT = """
    select message from segmentation.feature_drift where status != 'pass'
    union all
    select message from segmentation.segment_drift where status != 'pass'
    order by message
"""

REASON = "select reason from segmentation.segmentation_runs order by run_at desc limit 1"

PUBLISHED = """
    select file
    from segmentation.publications
    where published_at = (select max(published_at) from segmentation.publications)
    order by format
    limit 1
"""


def what_changed(connection) -> list[str]:
    """Describe the last build beside the one before it.

    Parameters
    ----------
    connection : DuckDB connection to a database that `dbt build` has filled.

    Returns
    -------
    list of str, lines of at most 100 columns; none if no build was completed with its snapshot.
    """
    builds = connection.execute(BUILDS).fetchall()
    if not builds:
        return []
    (as_of, customers, version), *before = builds
    told = [f"Orders up to {as_of:%Y-%m-%d %H:%M} UTC, {count(customers, 'customer')}."]
    if before:
        told.append(movement(before[0], connection.execute(MOVEMENT).fetchone()))
    else:
        told.append("This is the first build, so nobody has moved yet.")
    told.append(f"Model version {version}. {connection.execute(REASON).fetchone()[0]}")
    drifted = [message for (message,) in connection.execute(DRIFT).fetchall()]
    told += drifted or ["No feature and no segment size has drifted since the model was trained."]
    heading = "What changed since the last build" if before else "What this build is"
    indents = {"initial_indent": "   ", "subsequent_indent": "     "}
    return [heading, *(line for sentence in told for line in wrap(sentence, LINE, **indents))]


def where_published(connection) -> list[str]:
    """Say which file others read, and how to look at it.

    Parameters
    ----------
    connection : DuckDB connection to a database that `dbt build` has filled.

    Returns
    -------
    list of str, lines; none if nothing was published.
    """
    published = connection.execute(PUBLISHED).fetchone()
    if published is None:
        return []
    return [f"Published: {published[0]}", "Report: `make report` writes it from there."]


def movement(before, moves) -> str:
    """Say how many customers of the earlier build are in another segment now.

    Parameters
    ----------
    before : tuple, the earlier row of BUILDS.
    moves : tuple, the row of MOVEMENT.
    """
    there_before, moved, new, gone, most, most_from, most_to = moves
    share = f" ({moved / there_before:.1%})" if there_before else ""
    sentence = (
        f"{moved:,} of the {count(there_before, 'customer')} who were there before"
        f" ({before[0]:%Y-%m-%d %H:%M}) are in another segment now{share}, {new:,} are new,"
        f" {gone:,} are gone."
    )
    if most:
        sentence += f" Most often: {most:,} from {most_from} to {most_to}."
    return sentence


def count(number, noun) -> str:
    """Return a number with its noun, in the plural unless it is 1."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
