"""Fit the chosen number of segments, and keep the fit as numbers that SQL applies."""


def model(dbt, session):
    """Return one row per model version; no row when the registry has the newest one."""
    meta = dbt.config.get("meta")
    try:
        from customer_segmentation import registry, require_version, warehouse
        from customer_segmentation.settings import Settings
    except ImportError as error:
        raise ImportError(
            f"The Python library customer-segmentation cannot be imported ({error}): "
            f"run `{meta['install']}`."
        ) from error
    require_version(meta["package_version"], meta["install"])

    settings = Settings.from_mapping(meta["settings"])
    training = warehouse.read_training(dbt.ref("training_sample"), settings.features)
    chosen = warehouse.read_chosen(dbt.ref("segment_candidates"))
    newest = warehouse.read_newest(dbt, session)

    rows = registry.model_rows(training, settings, chosen, newest)
    return warehouse.to_relation(session, "segment_model", registry.MODEL_COLUMNS, rows)
