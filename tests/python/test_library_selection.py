"""The indices equal scikit-learn's; the choice of k follows its rules and says why."""

import numpy as np
import pytest
from customer_segmentation import evaluation, selection
from customer_segmentation.algorithms import fit_kmeans
from customer_segmentation.selection import Scores, bends, candidate_ks, choose, score_candidates
from customer_segmentation.settings import Settings
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from threadpoolctl import threadpool_limits


def settings_with(**changes):
    return Settings(**{"features": ("a", "b", "c"), **changes})


def scores_of(rows, **columns):
    """Build Scores from (k, smallest share) pairs; every other index defaults to a plain value."""
    plain = {"inertia": 1.0, "silhouette": 0.4, "calinski_harabasz": 9.0, "davies_bouldin": 1.0}
    return [
        Scores(
            k=k,
            smallest_share=share,
            **{name: columns[name][i] if name in columns else plain[name] for name in plain},
        )
        for i, (k, share) in enumerate(rows)
    ]


def chosen_k(scores, verdicts):
    (k,) = [entry.k for entry, verdict in zip(scores, verdicts, strict=True) if verdict.is_chosen]
    return k


@pytest.fixture
def blobs():
    return make_blobs(3000, 3, centers=5, cluster_std=2.5, random_state=1)[0]


def test_kmeans_equals_scikit_learn(blobs):
    clustering = fit_kmeans(blobs, 5, settings_with(n_init=4, seed=11))
    model = KMeans(5, n_init=4, random_state=11, tol=0, max_iter=1000).fit(blobs)
    np.testing.assert_array_equal(clustering.labels, model.labels_)
    np.testing.assert_allclose(clustering.position, model.cluster_centers_, rtol=1e-12)
    assert clustering.inertia == pytest.approx(model.inertia_, rel=1e-12)


def test_indices_equal_scikit_learn(blobs):
    scores = score_candidates(blobs, [2, 4, 6], settings_with())
    for entry in scores:
        model = KMeans(entry.k, n_init=10, random_state=0, tol=0, max_iter=1000).fit(blobs)
        labels = model.labels_
        assert entry.inertia == pytest.approx(model.inertia_, rel=1e-12)
        assert entry.silhouette == pytest.approx(silhouette_score(blobs, labels), abs=1e-12)
        assert entry.calinski_harabasz == pytest.approx(calinski_harabasz_score(blobs, labels))
        assert entry.davies_bouldin == pytest.approx(davies_bouldin_score(blobs, labels))
        assert entry.smallest_share == np.bincount(labels).min() / len(blobs)


def test_silhouette_knows_lone_and_coinciding_rows():
    matrix = np.array([[0.0], [0.0], [0.0], [0.0], [5.0], [9.0], [9.5]])
    labels = np.array([0, 0, 1, 1, 2, 3, 3])
    (value,) = evaluation.silhouettes(matrix, [labels], seed=0)
    assert value == pytest.approx(silhouette_score(matrix, labels), abs=1e-15)


def test_silhouette_of_many_rows_uses_a_seeded_part(monkeypatch, blobs):
    labels = KMeans(5, n_init=1, random_state=0).fit(blobs).labels_
    (whole,) = evaluation.silhouettes(blobs, [labels], seed=0)
    monkeypatch.setattr(evaluation, "SILHOUETTE_ROWS", 1000)
    (part,) = evaluation.silhouettes(blobs, [labels], seed=0)
    (again,) = evaluation.silhouettes(blobs, [labels], seed=0)
    (other,) = evaluation.silhouettes(blobs, [labels], seed=1)
    assert part == again
    assert len({whole, part, other}) == 3
    assert part == pytest.approx(whole, abs=0.03)


def test_indices_are_null_when_every_row_is_its_own_segment():
    matrix = np.array([[0.0], [1.0], [3.0]])
    (entry,) = score_candidates(matrix, [3], settings_with(k=3))
    assert (entry.silhouette, entry.calinski_harabasz, entry.davies_bouldin) == (None, None, None)
    assert entry.inertia == 0.0


def test_threads_of_a_fit_do_not_change_a_byte():
    matrix = np.random.default_rng(0).lognormal(size=(20_000, 6))
    outcomes = set()
    for threads in (1, 2, 4):
        with threadpool_limits(limits=threads):
            clustering = fit_kmeans(matrix, 5, settings_with(n_init=1))
        outcomes.add(clustering.position.tobytes() + clustering.labels.tobytes())
    assert len(outcomes) == 1


def test_fits_at_once_do_not_change_a_byte(monkeypatch, blobs):
    outcomes = set()
    for threads in (1, 2):
        monkeypatch.setattr(selection.os, "cpu_count", lambda threads=threads: threads)
        with threadpool_limits(limits=threads):
            outcomes.add(repr(score_candidates(blobs, [3, 4, 5, 6], settings_with())))
    assert len(outcomes) == 1


def test_range_of_k_stays_below_the_number_of_distinct_rows():
    matrix = np.repeat(np.arange(6.0), 10)[:, None]
    assert candidate_ks(matrix, settings_with()) == [3, 4, 5]
    assert candidate_ks(matrix, settings_with(k=6)) == [6]


@pytest.mark.parametrize(
    ("changes", "distinct", "message"),
    [
        ({"k": 9}, 5, r"segmentation_k is 9, .* only 5 distinct .* lower segmentation_k to 5 or"),
        ({"k": 2}, 1, r"segmentation_k is 2, .* only 1 distinct .*: add customers or features\."),
        ({}, 3, r"segmentation_k_min is 3, .* only 3 .* lower segmentation_k_min to 2, or add"),
        ({}, 2, r"segmentation_k_min is 3, .* only 2 .*: add customers or features\."),
    ],
)
def test_too_few_distinct_rows_are_refused(changes, distinct, message):
    matrix = np.repeat(np.arange(float(distinct)), 4)[:, None]
    with pytest.raises(ValueError, match=message):
        candidate_ks(matrix, settings_with(**changes))


@pytest.mark.parametrize(
    ("method", "column", "values", "expected"),
    [
        ("silhouette", "silhouette", [0.30, 0.41, 0.38], 4),
        ("calinski_harabasz", "calinski_harabasz", [900.0, 800.0, 850.0], 3),
        ("davies_bouldin", "davies_bouldin", [0.9, 0.8, 0.7], 5),
        ("elbow", "inertia", [100.0, 40.0, 30.0], 4),
    ],
)
def test_method_decides_in_its_own_sense(method, column, values, expected):
    scores = scores_of([(3, 0.1), (4, 0.1), (5, 0.1)], **{column: values})
    verdicts = choose(scores, settings_with(k_method=method))
    assert chosen_k(scores, verdicts) == expected


def test_reasons_compare_with_the_winner():
    scores = scores_of([(3, 0.1), (4, 0.1), (5, 0.009)], silhouette=[0.38, 0.41, 0.6])
    verdicts = choose(scores, settings_with())
    assert [verdict.reason for verdict in verdicts] == [
        "Its silhouette (0.380) is below that of k = 4 (0.410).",
        "k = 4 has the highest silhouette (0.410) among the eligible 3 and 4.",
        "Rejected: its smallest segment holds 0.9 % of the customers, under "
        "segmentation_min_segment_share = 2.0 %.",
    ]
    assert [verdict.is_eligible for verdict in verdicts] == [True, True, False]


def test_share_at_the_floor_is_eligible():
    verdicts = choose(scores_of([(3, 0.02), (4, 0.0199999)]), settings_with())
    assert [verdict.is_eligible for verdict in verdicts] == [True, False]
    assert "1.99999 % of the customers, under" in verdicts[1].reason
    assert verdicts[0].reason == "k = 3 is the only eligible k of 3 and 4."


def test_tie_goes_to_the_smaller_k():
    scores = scores_of([(3, 0.1), (4, 0.1)], davies_bouldin=[0.7, 0.7])
    verdicts = choose(scores, settings_with(k_method="davies_bouldin"))
    assert chosen_k(scores, verdicts) == 3
    assert verdicts[1].reason == (
        "Its Davies-Bouldin index (0.700) equals that of k = 3, which is smaller."
    )


def test_values_that_look_alike_are_told_apart():
    scores = scores_of([(3, 0.1), (4, 0.1)], silhouette=[0.41001, 0.41])
    verdicts = choose(scores, settings_with())
    assert verdicts[1].reason == "Its silhouette (0.41000) is below that of k = 3 (0.41001)."


def test_none_eligible_takes_the_least_small_segment():
    scores = scores_of([(3, 0.004), (4, 0.009), (5, 0.001)], silhouette=[0.9, 0.1, 0.8])
    verdicts = choose(scores, settings_with())
    assert chosen_k(scores, verdicts) == 4
    assert not any(verdict.is_eligible for verdict in verdicts)
    assert verdicts[1].reason == (
        "k = 4 comes closest to segmentation_min_segment_share = 2.0 %, which no k of 3 to 5 "
        "reaches: its smallest segment holds 0.9 % of the customers."
    )


def test_fixed_k_is_kept_even_when_a_segment_is_small():
    (verdict,) = choose(scores_of([(4, 0.003)]), settings_with(k=4))
    assert verdict.is_chosen
    assert not verdict.is_eligible
    assert verdict.reason == (
        "k = 4 is fixed by segmentation_k, although its smallest segment holds 0.3 % of the "
        "customers, under segmentation_min_segment_share = 2.0 %."
    )
    (verdict,) = choose(scores_of([(4, 0.1)]), settings_with(k=4))
    assert verdict.reason == "k = 4 is fixed by segmentation_k."


def test_single_k_of_a_range_says_so():
    (verdict,) = choose(scores_of([(3, 0.1)]), settings_with())
    assert verdict.reason == "k = 3 is the only k that was tried."


def test_empty_segment_is_never_chosen():
    floorless = settings_with(min_segment_share=0)
    scores = scores_of([(3, 0.1), (4, 0.0)], silhouette=[0.1, 0.9])
    assert chosen_k(scores, choose(scores, floorless)) == 3
    with pytest.raises(ValueError, match=r"k = 4 leaves a segment without .* lower segmentation_k"):
        choose(scores_of([(4, 0.0)]), settings_with(k=4))


def test_undefined_index_loses():
    scores = scores_of([(3, 0.1), (4, 0.1)], silhouette=[None, -0.5])
    verdicts = choose(scores, settings_with())
    assert chosen_k(scores, verdicts) == 4
    assert verdicts[0].reason == "Its silhouette is not defined."


def test_elbow_is_the_farthest_point_below_the_chord():
    inertias = [100.0, 60.0, 30.0, 25.0, 22.0, 20.0]
    curve = bends([3, 4, 5, 6, 7, 8], inertias)
    # The chord from (0, 1) to (1, 0) passes k = 5 at 0.6; the curve lies at (30 - 20) / 80.
    assert curve[2] == pytest.approx(0.6 - 0.125)
    assert np.argmax(curve) == 2
    scores = scores_of([(k, 0.1) for k in range(3, 9)], inertia=inertias)
    verdicts = choose(scores, settings_with(k_method="elbow"))
    assert [verdict.is_elbow for verdict in verdicts] == [k == 5 for k in range(3, 9)]
    assert verdicts[2].reason == (
        "k = 5 has the highest bend of the inertia curve (0.475) among the eligible 3 to 8."
    )


@pytest.mark.parametrize("inertias", [[9.0, 8.0], [9.0, 8.0, 7.0], [9.0, 8.9, 7.0], [0.0] * 3])
def test_curve_without_a_bend_has_no_elbow(inertias):
    assert bends(range(3, 3 + len(inertias)), inertias) is None
    scores = scores_of(
        [(3 + i, 0.1) for i in range(len(inertias))],
        inertia=inertias,
        silhouette=[0.1, 0.3, 0.2][: len(inertias)],
    )
    verdicts = choose(scores, settings_with(k_method="elbow"))
    assert not any(verdict.is_elbow for verdict in verdicts)
    assert chosen_k(scores, verdicts) == 4
    assert verdicts[1].reason.startswith(
        "The inertia curve has no elbow, so the silhouette decides: k = 4 has the highest silh"
    )


def test_elbow_does_not_override_the_smallest_share():
    scores = scores_of(
        [(3, 0.1), (4, 0.001), (5, 0.1), (6, 0.1)], inertia=[100.0, 30.0, 25.0, 20.0]
    )
    verdicts = choose(scores, settings_with(k_method="elbow"))
    assert [verdict.is_elbow for verdict in verdicts] == [False, True, False, False]
    assert chosen_k(scores, verdicts) == 5
