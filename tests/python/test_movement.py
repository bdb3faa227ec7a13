"""Who went where over a year of monthly builds: every table against pandas on the saved builds."""

import shutil
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb
import pandas as pd
import pytest
import yaml
from corner_shop import clean_lines, write_lines
from project_runner import UP_TO_SEGMENTS, WITHOUT_TESTS, read_yaml, together

MOVEMENT = ("segments_snapshot", "segment_builds", "segment_history", "segment_migrations")
SELECTION = ("--select", "+file:segments.sql", "published_run", *MOVEMENT, *WITHOUT_TESTS)
MONTHS = [f"2011-{month:02}-01" for month in range(2, 13)] + ["2011-12-10"]
SETTINGS = {
    "segmentation_transactions": "read_parquet('lines.parquet')",
    # customers are gone half a year after their last order, and may come back
    "segmentation_lookback_days": 180,
    "segmentation_refit": "always",
    "segmentation_k": 4,
}


@dataclass(frozen=True)
class Build:
    """What a build published: when it ran, what it looked at, and its customers."""

    run_at: datetime
    as_of: datetime
    segments: pd.DataFrame


def load(project, real_data, until):
    """Write the lines of Online Retail before a date where the project looks for them."""
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select * from "
            f"read_parquet('{real_data / 'online_retail' / 'online_retail.parquet'}') "
            f"where InvoiceDate < '{until}') to '{project.scratch / 'lines.parquet'}'"
        )


def move_session_to(project, zone):
    """Let all later builds of a project run in another time zone."""
    path = project.scratch / "profiles.yml"
    profiles = read_yaml(path)
    profiles["gift_wholesaler"]["outputs"]["dev"]["settings"] = {"TimeZone": zone}
    path.write_text(yaml.safe_dump(profiles))


def published(project):
    """Return what the last run published, customers by id, spend exactly."""
    columns = (
        "customer_id, segment_id, segment_name, monetary, recency_days, frequency, model_version, "
        "entered_segment_at, previous_segment_id, left_previous_segment_at, as_of"
    )
    rows = project.rows(f"select {columns} from segments")
    segments = pd.DataFrame(rows, columns=columns.split(", "), dtype=object)
    run_at = project.value("select max(run_at) from segmentation_runs")
    return Build(run_at, segments["as_of"][0], segments.set_index("customer_id"))


@pytest.fixture(scope="module")
def year(online_retail, real_data):
    """Return the project after the year, and its completed builds in the order of the runs.

    In April a build stops before the snapshot; from September on the session has another time
    zone; in October the lines up to mid-May are looked at once more; the last build is repeated
    with --full-refresh.
    """
    project = online_retail.variant("movement", SETTINGS)
    builds = []

    def build(until, *arguments):
        load(project, real_data, until)
        builds.append(published(project.build(*SELECTION, *arguments)))

    for month in MONTHS:
        build(month)
        if month == "2011-04-01":
            load(project, real_data, "2011-04-20")
            project.build(*UP_TO_SEGMENTS)
        elif month == "2011-08-01":
            move_session_to(project, "Pacific/Auckland")
        elif month == "2011-10-01":
            build("2011-05-15")
    build(MONTHS[-1], "--full-refresh")
    return project, builds


@pytest.fixture(scope="module")
def project(year):
    return year[0]


@pytest.fixture(scope="module")
def builds(year):
    return year[1]


def newest_of_each(builds):
    """Return the newest build of each end of observation, in their order."""
    return sorted({build.as_of: build for build in builds}.values(), key=lambda build: build.as_of)


def before(builds, build, strictly=True):
    """Return the builds that an earlier run made of an earlier moment, newest of each, in order."""
    ran = builds[: builds.index(build)]
    return newest_of_each(
        [b for b in ran if b.as_of < build.as_of or (not strictly and b.as_of == build.as_of)]
    )


def none_for_nan(value):
    return None if pd.isna(value) else value


def test_only_completed_builds_are_builds(project, builds):
    recorded = project.rows("select run_at, as_of from segment_builds order by run_at")
    assert recorded == [(build.run_at, build.as_of) for build in builds]
    assert len(builds) == len(MONTHS) + 2
    assert project.value("select count(*) from segmentation_runs") == len(builds) + 1
    sizes = project.rows("select customers, revenue from segment_builds order by run_at")
    assert sizes == [(len(b.segments), b.segments["monetary"].sum()) for b in builds]


def test_every_build_can_be_read_from_the_snapshot(project, builds):
    for build in builds:
        found = project.rows(
            "select customer_id, segment_id, segment_name from segments_snapshot "
            f"where dbt_valid_from <= '{build.run_at}' "
            f"and (dbt_valid_to is null or dbt_valid_to > '{build.run_at}')"
        )
        expected = build.segments[["segment_id", "segment_name"]].itertuples(name=None)
        assert Counter(found) == Counter(expected)


def test_snapshot_has_one_row_per_customer_at_a_time(project, builds):
    rows = project.frame("select * from segments_snapshot").sort_values(
        ["customer_id", "dbt_valid_from"]
    )
    assert rows["dbt_scd_id"].is_unique
    ended = rows["dbt_valid_to"].notna()
    assert (rows["dbt_valid_to"][ended] > rows["dbt_valid_from"][ended]).all()
    following = rows.groupby("customer_id")["dbt_valid_from"].shift(-1)
    has_next = following.notna()
    assert (rows["dbt_valid_to"][has_next] <= following[has_next]).all()
    open_rows = rows[~ended]
    assert sorted(open_rows["customer_id"]) == sorted(builds[-1].segments.index)
    # all its times are those of runs, also where the session was half a day ahead
    times = set(rows["dbt_valid_from"]) | set(rows["dbt_valid_to"][ended])
    assert times == {build.run_at for build in builds[:-1]}
    # the last spend of a stay is that of its last build
    last = builds[-1].segments["monetary"].astype(float)
    found = open_rows.set_index("customer_id")["monetary"]
    assert found.to_dict() == last.to_dict()


def migrations_by_pandas(builds):
    """Return the rows that segment_migrations should have, as a Counter of tuples."""
    expected = Counter()
    for build in newest_of_each(builds):
        last_known = {}
        for earlier in builds[: builds.index(build)]:
            last_known |= earlier.segments["monetary"].to_dict()
        now = build.segments[["segment_id", "segment_name", "monetary"]]
        for earlier in before(builds, build, strictly=False)[-12:]:
            pair = earlier.segments[["segment_id", "segment_name"]].add_suffix("_then")
            pair = pair.join(now, how="outer")
            pair["monetary"] = [
                last_known[customer] if pd.isna(value) else value
                for customer, value in pair["monetary"].items()
            ]
            keys = ["segment_id_then", "segment_name_then", "segment_id", "segment_name"]
            for key, group in pair.groupby(keys, dropna=False):
                then_id, then_name, id_, name = map(none_for_nan, key)
                movement = "stayed" if then_id == id_ else "moved"
                movement = "new" if then_id is None else "gone" if id_ is None else movement
                row = (earlier.as_of, build.as_of, earlier.run_at, build.run_at, then_id)
                row += (then_name or "(new)", id_, name or "(gone)", movement, len(group))
                expected[(*row, group["monetary"].sum())] += 1
    return expected


def test_migrations_are_those_of_pandas(project, builds):
    found = project.rows(
        "select from_as_of, to_as_of, from_run_at, to_run_at, from_segment_id, from_segment_name, "
        "to_segment_id, to_segment_name, movement, customers, revenue from segment_migrations"
    )
    expected = migrations_by_pandas(builds)
    assert Counter(found) == expected
    ways = Counter(row[8] for row in expected)
    assert min(ways[way] for way in ("stayed", "moved", "new", "gone")) > 50


def test_every_pair_of_builds_conserves_customers_and_revenue(project, builds):
    pairs = project.rows("""
        select
            from_run_at,
            to_run_at,
            sum(customers) filter (movement in ('stayed', 'moved', 'gone')),
            sum(customers) filter (movement in ('stayed', 'moved', 'new')),
            sum(revenue) filter (movement in ('stayed', 'moved', 'new')),
            coalesce(sum(customers) filter (movement = 'new'), 0),
            coalesce(sum(customers) filter (movement = 'gone'), 0)
        from segment_migrations
        group by all
    """)
    by_run = {build.run_at: build.segments for build in builds}
    for from_run, to_run, came_from, went_to, revenue, new, gone in pairs:
        assert came_from == len(by_run[from_run])
        assert went_to == len(by_run[to_run])
        assert revenue == by_run[to_run]["monetary"].sum()
        assert went_to == came_from + new - gone
    # the twelve months with all before them, May with the four before it, and the repeated build
    # with the one that it replaces, which makes thirteen, of which the setting allows twelve
    counted = Counter(to_run for _, to_run, *_ in pairs)
    assert sorted(counted.values()) == [1, 2, 3, 4, 4, 5, 6, 7, 8, 10, 11, 12]


def test_biggest_moves_come_first(project):
    rows = project.rows(
        "select from_as_of, to_as_of, customers, from_segment_id, to_segment_id, move_rank "
        "from segment_migrations where movement = 'moved'"
    )
    by_pair = {}
    for from_as_of, to_as_of, customers, from_id, to_id, rank in rows:
        by_pair.setdefault((from_as_of, to_as_of), []).append((rank, -customers, from_id, to_id))
    for moves in by_pair.values():
        moves.sort()
        assert [rank for rank, *_ in moves] == list(range(1, len(moves) + 1))
        assert [move[1:] for move in moves] == sorted(move[1:] for move in moves)
    query = "select count(*) from segment_migrations where movement != 'moved' and move_rank > 0"
    assert project.value(query) == 0


def test_history_is_that_of_pandas(project, builds):
    found = project.rows(
        "select as_of, run_at, segment_id, segment_name, customers, revenue, previous_as_of, "
        "previous_customers, entered_customers, new_customers, left_customers, gone_customers "
        "from segment_history"
    )
    expected = Counter()
    for build in newest_of_each(builds):
        earlier = (before(builds, build) or [None])[-1]
        now = build.segments
        then = now.iloc[:0] if earlier is None else earlier.segments
        names = dict(zip(then["segment_id"], then["segment_name"], strict=True))
        names |= dict(zip(now["segment_id"], now["segment_name"], strict=True))
        for id_, name in names.items():
            inside = now[now["segment_id"] == id_]
            was_inside = then[then["segment_id"] == id_]
            came = inside.index.difference(was_inside.index)
            went = was_inside.index.difference(inside.index)
            flows = (len(was_inside), len(came), len(came.difference(then.index)))
            flows += (len(went), len(went.difference(now.index)))
            row = (build.as_of, build.run_at, id_, name, len(inside), inside["monetary"].sum() or 0)
            known = (earlier.as_of, *flows) if earlier else (None,) * 6
            expected[row + known] += 1
    assert Counter(found) == expected


def test_history_means_and_shares_are_those_of_pandas(project, builds):
    found = project.frame("select * from segment_history where customers > 0")
    for build in newest_of_each(builds):
        now = build.segments.astype({"monetary": float, "recency_days": int, "frequency": int})
        by_segment = now.groupby("segment_id")[["recency_days", "frequency", "monetary"]]
        own = found[found["as_of"] == build.as_of].set_index("segment_id").sort_index()
        for column in ("recency_days", "frequency", "monetary"):
            means = by_segment.mean()[column].to_numpy(dtype=float)
            assert own[f"mean_{column}"].to_numpy() == pytest.approx(means, rel=1e-12)
        shares = by_segment.size().to_numpy() / len(now)
        assert own["customer_share"].to_numpy() == pytest.approx(shares, rel=1e-12)
        shares = by_segment.sum()["monetary"].to_numpy(dtype=float) / now["monetary"].sum()
        assert own["revenue_share"].to_numpy() == pytest.approx(shares, rel=1e-9)


def entry_by_hand(states, times):
    """Return when a customer entered his segment, the one before, and when he left that.

    Parameters
    ----------
    states : list of the segment at each build, None where he is absent, the last the present one.
    times : list of the end of observation of each.
    """
    entered = len(states) - 1
    while entered > 0 and states[entered - 1] == states[-1]:
        entered -= 1
    last = entered - 1
    while last >= 0 and states[last] is None:
        last -= 1
    return (
        (times[entered], states[last], times[last + 1])
        if last >= 0
        else (times[entered], None, None)
    )


def test_entry_and_exit_are_those_of_the_earlier_builds(builds):
    returned = 0
    for build in builds:
        looked = [*before(builds, build), build]
        segments = [b.segments["segment_id"].to_dict() for b in looked]
        times = [b.as_of for b in looked]
        columns = ["entered_segment_at", "previous_segment_id", "left_previous_segment_at"]
        for customer, *found in build.segments[columns].itertuples(name=None):
            expected = entry_by_hand([ids.get(customer) for ids in segments], times)
            assert tuple(map(none_for_nan, found)) == expected
            returned += expected[2] is not None and expected[2] < expected[0]
    assert returned > 50


def test_tests_of_movement_pass(project):
    outcome = project.dbt("test", "--select", *MOVEMENT)
    assert outcome.returncode == 0, outcome.stdout
    # the hook that checks the settings is a success
    assert set(project.results().values()) == {"pass", "success"}


BROKEN = {
    "update segments_snapshot set dbt_valid_to = null": {"customer_is_in_one_segment_at_a_time"},
    "update segment_migrations set customers = customers + 1 where move_rank = 1": {
        "migrations_conserve_customers"
    },
    "update segment_history set left_customers = left_customers + 1": {
        "history_of_each_segment_adds_up"
    },
    "update segment_history set revenue = revenue + 1, customers = customers + 1": {
        "history_counts_every_customer_of_its_build",
        "history_counts_all_revenue_of_its_build",
    },
}


def test_tests_of_movement_find_what_is_broken(project):
    broken = replace(project).variant("movement_broken")
    shutil.copy(project.database, broken.database)
    with duckdb.connect(str(broken.database)) as connection:
        connection.execute(f"use {broken.schema}")
        for statement in BROKEN:
            connection.execute(statement)
    broken.dbt("test", "--select", *MOVEMENT)
    failed = {name.split(".")[2] for name, status in broken.results().items() if status == "fail"}
    assert failed == set().union(*BROKEN.values())


def test_any_two_builds_can_be_compared(project, builds):
    first, last = builds[0], builds[-1]
    arguments = f"{{earlier: {first.as_of:%Y-%m}, later: {project_run_id(project, last)}}}"
    outcome = project.dbt("--quiet", "run-operation", "compare_builds", "--args", arguments)
    assert outcome.returncode == 0, outcome.stdout
    lines = outcome.stdout.splitlines()
    (start,) = (i for i, line in enumerate(lines) if line.startswith("Customers by segment"))
    header = lines[start + 1].split()
    assert header[0] == "segment"
    assert header[-2:] == ["gone", "all"]
    pair = first.segments[["segment_id"]].add_suffix("_then")
    pair = pair.join(last.segments[["segment_id"]], how="outer")
    then = pair["segment_id_then"].map(lambda id_: "new" if pd.isna(id_) else str(id_))
    now = pair["segment_id"].map(lambda id_: "gone" if pd.isna(id_) else str(id_))
    expected = pd.crosstab(then, now, margins=True, margins_name="all")
    for line in lines[start + 2 : start + 2 + len(expected)]:
        own, *numbers = line.split()
        assert [int(number) for number in numbers] == list(expected.loc[own, header[1:]])
    moved = ((then != now) & (then != "new") & (now != "gone")).sum()
    assert f"{moved} of {len(first.segments)} customers moved to another segment" in outcome.stdout


def project_run_id(project, build):
    return project.value(f"select run_id from segment_builds where run_at = '{build.run_at}'")


def test_comparison_with_a_build_that_there_is_not_is_refused(project, builds):
    outcome = project.dbt(
        "run-operation", "compare_builds", "--args", "{earlier: 2011-05-14, later: 2012-01-01}"
    )
    assert outcome.returncode != 0
    assert "compare_builds was asked for the build 2012-01-01, but segment_builds holds those as of"
    assert f"{builds[0].as_of}, " in outcome.stdout
    assert "the build 2011-05-14" not in outcome.stdout


# ---------- what is no build


@pytest.fixture(scope="module")
def shops(corner_shop):
    """Return a shop, what it kept when built, built --empty and only run; and one only ever run."""
    built = corner_shop.variant("movement_built", {"segmentation_k": 3})
    only_run = corner_shop.variant("movement_run", {"segmentation_k": 3})
    for shop in (built, only_run):
        write_lines(shop, clean_lines())

    def go_on():
        states = []
        built.build(*WITHOUT_TESTS)
        states.append(recorded(built))
        built.build("--empty", *WITHOUT_TESTS)
        states.append(recorded(built))
        write_lines(built, [line for line in clean_lines() if line["Customer ID"] != "7"])
        outcome = built.dbt("run")
        assert outcome.returncode == 0, outcome.stdout
        states.append(recorded(built))
        return states

    def run():
        for command in ("seed", "run"):
            outcome = only_run.dbt(command)
            assert outcome.returncode == 0, outcome.stdout
        return only_run

    return built, *together(go_on, run)


def recorded(project):
    """Return all that movement has kept."""
    return {table: Counter(project.rows(f"select * from {table}")) for table in MOVEMENT}


def test_empty_build_leaves_all_as_it_was(shops):
    _, (built, emptied, _), _ = shops
    assert len(built["segments_snapshot"]) == 50
    assert len(built["segment_builds"]) == 1
    assert emptied == built


def test_run_without_the_snapshot_is_no_build_and_is_said_to_be_none(shops):
    project, (built, _, run), _ = shops
    assert project.value("select count(*) from segments") == 49
    assert run == built
    outcome = project.dbt("test", "--select", "segments_snapshot")
    assert outcome.returncode == 0, outcome.stdout
    warned = [name for name, status in project.results().items() if status == "warn"]
    assert [name.split(".")[2] for name in warned] == [
        "every_customer_of_segments_is_open_in_the_snapshot"
    ]


def test_project_that_is_only_run_has_segments_and_no_history(shops):
    *_, project = shops
    assert project.value("select count(*) from segments") == 50
    for table in ("segment_builds", "segment_history", "segment_migrations"):
        assert project.value(f"select count(*) from {table}") == 0
