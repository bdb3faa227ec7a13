"""The registry over several runs: when it is fitted again, going back, pinning, warnings."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from corner_shop import clean_lines, write_lines
from project_runner import UP_TO_SEGMENTS, WITHOUT_TESTS

WATCHING = ("feature_drift", "segment_drift", "segment_lineage", "segment_stability")
MONITORED = ("--select", "+file:segments.sql", *WATCHING, *WITHOUT_TESTS)
OLD = {"segmentation_k": 3, "segmentation_features": ["recency_days", "frequency", "monetary"]}
NEW = {**OLD, "segmentation_k": 4}
SEGMENTS = "select * exclude (model_version) from segments order by customer_id"


def continued(project, name, settings):
    """Return a project that goes on from the database of another one, with other settings."""
    later = replace(project, settings=settings).variant(name)
    shutil.copy(project.database, later.database)
    shutil.copy(project.scratch / "lines.parquet", later.scratch)
    return later


def last_run(project):
    return project.rows(
        "select policy, previous_version, model_version, is_refit, reason "
        "from segmentation_runs order by run_at desc limit 1"
    )[0]


@pytest.fixture(scope="module")
def first(corner_shop):
    """Return the shop after its first build: version 1, with three segments."""
    project = corner_shop.variant("registry_first", OLD)
    write_lines(project, clean_lines())
    return project.build(*UP_TO_SEGMENTS)


@pytest.fixture(scope="module")
def second(first):
    """Return it after a build with four segments, version 2."""
    return continued(first, "registry_second", NEW).build(*UP_TO_SEGMENTS)


@pytest.fixture(scope="module")
def promoted(second):
    """Return it after version 1 was promoted and scored, as version 3, with the newer settings."""
    project = continued(second, "registry_promoted", NEW)
    outcome = project.dbt("run-operation", "promote_model", "--args", "{version: 1}")
    assert outcome.returncode == 0, outcome.stdout
    return project.build(*MONITORED)


def test_first_run_says_so(first):
    assert last_run(first) == (
        "auto",
        None,
        1,
        True,
        "First fit: segment_model held no version yet.",
    )


def test_settings_in_the_run_are_those_that_the_library_kept(first):
    settings = first.value("select settings from segmentation_runs")
    assert first.rows("select settings, accepted_settings from segment_model") == [(settings,) * 2]


def test_changed_setting_is_the_reason_for_a_refit(second):
    reason = "Fitted anew because segmentation_k changed from 3 to 4."
    assert last_run(second) == ("auto", 1, 2, True, reason)


def test_segment_that_goes_on_keeps_its_name(first, second):
    query = "select segment_id, segment_name, rfm_segment, born_at from segment_names"
    assert set(first.rows(query)) <= set(second.rows(query))
    assert second.value("select count(*) - count(distinct segment_name) from segment_names") == 0


def test_models_are_listed_with_the_one_in_force(second):
    outcome = second.dbt("--quiet", "run-operation", "list_models")
    heads = [line for line in outcome.stdout.splitlines() if line.startswith("Version")]
    assert [head.split(":")[0] for head in heads] == ["Version 2 (in force)", "Version 1"]
    assert "kmeans with 4 segments" in heads[0]
    assert "kmeans with 3 segments" in heads[1]


def test_promoted_version_gives_the_segments_it_gave(first, promoted):
    assert promoted.rows(SEGMENTS) == first.rows(SEGMENTS)
    assert promoted.rows("select distinct model_version from segments") == [(3,)]


def test_promoted_version_is_not_undone_by_the_next_build(promoted):
    policy, previous, version, is_refit, reason = last_run(promoted)
    assert (policy, previous, version, is_refit) == ("auto", 3, 3, False)
    assert reason.startswith("Version 3 stays: the largest drift is 0.00")


def test_promoted_version_is_appended(second, promoted):
    query = "select * from segment_model where model_version <= 2 order by model_version"
    assert promoted.rows(query) == second.rows(query)
    copied = "select fitted_at, feature_names, prototype, settings from segment_model "
    copy = promoted.rows(copied + "where model_version = 3")
    assert copy == promoted.rows(copied + "where model_version = 1")
    said = "select previous_version, reason, accepted_settings from segment_model "
    accepted = promoted.value("select settings from segment_model where model_version = 2")
    assert promoted.rows(said + "where model_version = 3") == [
        (2, "promoted from version 1", accepted)
    ]


def test_always_does_not_fit_a_promoted_version_again(promoted):
    settings = {**OLD, "segmentation_refit": "always"}
    # the settings of the day of the promotion were others: the first build fits for them
    project = continued(promoted, "registry_promoted_always", settings)
    outcome = project.dbt("run-operation", "promote_model", "--args", "{version: '1'}")
    assert outcome.returncode == 0, outcome.stdout
    project.build(*UP_TO_SEGMENTS)
    assert last_run(project)[1:4] == (4, 4, False)
    assert "neither rows nor settings differ from version 4" in last_run(project)[4]


def test_promoted_version_takes_no_number_of_an_interrupted_fit(second):
    project = continued(second, "registry_interrupted", {**NEW, "segmentation_k": 5})
    project.build("--select", "+segment_candidates", *WITHOUT_TESTS)
    outcome = project.dbt("run-operation", "promote_model", "--args", "{version: 1}")
    assert "Version 4 is a copy of version 1" in outcome.stdout
    candidates = project.rows("select distinct model_version from segment_candidates order by 1")
    assert candidates == [(1,), (2,), (3,)]


def test_promotion_accounts_for_every_segment(promoted):
    ids = {
        version: set(
            promoted.value(
                f"select prototype_segment_id from segment_model where model_version = {version}"
            )
        )
        for version in (1, 2)
    }
    lineage = promoted.rows(
        "select segment_id, previous_segment_id, event from segment_lineage where model_version = 3"
    )
    assert {row[0] for row in lineage} - {None} == ids[1]
    assert {row[1] for row in lineage} - {None} == ids[2]
    assert {row for row in lineage if row[2] == "kept"} == {
        (id_, id_, "kept") for id_ in ids[1] & ids[2]
    }


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (2, "promote_model got version 2, which is the newest already: there is nothing to do."),
        (7, "promote_model got version 7, which segment_model does not hold: give one of 1, 2."),
    ],
)
def test_promotion_that_makes_no_sense_is_refused(second, version, sentence):
    before = second.rows("select * from segment_model")
    outcome = second.dbt("run-operation", "promote_model", "--args", f"{{version: {version}}}")
    assert outcome.returncode != 0
    assert sentence in outcome.stdout
    assert second.rows("select * from segment_model") == before


def test_pinned_version_scores_and_nothing_is_fitted(first, second):
    pinned = {**NEW, "segmentation_model_version": 1, "segmentation_refit": "always"}
    project = continued(second, "registry_pinned", pinned).build(*UP_TO_SEGMENTS)
    assert project.csv() == first.csv()
    assert project.value("select count(*) from segment_model") == 2
    assert last_run(project)[:4] == ("pinned", 2, 1, False)


@pytest.mark.parametrize(
    ("settings", "sentences"),
    [
        (
            {
                "segmentation_algorithm": ["gmm", "kmeans"],
                "segmentation_k_method": "bic",
                "segmentation_max_segments": 3,
                "segmentation_drift_warn": 0.5,
            },
            (
                "segmentation_k_method is bic but segmentation_algorithm holds kmeans: only gmm "
                "has a BIC, so set segmentation_algorithm to gmm, or segmentation_k_method to "
                "silhouette.",
                "segmentation_max_segments is 3 but segmentation_k is 4: no k would be eligible; "
                "raise max_segments or lower k.",
                "segmentation_drift_warn is 0.5 but segmentation_drift_fail is 0.25: "
                "drift_warn must not be larger; lower it or raise drift_fail.",
            ),
        ),
        (
            {"segmentation_algorithm": "hdbscan", "segmentation_model_version": 9},
            (
                "segmentation_k is 4 but segmentation_algorithm is hdbscan, which finds the number "
                "of segments by itself: set segmentation_k to null, or add another algorithm.",
                "segmentation_model_version is 9, but segment_model holds version 1, 2: "
                "set it to one of these, or to null for the newest.",
            ),
        ),
        (
            {"segmentation_algorithm": ["kmeans", "kmeans"]},
            ("or a list of different ones, so change it in your vars",),
        ),
    ],
)
def test_settings_that_cannot_work_are_named_before_any_work(second, settings, sentences):
    runs = second.rows("select * from segmentation_runs")
    outcome = replace(second, settings=NEW | settings).dbt("build", *UP_TO_SEGMENTS)
    assert outcome.returncode != 0
    assert [sentence for sentence in sentences if sentence not in outcome.stdout] == []
    assert second.rows("select * from segmentation_runs") == runs


def test_never_without_a_model_is_refused(corner_shop):
    project = corner_shop.variant("registry_never", {"segmentation_refit": "never"})
    write_lines(project, clean_lines())
    outcome = project.dbt("build", *UP_TO_SEGMENTS)
    assert outcome.returncode != 0
    assert "segmentation_refit is never, but segment_model holds no version yet" in outcome.stdout


@pytest.fixture(scope="module")
def drifted(first):
    """Return the shop, and what dbt said, after prices rose fivefold and nothing was refitted."""
    project = continued(first, "registry_drifted", {**OLD, "segmentation_refit": "never"})
    dear = [
        {**line, "price per unit": str(5 * float(line["price per unit"]))} for line in clean_lines()
    ]
    write_lines(project, dear)
    outcome = project.dbt("build", *MONITORED)
    assert outcome.returncode == 0, outcome.stdout
    return project, outcome.stdout


def test_drift_is_said_aloud_with_the_segment_it_moves(drifted):
    project, said = drifted
    ((status, message),) = project.rows(
        "select status, message from feature_drift where feature = 'monetary'"
    )
    assert status == "error"
    assert message.startswith("monetary has drifted since training: ")
    assert "of the customers into segment " in message
    assert message in said


def test_drift_fails_its_test(drifted):
    project, _ = drifted
    outcome = project.dbt("test", "--select", "feature_drift")
    assert outcome.returncode != 0
    failed = [name for name, status in project.results().items() if status == "fail"]
    assert [name.split(".")[2] for name in failed] == ["features_have_not_drifted_away"]


def test_drift_agrees_with_pandas(drifted):
    project, _ = drifted
    (bins,) = project.frame("select drift_bins from segment_model")["drift_bins"]
    now = project.frame(
        "select * from feature_snapshot inner join segment_assignments using (customer_id)"
    )
    drift = project.frame("select * from feature_drift").set_index("feature")
    assert list(drift.index.sort_values()) == sorted(OLD["segmentation_features"])
    for frozen in bins:
        feature = frozen["feature"]
        edges = [-np.inf, *frozen["edges"], np.inf]
        binned = pd.cut(now[feature].astype(float), edges, labels=False)
        share = binned.value_counts(normalize=True).reindex(range(len(edges) - 1), fill_value=0)
        expected = np.asarray(frozen["shares"][1:])
        floored, reference = share.clip(lower=1e-4), expected.clip(min=1e-4)
        psi = ((floored - reference) * np.log(floored / reference)).sum()
        assert drift.loc[feature, "psi"] == pytest.approx(psi, abs=1e-12)
        segment_shares = pd.crosstab(now["segment_id"], binned, normalize="columns")
        moved = segment_shares @ (share - expected)[segment_shares.columns]
        largest = moved.abs().idxmax()
        if abs(moved[largest]) * len(now) >= 1:
            assert drift.loc[feature, "moved_segment_id"] == largest
            assert drift.loc[feature, "moved_share"] == pytest.approx(moved[largest], abs=1e-12)


def test_drift_makes_auto_fit_again_and_is_the_reason(first, drifted):
    project = continued(first, "registry_drifted_auto", OLD)
    shutil.copy(drifted[0].scratch / "lines.parquet", project.scratch)
    project.build(*UP_TO_SEGMENTS)
    policy, previous, version, is_refit, reason = last_run(project)
    assert (policy, previous, version, is_refit) == ("auto", 1, 2, True)
    worst, psi = drifted[0].rows("select feature, psi from feature_drift order by psi desc")[0]
    assert reason == (
        f"Fitted anew because {worst} has drifted from version 1: its population stability index "
        f"is {psi:.2f}, and segmentation_drift_fail is 0.25."
    )


def test_customers_without_structure_are_called_that(corner_shop):
    project = corner_shop.variant(
        "registry_noise",
        {
            "segmentation_features": ["recency_days", "monetary"],
            "segmentation_transform": "none",
            "segmentation_outliers": "none",
            "segmentation_k": 5,
        },
    )
    # one order each, on any day and of any value: a filled rectangle
    rng = np.random.default_rng(0)
    write_lines(
        project,
        [
            {
                "group": str(i),
                "order": str(i),
                "Customer ID": str(i),
                "Time": str(np.datetime64("2024-01-01") + day),
                "raw": "tea",
                "Quantity": "1",
                "price per unit": f"{price:.2f}",
            }
            for i, (day, price) in enumerate(
                zip(rng.integers(0, 700, 2000), rng.uniform(1, 1000, 2000), strict=True)
            )
        ],
    )
    outcome = project.dbt("build", *MONITORED)
    assert outcome.returncode == 0, outcome.stdout
    ((status, message),) = project.rows(
        "select status, message from segment_stability where scope = 'overall'"
    )
    assert status == "warn"
    assert message.startswith("No structure: splitting noise of the same shape gives")
    assert message in outcome.stdout
