"""Names say what the numbers say, stay with their ids, and may be replaced by one's own."""

import csv
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest
from customer_segmentation.show import profile_table
from project_runner import WITHOUT_TESTS, together

UP_TO_NAMES = ("--select", "+segment_name_checks", "+segment_profiles", *WITHOUT_TESTS)
CHECKS = (
    "--select",
    "segment_name_register+1",
    "segment_names+1",
    "--exclude",
    "resource_type:unit_test",
)
SIDES = {"above": 1, "below": -1}


def read_seed(root, name):
    """Return the rows of a reference seed."""
    with (root / "seeds" / "reference" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def variants(demo):
    """Return the demo after two builds that differ in their threads."""

    def build(threads):
        project = demo.variant(f"names_{threads}", threads=threads)
        return project.build(*UP_TO_NAMES)

    return together(lambda: build(1), lambda: build(4))


@pytest.fixture(scope="module")
def named(variants):
    return variants[0]


def customers_of(project):
    """Return the features of each customer and the segment that the model gives him."""
    return project.frame(
        "select modelled_segment_id, snapshot.* from segments "
        "inner join feature_snapshot as snapshot using (customer_id)"
    )


def contradictions(project, root):
    """Return the claims of the names that pandas finds contradicted by the means, as text.

    The claims are read off the words of the names, as somebody would who knows only the two seeds.
    """
    customers = customers_of(project)
    archetypes = read_seed(root, "rfm_archetypes")
    phrases = read_seed(root, "feature_phrases")
    names = project.rows(
        "select segment_id, segment_name from segment_profiles where segment_id > 0"
    )
    found = []
    for id_, name in names:
        own = customers[customers.modelled_segment_id == id_]
        archetype, _, rest = name.partition(" · ")
        claims = [
            (row["feature"], SIDES[row["expectation"]])
            for row in archetypes
            if row["rfm_segment"] == archetype.rstrip(" 0123456789")
        ]
        claims += [
            (row["feature"], 1 if row["direction"] == "high" else -1)
            for row in phrases
            if row["phrase"] in rest.split(" and ")
        ]
        assert claims or archetype == "Need Attention"
        for feature, side in claims:
            if (
                own[feature].astype(float).mean() - customers[feature].astype(float).mean()
            ) * side < 0:
                found.append(f"{name}: {feature}")
    return found


def test_words_of_the_demo_agree_with_the_numbers(named, root):
    assert contradictions(named, root) == []
    assert named.rows("select distinct status from segment_name_checks") == [("pass",)]


def test_words_of_online_retail_agree_with_the_numbers(online_retail_built, root):
    assert contradictions(online_retail_built, root) == []
    assert online_retail_built.rows("select distinct status from segment_name_checks") == [
        ("pass",)
    ]
    assert online_retail_built.rows(
        "select segment_name from segment_profiles order by segment_id"
    ) == [
        ("Loyal · broad baskets",),
        ("Hibernating · frequent returns",),
        ("New",),
        ("Hibernating · long gaps between orders",),
    ]


def test_names_of_the_demo_read_as_they_should(named):
    assert dict(named.rows("select segment_id, segment_name from segment_profiles")) == {
        1: "Need Attention · bulk orders",
        2: "Champions · broad baskets",
        3: "Promising · irregular rhythm",
        4: "Loyal · many categories",
        5: "Hibernating · long-standing customers",
        6: "Potential Loyalist · frequent returns",
        7: "New · below-average age",
        8: "Lost · mostly store",
    }


def test_names_do_not_depend_on_threads(variants):
    query = (
        "select * exclude (born_at) from segment_name_register order by segment_id",
        "select * from segment_traits order by segment_id, trait",
    )
    one, four = variants
    for table in query:
        assert one.rows(table) == four.rows(table)


def test_traits_are_those_that_numpy_computes(named):
    customers = customers_of(named)
    traits = named.frame("select * from segment_traits where level_name is null")
    assert len(traits) == 8 * 24
    for feature, rows in traits.groupby("feature"):
        values = customers[feature].astype(float)
        unit = values[values != 0].abs().median()
        logs = np.sign(values) * np.log1p(values.abs() / unit)
        for row in rows.itertuples():
            own = customers.modelled_segment_id == row.segment_id
            assert row.known_customers == values[own].notna().sum()
            assert row.mean == pytest.approx(values[own].mean(), rel=1e-5, abs=1e-6)
            effect = (logs[own].mean() - logs.mean()) / logs.std(ddof=0)
            assert row.effect == pytest.approx(effect, abs=1e-5)


def test_levels_are_those_that_pandas_counts(named):
    customers = customers_of(named)
    rows = named.rows(
        "select segment_id, feature, level_name, mean, mean_of_all from segment_traits "
        "where level_name is not null"
    )
    found = {(id_, feature, level) for id_, feature, level, *_ in rows}
    for id_, feature, level, mean, mean_of_all in rows:
        own = customers.loc[customers.modelled_segment_id == id_, feature]
        assert mean == pytest.approx((own == level).mean())
        assert mean_of_all == pytest.approx((customers[feature] == level).mean())
    for feature in ("favourite_category", "favourite_channel", "country"):
        shares = pd.crosstab(customers.modelled_segment_id, customers[feature], normalize="index")
        for id_, row in shares.iterrows():
            assert {(id_, feature, level) for level in row.index[row > 0.5]} <= found


def test_archetype_is_the_nearest_that_no_mean_contradicts(named, root):
    customers = customers_of(named)
    codes = read_seed(root, "rfm_map")
    expectations = read_seed(root, "rfm_archetypes")
    for id_, rfm_segment, *scores in named.rows(
        "select segment_id, rfm_segment, recency_score, frequency_score, monetary_score "
        "from segment_archetypes"
    ):
        own = customers[customers.modelled_segment_id == id_]
        impossible = {
            row["rfm_segment"]
            for row in expectations
            if (
                own[row["feature"]].astype(float).mean()
                - customers[row["feature"]].astype(float).mean()
            )
            * SIDES[row["expectation"]]
            < 0
        }
        distances = {
            code["rfm_code"]: np.hypot.reduce(
                [score - int(digit) for score, digit in zip(scores, code["rfm_code"], strict=True)]
            )
            for code in codes
            if code["rfm_segment"] not in impossible
        }
        nearest = min(distances, key=distances.get)
        assert rfm_segment == next(c["rfm_segment"] for c in codes if c["rfm_code"] == nearest)


def test_every_segment_knows_what_to_do(named, root):
    actions = {row["rfm_segment"]: row for row in read_seed(root, "segment_actions")}
    columns = ["goal", "message", "action", "channel", "offer", "metric"]
    rows = named.rows(f"select rfm_segment, {', '.join(columns)} from segment_profiles")
    assert len(rows) == 8
    for rfm_segment, *found in rows:
        assert found == [actions[rfm_segment][column] for column in columns]


def test_every_measure_has_words_or_is_left_out_on_purpose(root):
    said = {row["feature"] for row in read_seed(root, "feature_phrases")}
    macro = (root / "macros/settings/known_features.sql").read_text(encoding="utf-8")
    assert all(f"'{feature}'" in macro for feature in said)
    assert not any("," in row["phrase"] for row in read_seed(root, "feature_phrases"))


@pytest.fixture
def edited(named, tmp_path):
    """Return the demo with a database of its own, and a way to change it by hand."""
    copy = replace(named, scratch=tmp_path)
    for name in ("warehouse.duckdb", "profiles.yml"):
        (tmp_path / name).write_bytes((named.scratch / name).read_bytes())

    def edit(*statements, **settings):
        with duckdb.connect(str(copy.database)) as connection:
            connection.execute("use segmentation")
            for statement in statements:
                connection.execute(statement)
        return replace(copy, settings=copy.settings | settings)

    return edit


def test_name_test_can_fail(edited):
    project = edited("update segment_name_register set rfm_segment = 'Lost' where segment_id = 2")
    outcome = project.dbt("build", "--select", "segment_names", "segment_name_checks", *CHECKS[3:])
    assert outcome.returncode == 1
    assert "Failure in test new_names_agree_with_the_numbers" in outcome.stdout
    assert (
        "Lost says that its customers bought longer ago than the average customer" in outcome.stdout
    )


def test_drift_under_a_name_is_a_warning(edited):
    project = edited(
        "update segment_name_register set rfm_segment = 'Lost', named_customers = 7 "
        "where segment_id = 2"
    )
    project.build("--select", "segment_names", "segment_name_checks", *CHECKS[3:])
    assert project.rows(
        "select segment_id, words, trait from segment_name_checks where status = 'warn' order by 3"
    ) == [(2, "Lost", "frequency"), (2, "Lost", "recency_days")]
    statuses = {name.split(".")[2]: status for name, status in project.results().items()}
    assert statuses["names_still_agree_with_the_numbers"] == "warn"


def overrides_of(folder, text, **settings):
    """Write a table of names; return the setting that reads it."""
    path = folder / "names.csv"
    path.write_text(text, encoding="utf-8")
    return {"segmentation_name_overrides": f"read_csv('{path}', header=true, all_varchar=true)"}


NAMES_ONLY = (
    "--select",
    "stg_name_overrides",
    "segment_names",
    "segment_name_checks",
    "segment_profiles",
    *WITHOUT_TESTS,
)


def test_own_name_replaces_the_generated_one_and_is_not_held_against_the_numbers(edited, tmp_path):
    text = "segment_id,segment_name,comment\n2, Insiders ,asked by the board\n77,Nobody,\n3,,\n"
    settings = overrides_of(tmp_path, text)
    project = edited(
        "update segment_name_register set rfm_segment = 'Lost' where segment_id = 2", **settings
    ).build(*NAMES_ONLY)
    assert project.rows(
        "select segment_name, generated_name, is_name_overridden, comment from segment_names "
        "where segment_id in (2, 3) order by segment_id"
    ) == [
        ("Insiders", "Champions · broad baskets", True, "asked by the board"),
        ("Promising · irregular rhythm", "Promising · irregular rhythm", False, None),
    ]
    assert (
        project.value("select segment_name from segment_profiles where segment_id = 2")
        == "Insiders"
    )
    assert project.rows(
        "select status, message from segment_name_checks where segment_id is null order by 2"
    ) == [
        (
            "warn",
            "The table in segmentation_name_overrides gives a name for segment 3 that is blank: "
            "correct the row or remove it.",
        ),
        (
            "warn",
            "The table in segmentation_name_overrides gives the name Nobody to segment 77, which "
            "there is not: correct the row or remove it.",
        ),
    ]
    assert project.rows("select distinct status from segment_name_checks where segment_id = 2") == [
        ("skipped",)
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "segment_id,segment_name\n1,A\n",
            "segmentation_name_overrides names a table without the column comment: give it "
            "segment_id, segment_name, comment (it has segment_id, segment_name).",
        ),
        (
            "segment_id,segment_name,comment\n1,A,\n1,B,\n",
            "The table in segmentation_name_overrides gives segment 1 several names (A, B): keep "
            "one of them.",
        ),
        (
            "segment_id,segment_name,comment\n1,VIPs,\n3,vips,\n",
            "gives a segment the name VIPs, which would be that of the segments 1 and 3: give one "
            "of them another name.",
        ),
        (
            "segment_id,segment_name,comment\n1,Champions · broad baskets,\n",
            "which would be that of the segments 1 and 2: give one of them another name.",
        ),
    ],
)
def test_names_that_mean_two_segments_stop_the_build(edited, tmp_path, text, sentence):
    outcome = edited(**overrides_of(tmp_path, text)).dbt("build", *NAMES_ONLY)
    assert outcome.returncode != 0
    assert sentence in outcome.stdout


def test_two_segments_may_swap_their_names(edited, tmp_path):
    text = (
        "segment_id,segment_name,comment\n"
        "2,Loyal · many categories,\n4,Champions · broad baskets,they are\n"
    )
    project = edited(**overrides_of(tmp_path, text)).build(*NAMES_ONLY)
    assert project.value("select count(distinct segment_name) from segment_profiles") == 8


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "rfm_segment,goal,action\nLost,a,b\n",
            "without the columns message, channel, offer, metric",
        ),
        (
            "rfm_segment,goal,message,action,channel,offer,metric\nLost,a,b,c,d,e,f\nLost,,,,,,\n",
            "segmentation_actions has several rows whose rfm_segment is Lost: keep one of them.",
        ),
    ],
)
def test_own_actions_are_checked(edited, tmp_path, text, sentence):
    path = tmp_path / "actions.csv"
    path.write_text(text, encoding="utf-8")
    outcome = edited(segmentation_actions=f"read_csv('{path}', header=true)").dbt(
        "build", "--select", "segment_profiles", *WITHOUT_TESTS
    )
    assert outcome.returncode != 0
    assert sentence in outcome.stdout


def test_own_actions_are_used(edited, tmp_path):
    path = tmp_path / "actions.csv"
    # a file may hold what DuckDB takes for a number or a boolean
    path.write_text(
        "rfm_segment,goal,message,action,channel,offer,metric\nLost,a,b,1,d,e,true\n",
        encoding="utf-8",
    )
    project = edited(segmentation_actions=f"read_csv('{path}', header=true)").build(
        "--select", "segment_profiles", *WITHOUT_TESTS
    )
    assert project.rows(
        "select segment_id, goal, action, metric from segment_profiles where action is not null"
    ) == [(8, "a", "1", "true")]


def test_database_of_before_is_named_anew(edited):
    project = edited(
        "drop view segment_names",
        "create table segment_names as select 1 as segment_id, 'Loyal' as segment_name, "
        "'Loyal' as rfm_segment, 1 as occurrence, now()::timestamp as born_at",
        "drop table segment_actions",
        "create table segment_actions as select 'Lost' as rfm_segment, '' as goal, '' as action, "
        "'' as channel, '' as metric",
        "drop table segment_name_register",
    )
    project.build(*UP_TO_NAMES)
    assert project.value("select count(distinct segment_name) from segment_profiles") == 8


def test_full_refresh_keeps_the_names(edited):
    project = edited(
        "update segment_name_register set generated_name = 'As ever' where segment_id = 1"
    )
    project.build(
        "--select", "segment_name_register", "segment_names", "--full-refresh", *WITHOUT_TESTS
    )
    assert project.value("select segment_name from segment_names where segment_id = 1") == "As ever"


def test_printed_instructions_are_not_repeated():
    profile = (10, 0.1, None, 5, 2, 30, "Goal", "Do this.")
    printed = profile_table(
        [
            (1, "Lost · small orders", *profile, "Offer a set.", "email", "Orders"),
            (
                2,
                "Lost · a name that is far too long for one line of the table",
                *profile,
                None,
                "email",
                "Orders",
            ),
            (3, "Lost · bulk orders", *profile, "Offer volume prices.", "email", "Orders"),
            (4, "Own", 1, 0.1, 0.5, 5, 2, 30, None, None, None, None, None),
        ]
    )
    assert printed.count("Do this.") == 1
    assert "   Goal. Do this. Offer a set. Channel: email. Measure: Orders." in printed
    assert "   As for 1. Offer volume prices." in printed
    assert max(map(len, printed.splitlines())) <= 100
