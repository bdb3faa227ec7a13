"""Publish the tables of this run, in files that nobody sees half-built."""


def model(dbt, session):
    """Return one row per file and table; none where nothing is to be published."""

    # looked up only where something is published: with `dbt run` alone there is no snapshot
    def relations():
        # all public tables, what was seen of each customer, and the stays: a failed test on one of
        # them, or on anything before, keeps this model from running
        return {
            "campaign_audit": dbt.ref("campaign_audit"),
            "customer_lifetime_value": dbt.ref("customer_lifetime_value"),
            "event_audit": dbt.ref("event_audit"),
            "feature_correlations": dbt.ref("feature_correlations"),
            "feature_drift": dbt.ref("feature_drift"),
            "feature_snapshot": dbt.ref("feature_snapshot"),
            "lifetime_backtest": dbt.ref("lifetime_backtest"),
            "lifetime_parameters": dbt.ref("lifetime_parameters"),
            "principal_components": dbt.ref("principal_components"),
            "prospects": dbt.ref("prospects"),
            "rejected_transactions": dbt.ref("rejected_transactions"),
            "rfm_grid": dbt.ref("rfm_grid"),
            "segment_attribute_profiles": dbt.ref("segment_attribute_profiles"),
            "segment_builds": dbt.ref("segment_builds"),
            "segment_campaigns": dbt.ref("segment_campaigns"),
            "segment_candidates": dbt.ref("segment_candidates"),
            "segment_centroids": dbt.ref("segment_centroids"),
            "segment_cohorts": dbt.ref("segment_cohorts"),
            "segment_drift": dbt.ref("segment_drift"),
            "segment_drivers": dbt.ref("segment_drivers"),
            "segment_engagement": dbt.ref("segment_engagement"),
            "segment_exemplars": dbt.ref("segment_exemplars"),
            "segment_history": dbt.ref("segment_history"),
            "segment_kpis": dbt.ref("segment_kpis"),
            "segment_lineage": dbt.ref("segment_lineage"),
            "segment_map": dbt.ref("segment_map"),
            "segment_migrations": dbt.ref("segment_migrations"),
            "segment_model": dbt.ref("segment_model"),
            "segment_name_checks": dbt.ref("segment_name_checks"),
            "segment_overrides": dbt.ref("segment_overrides"),
            "segment_overview": dbt.ref("segment_overview"),
            "segment_profiles": dbt.ref("segment_profiles"),
            "segment_quality": dbt.ref("segment_quality"),
            "segment_rfm_crosstab": dbt.ref("segment_rfm_crosstab"),
            "segment_rules": dbt.ref("segment_rules"),
            "segment_stability": dbt.ref("segment_stability"),
            "segmentation_card": dbt.ref("segmentation_card"),
            "segmentation_runs": dbt.ref("segmentation_runs"),
            "segments": dbt.ref("segments"),
            "segments_snapshot": dbt.ref("segments_snapshot"),
            "transaction_audit": dbt.ref("transaction_audit"),
        }

    def forgotten():
        # whom no file may hold any longer
        return dbt.ref("stg_forgotten")

    meta = dbt.config.get("meta")
    try:
        from customer_segmentation import imports

        with imports:
            from customer_segmentation import columns, publishing, require_version, warehouse
    except ImportError as error:
        raise ImportError(
            f"The Python library customer-segmentation cannot be imported ({error}): "
            f"run `{meta['install']}`."
        ) from error
    require_version(meta["package_version"], meta["install"])

    options = publishing.Options(**meta["settings"], left_out=tuple(meta["about_single_customers"]))
    rows = warehouse.publish(session, relations, forgotten, options, meta["package_version"])
    return warehouse.to_relation(session, "publications", columns.PUBLICATION_COLUMNS, rows)
