"""Names and SQL types of the tables that Python fills, in the order of their columns."""

CANDIDATE_COLUMNS = {
    "model_version": "integer",
    "algorithm": "string",
    "k": "integer",
    "inertia": "double",
    "silhouette": "double",
    "calinski_harabasz": "double",
    "davies_bouldin": "double",
    "gap": "double",
    "gap_error": "double",
    "bic": "double",
    "stability": "double",
    "fidelity": "double",
    "smallest_share": "double",
    "is_elbow": "boolean",
    "is_eligible": "boolean",
    "is_chosen": "boolean",
    "reason": "string",
    "training_rows": "integer",
    "fingerprint": "string",
}

MODEL_COLUMNS = {
    "model_version": "integer",
    "algorithm": "string",
    "k": "integer",
    "fitted_at": "timestamp",
    "as_of": "timestamp",
    "training_rows": "integer",
    "outlier_rows": "integer",
    "feature_names": "string[]",
    "input_names": "string[]",
    "imputation": "double[]",
    "imputation_weights": "double[][]",
    "lower_bound": "double[]",
    "upper_bound": "double[]",
    "transform": "string[]",
    "power": "double[]",
    "centre": "double[]",
    "scale": "double[]",
    "projection": "double[][]",
    "prototype_segment_id": "integer[]",
    "prototype": "double[][]",
    "prototype_weight": "double[][]",
    "prototype_offset": "double[]",
    "prototype_rows": "integer[]",
    "membership_rule": "string",
    "inertia": "double",
    "bic": "double",
    "fidelity": "double",
    "ambiguous_pairs": "double",
    "segment_share": "double[]",
    "silhouette": "double",
    "noise_silhouette": "double",
    "noise_silhouette_error": "double",
    "seed_agreement": "double",
    "stability": "struct(segment_id integer, jaccard double)[]",
    "stability_runs": "integer",
    "correlations": (
        "struct(feature string, other_feature string, correlation double, "
        "dropped_feature string, reason string)[]"
    ),
    "components": (
        "struct(component integer, explained_variance double, variance_share double, "
        "cumulative_share double, is_kept boolean)[]"
    ),
    "drift_bins": "struct(feature string, edges double[], levels string[], shares double[])[]",
    "lineage": (
        "struct(segment_id integer, previous_segment_id integer, event string, "
        "distance double, customer_share double)[]"
    ),
    "previous_version": "integer",
    "reason": "string",
    "settings": "string",
    "accepted_settings": "string",
    "fingerprint": "string",
    "package_version": "string",
}

# A condition on one feature. A number meets it above `lower` and up to `upper`, a category when it
# is one of `levels` exactly if `is_listed`; a null when `takes_null`.
RULE_CONDITION = (
    "struct(feature string, place integer, lower double, upper double, levels string[], "
    "is_listed boolean, takes_null boolean)"
)

RULE_COLUMNS = {
    "rule_id": "integer",
    "segment_id": "integer",
    "predicate": "string",
    "conditions": f"{RULE_CONDITION}[]",
    "training_rows": "integer",
}

PARAMETER_COLUMNS = {
    "period": "string",
    "model": "string",
    "r": "double",
    "alpha_days": "double",
    "a": "double",
    "b": "double",
    "p": "double",
    "q": "double",
    "v": "double",
    "log_likelihood": "double",
    "customers": "bigint",
    "repeat_orders": "bigint",
    "is_converged": "boolean",
    "is_usable": "boolean",
    "reason": "string",
    "package_version": "string",
}

AXIS_COLUMNS = {
    "axis": "integer",
    "place": "integer",
    "centre": "double",
    "loading": "double",
    "variance_share": "double",
}

PUBLICATION_COLUMNS = {
    "publication_id": "string",
    "version": "string",
    "format": "string",
    "table_name": "string",
    "table_rows": "bigint",
    "file": "string",
    "file_bytes": "bigint",
    "published_at": "timestamp",
    "run_at": "timestamp",
    "as_of": "timestamp",
    "model_version": "integer",
    "package_version": "string",
}
