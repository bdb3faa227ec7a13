"""Keep the chosen candidate as numbers that SQL applies, under ids that stay."""


def model(dbt, session):
    """Return one row per model version; no row when this run does not fit."""
    meta = dbt.config.get("meta")
    try:
        from customer_segmentation import imports

        with imports:
            from customer_segmentation import columns, registry, require_version, warehouse
            from customer_segmentation.settings import Settings
    except ImportError as error:
        raise ImportError(
            f"The Python library customer-segmentation cannot be imported ({error}): "
            f"run `{meta['install']}`."
        ) from error
    require_version(meta["package_version"], meta["install"])

    settings = Settings.from_mapping(meta["settings"])
    training = warehouse.read_training(dbt.ref("training_sample"), settings.features)
    run = warehouse.read_run(dbt.ref("segmentation_runs"))
    chosen = warehouse.read_chosen(dbt.ref("segment_candidates"))
    history = warehouse.read_history(dbt, session, dbt.this.identifier)

    rows = registry.model_rows(training, settings, run, chosen, history)
    return warehouse.to_relation(session, "segment_model", columns.MODEL_COLUMNS, rows)
