"""Learn rules that say who is in which segment, as SQL."""


def model(dbt, session):
    """Return one row per rule: the leaves of a shallow tree over the features of the model."""
    meta = dbt.config.get("meta")
    try:
        from customer_segmentation import imports

        with imports:
            from customer_segmentation import columns, require_version, rules, warehouse
    except ImportError as error:
        raise ImportError(
            f"The Python library customer-segmentation cannot be imported ({error}): "
            f"run `{meta['install']}`."
        ) from error
    require_version(meta["package_version"], meta["install"])

    settings = meta["settings"]
    features = warehouse.read_rule_features(dbt.ref("rule_features"))
    values, segment_id = warehouse.read_rule_sample(dbt.ref("rule_sample"), features)

    rows = rules.rule_rows(
        features,
        values,
        segment_id,
        max_rules=int(settings["max_rules"]),
        seed=int(settings["seed"]),
    )
    return warehouse.to_relation(session, "surrogate_tree", columns.RULE_COLUMNS, rows)
