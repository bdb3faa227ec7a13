"""Try every algorithm and number of segments on the training sample, and choose one."""


def model(dbt, session):
    """Return one row per model version, algorithm and k; no row when this run does not fit."""
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
    newest_version = warehouse.read_newest_version(dbt, session)
    history = warehouse.read_history(dbt, session)

    rows = registry.candidate_rows(training, settings, run, newest_version, history)
    return warehouse.to_relation(session, "segment_candidates", columns.CANDIDATE_COLUMNS, rows)
