"""Settings are checked in one sentence each: name, value got, value wanted, remedy."""

import re

import pytest
from customer_segmentation.settings import Settings

FEATURES = ("recency_days", "monetary")


@pytest.mark.parametrize(
    ("name", "value", "shown", "wanted"),
    [
        ("features", (), "[]", "one or more column names"),
        ("features", "monetary", '"monetary"', "a list"),
        ("features", ("monetary", "monetary"), '["monetary", "monetary"]', "without repetitions"),
        ("features", ("monetary", None), '["monetary", null]', "column names"),
        ("features", ("as_of",), '["as_of"]', "without customer_id, as_of"),
        ("transform", "sqrt", '"sqrt"', 'one of "log", "yeo_johnson", "none"'),
        ("transform", None, "null", 'one of "log", "yeo_johnson", "none"'),
        (
            "transform_overrides",
            {"monetary": "sqrt"},
            '{"monetary": "sqrt"}',
            '"log", "yeo_johnson", "none"',
        ),
        ("transform_overrides", {"money": "log"}, '{"money": "log"}', "segmentation_features"),
        ("transform_overrides", ["monetary"], '["monetary"]', "a mapping"),
        ("scaling", "minmix", '"minmix"', 'one of "standard", "minmax", "robust", "none"'),
        ("outliers", True, "true", 'one of "winsorize", "iqr"'),
        ("winsorize_quantiles", (0.9, 0.1), "[0.9, 0.1]", "lower < upper"),
        ("winsorize_quantiles", (0.1,), "[0.1]", "two numbers"),
        ("winsorize_quantiles", (-0.1, 0.9), "[-0.1, 0.9]", "0 <= lower"),
        ("winsorize_quantiles", ("0.1", 0.9), '["0.1", 0.9]', "two numbers"),
        ("imputation", "zero", '"zero"', 'one of "median", "mean"'),
        ("outlier_share", 0.6, "0.6", "a number above 0 to 0.5"),
        ("max_correlation", 1.5, "1.5", "a number from 0 to 1"),
        ("pca_variance", 0, "0", "a number above 0 to 1"),
        ("min_level_share", 1, "1", "a number from 0 to below 1"),
        ("categorical_weight", 0, "0", "a number above 0"),
        ("algorithm", "k-means", '"k-means"', '"kmeans"'),
        ("algorithm", (), "[]", "a list of different ones"),
        ("algorithm", ("gmm", "gmm"), '["gmm", "gmm"]', "a list of different ones"),
        ("algorithm", ("gmm", "em"), '["gmm", "em"]', "a list of different ones"),
        ("noise", "drop", '"drop"', '"unassigned", "nearest"'),
        ("min_samples", 0, "0", "a whole number of at least 1"),
        ("dbscan_eps", -1, "-1", "a number above 0"),
        ("subsample_size", 0, "0", "a whole number of at least 1"),
        ("min_fidelity", 95, "95", "a number from 0 to 1"),
        ("warm_start", "yes", '"yes"', "true or false"),
        ("stability_runs", -1, "-1", "a whole number of at least 0"),
        ("sample_size", 0, "0", "a whole number of at least 1"),
        ("gap_references", 1, "1", "a whole number of at least 2"),
        ("max_segments", 2, "2", "a whole number of at least 3"),
        ("k_method", "bic", '"bic"', 'unless segmentation_algorithm is "gmm"'),
        ("k", 1, "1", "a whole number of at least 2"),
        ("k", 4.0, "4.0", "a whole number of at least 2"),
        ("k", True, "true", "a whole number of at least 2"),
        ("k", "4", '"4"', "a whole number of at least 2"),
        ("k_min", 1, "1", "a whole number of at least 2"),
        ("k_max", 2, "2", "a whole number of at least 3"),
        ("k_method", "gut", '"gut"', '"silhouette", "elbow"'),
        ("min_segment_share", 1, "1", "from 0 to below 1"),
        ("min_segment_share", -0.1, "-0.1", "from 0 to below 1"),
        ("min_segment_share", float("nan"), "NaN", "from 0 to below 1"),
        ("min_segment_share", False, "false", "from 0 to below 1"),
        ("n_init", 0, "0", "a whole number of at least 1"),
        ("n_init", True, "true", "a whole number of at least 1"),
        ("seed", -1, "-1", "a whole number from 0 to 4294967295"),
        ("seed", 2**32, "4294967296", "a whole number from 0 to 4294967295"),
    ],
)
def test_wrong_value_is_refused_in_one_sentence(name, value, shown, wanted):
    with pytest.raises(ValueError, match=re.escape(wanted)) as refusal:
        Settings(**{"features": FEATURES, name: value})
    message = str(refusal.value)
    assert message.startswith(f"segmentation_{name} is {shown}, but it must be ")
    remedy = message.partition(": ")[2]
    assert len(remedy.split()) >= 3
    assert message.endswith(".")
    assert ". " not in message
    assert "\n" not in message


def test_unknown_setting_is_refused():
    with pytest.raises(ValueError, match=r"segmentation_kmin is not a setting.*segmentation_k_min"):
        Settings.from_mapping({"features": ["monetary"], "kmin": 3})


def test_features_must_be_given():
    with pytest.raises(ValueError, match=r"segmentation_features is \[\]"):
        Settings.from_mapping({"k": 4})


def test_lists_from_yaml_are_accepted():
    settings = Settings.from_mapping(
        {"features": list(FEATURES), "winsorize_quantiles": [0.05, 0.95], "k": None}
    )
    assert settings == Settings(features=FEATURES, winsorize_quantiles=(0.05, 0.95))


def test_override_applies_to_its_feature_alone():
    settings = Settings(features=FEATURES, transform_overrides={"monetary": "none"})
    assert [settings.transform_of(feature) for feature in FEATURES] == ["log", "none"]


def test_canonical_form_is_equal_exactly_for_equal_settings():
    one = {"features": ["a", "b"], "transform_overrides": {"a": "none", "b": "log"}, "k": 4}
    other = {"k": 4, "transform_overrides": {"b": "log", "a": "none"}, "features": ["a", "b"]}
    assert Settings.from_mapping(one).canonical() == Settings.from_mapping(other).canonical()
    swapped = {**one, "features": ["b", "a"]}
    assert Settings.from_mapping(one).canonical() != Settings.from_mapping(swapped).canonical()
