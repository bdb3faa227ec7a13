"""The choice among candidates follows its rules and says why."""

import re

import pytest
from customer_segmentation.candidates import Candidate
from customer_segmentation.selection import choose, knee
from customer_segmentation.settings import Settings
from kneed import KneeLocator


def settings_with(**changes):
    return Settings(**{"features": ("a", "b", "c"), **changes})


def candidates_of(rows, algorithm="kmeans", **columns):
    """Build candidates from (k, smallest share) pairs; every other index is a plain value."""
    plain = {"inertia": 1.0, "silhouette": 0.4, "calinski_harabasz": 9.0, "davies_bouldin": 1.0}
    return [
        Candidate(
            algorithm=algorithm,
            k=k,
            smallest_share=share,
            **{**plain, **{name: values[i] for name, values in columns.items()}},
        )
        for i, (k, share) in enumerate(rows)
    ]


def chosen(candidates, verdicts):
    (entry,) = [
        entry for entry, verdict in zip(candidates, verdicts, strict=True) if verdict.is_chosen
    ]
    return entry


@pytest.mark.parametrize(
    ("method", "column", "values", "expected"),
    [
        ("silhouette", "silhouette", [0.30, 0.41, 0.38, 0.1], 4),
        ("calinski_harabasz", "calinski_harabasz", [900.0, 800.0, 850.0, 1.0], 3),
        ("davies_bouldin", "davies_bouldin", [0.9, 0.8, 0.7, 1.0], 5),
        ("elbow", "inertia", [100.0, 40.0, 30.0, 25.0], 4),
        ("stability", "stability", [0.9, 0.8, 0.95, 0.9], 5),
    ],
)
def test_method_decides_in_its_own_sense(method, column, values, expected):
    candidates = candidates_of([(k, 0.1) for k in (3, 4, 5, 6)], **{column: values})
    verdicts = choose(candidates, settings_with(k_method=method))
    assert chosen(candidates, verdicts).k == expected


def test_lowest_bic_of_a_mixture_wins():
    candidates = candidates_of([(3, 0.1), (4, 0.1)], "gmm", bic=[-900.0, -950.5])
    verdicts = choose(candidates, settings_with(algorithm="gmm", k_method="bic"))
    assert [verdict.reason for verdict in verdicts] == [
        "Its BIC (-900.0) is above that of k = 4 (-950.5).",
        "k = 4 has the lowest BIC (-950.5) among the eligible 3 and 4.",
    ]


def test_reasons_compare_with_the_winner():
    candidates = candidates_of([(3, 0.1), (4, 0.1), (5, 0.009)], silhouette=[0.38, 0.41, 0.6])
    verdicts = choose(candidates, settings_with())
    assert [verdict.reason for verdict in verdicts] == [
        "Its silhouette (0.380) is below that of k = 4 (0.410).",
        "k = 4 has the highest silhouette (0.410) among the eligible 3 and 4.",
        "Rejected: its smallest segment holds 0.9 % of the customers, under "
        "segmentation_min_segment_share = 2.0 %.",
    ]
    assert [verdict.is_eligible for verdict in verdicts] == [True, True, False]


def test_share_at_the_floor_is_eligible():
    verdicts = choose(candidates_of([(3, 0.02), (4, 0.0199999)]), settings_with())
    assert [verdict.is_eligible for verdict in verdicts] == [True, False]
    assert "1.99999 % of the customers, under" in verdicts[1].reason
    assert verdicts[0].reason == "k = 3 is the only eligible k of 3 and 4."


def test_budget_of_segments_rejects_a_larger_k():
    candidates = candidates_of([(3, 0.1), (4, 0.1), (5, 0.1)], silhouette=[0.3, 0.4, 0.5])
    verdicts = choose(candidates, settings_with(max_segments=4))
    assert chosen(candidates, verdicts).k == 4
    assert verdicts[2].reason == "Rejected: k = 5 is over segmentation_max_segments = 4."


def test_tie_goes_to_the_smaller_k():
    candidates = candidates_of([(3, 0.1), (4, 0.1)], davies_bouldin=[0.7, 0.7])
    verdicts = choose(candidates, settings_with(k_method="davies_bouldin"))
    assert chosen(candidates, verdicts).k == 3
    assert verdicts[1].reason == (
        "Its Davies-Bouldin index (0.700) equals that of k = 3, which is smaller."
    )


def test_values_that_look_alike_are_told_apart():
    candidates = candidates_of([(3, 0.1), (4, 0.1)], silhouette=[0.41001, 0.41])
    verdicts = choose(candidates, settings_with())
    assert verdicts[1].reason == "Its silhouette (0.41000) is below that of k = 3 (0.41001)."


def test_none_eligible_takes_the_least_small_segment():
    candidates = candidates_of([(3, 0.004), (4, 0.009), (5, 0.001)], silhouette=[0.9, 0.1, 0.8])
    verdicts = choose(candidates, settings_with())
    assert chosen(candidates, verdicts).k == 4
    assert not any(verdict.is_eligible for verdict in verdicts)
    assert verdicts[1].reason == (
        "k = 4 comes closest to segmentation_min_segment_share = 2.0 %, which no k of 3 to 5 "
        "reaches: its smallest segment holds 0.9 % of the customers."
    )


def test_fixed_k_is_kept_even_when_a_segment_is_small():
    (verdict,) = choose(candidates_of([(4, 0.003)]), settings_with(k=4))
    assert verdict.is_chosen
    assert not verdict.is_eligible
    assert verdict.reason == (
        "k = 4 is fixed by segmentation_k, although its smallest segment holds 0.3 % of the "
        "customers, under segmentation_min_segment_share = 2.0 %."
    )
    (verdict,) = choose(candidates_of([(4, 0.1)]), settings_with(k=4))
    assert verdict.reason == "k = 4 is fixed by segmentation_k."


def test_single_k_of_a_range_says_so():
    (verdict,) = choose(candidates_of([(3, 0.1)]), settings_with())
    assert verdict.reason == "k = 3 is the only k that was tried."


def test_empty_segment_is_never_chosen():
    floorless = settings_with(min_segment_share=0)
    candidates = candidates_of([(3, 0.1), (4, 0.0)], silhouette=[0.1, 0.9])
    assert chosen(candidates, choose(candidates, floorless)).k == 3
    with pytest.raises(ValueError, match=r"k = 4 leaves a segment without .* lower segmentation_k"):
        choose(candidates_of([(4, 0.0)]), settings_with(k=4))


def test_undefined_index_loses():
    candidates = candidates_of([(3, 0.1), (4, 0.1)], silhouette=[None, -0.5])
    verdicts = choose(candidates, settings_with())
    assert chosen(candidates, verdicts).k == 4
    assert verdicts[0].reason == "Its silhouette is not defined."


# ---------- elbow


def test_elbow_is_that_of_kneed():
    inertias = [100.0, 60.0, 30.0, 25.0, 22.0, 20.0]
    ks = list(range(3, 9))
    expected = KneeLocator(ks, inertias, curve="convex", direction="decreasing").knee
    assert knee(ks, inertias) == expected == 5
    candidates = candidates_of([(k, 0.1) for k in ks], inertia=inertias)
    verdicts = choose(candidates, settings_with(k_method="elbow"))
    assert [verdict.is_elbow for verdict in verdicts] == [k == 5 for k in ks]
    assert verdicts[2].reason == "k = 5 is the knee of the inertia curve over 3 to 8."
    assert verdicts[0].reason == "The knee of the inertia curve is at k = 5."


@pytest.mark.parametrize("inertias", [[9.0, 8.0], [9.0, 8.0, 7.0], [9.0, 8.9, 7.0], [0.0] * 3])
def test_curve_without_a_knee_has_no_elbow(inertias):
    ks = list(range(3, 3 + len(inertias)))
    assert knee(ks, inertias) is None
    candidates = candidates_of(
        [(k, 0.1) for k in ks], inertia=inertias, silhouette=[0.1, 0.3, 0.2][: len(inertias)]
    )
    verdicts = choose(candidates, settings_with(k_method="elbow"))
    assert [verdict.is_elbow for verdict in verdicts] == [None] * len(ks)
    assert chosen(candidates, verdicts).k == 4
    assert verdicts[1].reason.startswith(
        "The inertia curve has no knee, so the silhouette decides: k = 4 has the highest silh"
    )


def test_knee_that_is_not_eligible_leaves_the_choice_to_the_silhouette():
    candidates = candidates_of(
        [(3, 0.1), (4, 0.001), (5, 0.1), (6, 0.1)],
        inertia=[100.0, 30.0, 25.0, 20.0],
        silhouette=[0.2, 0.9, 0.3, 0.4],
    )
    verdicts = choose(candidates, settings_with(k_method="elbow"))
    assert [verdict.is_elbow for verdict in verdicts] == [False, True, False, False]
    assert chosen(candidates, verdicts).k == 6
    assert verdicts[3].reason.startswith("The knee of the inertia curve, k = 4, is not eligible")


# ---------- gap


def test_gap_takes_the_smallest_k_within_one_error_of_the_next():
    candidates = candidates_of(
        [(3, 0.1), (4, 0.1), (5, 0.1), (6, 0.1)],
        gap=[0.50, 0.80, 0.82, 0.90],
        gap_error=[0.01, 0.02, 0.03, 0.01],
    )
    verdicts = choose(candidates, settings_with(k_method="gap"))
    assert [verdict.reason for verdict in verdicts] == [
        "Its gap (0.500) is below that of k = 4 less its standard error (0.780).",
        "k = 4 is the smallest eligible k whose gap (0.800) reaches that of the next less its "
        "standard error (0.790).",
        "The smaller k = 4 is within one standard error of the gap of the next.",
        "The smaller k = 4 is within one standard error of the gap of the next.",
    ]
    assert chosen(candidates, verdicts).k == 4


def test_gap_that_rises_to_the_end_takes_the_largest_eligible_k():
    candidates = candidates_of(
        [(3, 0.1), (4, 0.1), (5, 0.001)], gap=[0.1, 0.5, 0.9], gap_error=[0.01] * 3
    )
    verdicts = choose(candidates, settings_with(k_method="gap"))
    assert chosen(candidates, verdicts).k == 4
    assert "the gap still rises up to it" in verdicts[1].reason


# ---------- several algorithms


def test_algorithms_compete_by_the_same_index():
    candidates = [
        *candidates_of([(3, 0.1), (4, 0.1)], silhouette=[0.41, 0.40]),
        *candidates_of([(3, 0.1), (4, 0.1)], "gmm", silhouette=[0.30, 0.45]),
    ]
    verdicts = choose(candidates, settings_with(algorithm=("kmeans", "gmm")))
    assert chosen(candidates, verdicts) is candidates[3]
    assert verdicts[3].reason == (
        "gmm with k = 4 has the highest silhouette (0.450) among the eligible 4 candidates."
    )
    assert verdicts[0].reason == ("Its silhouette (0.410) is below that of gmm with k = 4 (0.450).")


def test_index_of_one_algorithm_is_not_held_against_another():
    candidates = [
        *candidates_of(
            [(k, 0.1) for k in (3, 4, 5, 6)],
            inertia=[100.0, 40.0, 30.0, 25.0],
            silhouette=[0.9, 0.3, 0.2, 0.1],
        ),
        *candidates_of(
            [(k, 0.1) for k in (3, 4, 5, 6)],
            "gmm",
            inertia=[90.0, 20.0, 15.0, 12.0],
            silhouette=[0.1, 0.4, 0.1, 0.1],
        ),
    ]
    verdicts = choose(candidates, settings_with(algorithm=("kmeans", "gmm"), k_method="elbow"))
    assert [verdict.is_elbow for verdict in verdicts] == [False, True, False, False] * 2
    assert chosen(candidates, verdicts) is candidates[5]
    assert re.match(r"k = 4 is the knee .*\. gmm with k = 4 has the highest", verdicts[5].reason)


def test_fixed_k_leaves_algorithms_to_the_silhouette():
    candidates = [
        *candidates_of([(4, 0.1)], silhouette=[0.2]),
        *candidates_of([(4, 0.1)], "agglomerative", silhouette=[0.3]),
    ]
    settings = settings_with(algorithm=("kmeans", "agglomerative"), k=4, k_method="gap")
    verdicts = choose(candidates, settings)
    assert chosen(candidates, verdicts) is candidates[1]


def test_algorithm_that_found_nothing_is_mentioned():
    candidates = candidates_of([(3, 0.1), (4, 0.1)], silhouette=[0.2, 0.3])
    verdicts = choose(
        candidates, settings_with(algorithm=("kmeans", "hdbscan")), ["hdbscan found one group."]
    )
    assert verdicts[1].reason.endswith("among the eligible 3 and 4. hdbscan found one group.")


def test_one_group_of_an_algorithm_that_finds_k_is_not_eligible():
    candidates = [
        *candidates_of([(3, 0.1)], silhouette=[0.2]),
        *candidates_of([(1, 0.9)], "dbscan", silhouette=[None]),
    ]
    verdicts = choose(candidates, settings_with(algorithm=("kmeans", "dbscan")))
    assert chosen(candidates, verdicts).algorithm == "kmeans"
    assert verdicts[1].reason == "Rejected: dbscan found only one segment."


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"k": 3}, "Rejected: hdbscan found 9 segments, and segmentation_k is 3."),
        ({}, "Rejected: hdbscan found 9 segments, over segmentation_k_max = 8."),
        (
            {"k_min": 10, "k_max": 12},
            "Rejected: hdbscan found 9 segments, under segmentation_k_min = 10.",
        ),
    ],
)
def test_limits_of_k_bind_an_algorithm_that_finds_k(changes, complaint):
    candidates = [
        *candidates_of([(3, 0.1)], silhouette=[0.2]),
        *candidates_of([(9, 0.1)], "hdbscan", silhouette=[0.9]),
    ]
    verdicts = choose(candidates, settings_with(algorithm=("kmeans", "hdbscan"), **changes))
    assert chosen(candidates, verdicts).algorithm == "kmeans"
    assert verdicts[1].reason == complaint


def test_algorithm_that_finds_k_tried_no_other():
    (verdict,) = choose(
        candidates_of([(4, 0.1)], "hdbscan"), settings_with(algorithm="hdbscan", k_method="gap")
    )
    assert verdict.reason == "k = 4 is what hdbscan found by itself."


def test_gap_of_one_k_alone_says_nothing():
    candidates = candidates_of([(5, 0.1)], gap=[0.3], gap_error=[0.1])
    (verdict,) = choose(candidates, settings_with(k_method="gap", k_min=5, k_max=5))
    assert verdict.reason == "k = 5 is the only k that was tried."


def test_unfaithful_prototypes_are_not_eligible():
    candidates = [
        *candidates_of([(3, 0.1)], silhouette=[0.2]),
        *candidates_of([(4, 0.1)], "hdbscan", silhouette=[0.9], fidelity=[0.9]),
    ]
    verdicts = choose(candidates, settings_with(algorithm=("kmeans", "hdbscan")))
    assert chosen(candidates, verdicts).algorithm == "kmeans"
    assert verdicts[1].reason == (
        "Rejected: its prototypes agree with hdbscan on 90.0 % of the customers held out, under "
        "segmentation_min_fidelity = 95.0 %."
    )
    (verdict,) = choose(candidates[1:], settings_with(algorithm="hdbscan"))
    assert verdict.is_chosen
    assert verdict.reason.startswith("k = 4 is chosen although no candidate is eligible: its proto")


def test_last_resort_keeps_to_the_budget():
    candidates = candidates_of([(3, 0.001), (4, 0.3)], silhouette=[0.2, 0.9])
    verdicts = choose(candidates, settings_with(max_segments=3))
    assert chosen(candidates, verdicts).k == 3
