"""Fit the models of repeat buying and of spend to groups of customers."""


def model(dbt, session):
    """Return one row per period and model, also where there was nothing to fit."""
    meta = dbt.config.get("meta")
    try:
        from customer_segmentation import imports

        with imports:
            from customer_segmentation import columns, parameters, require_version, warehouse
    except ImportError as error:
        raise ImportError(
            f"The Python library customer-segmentation cannot be imported ({error}): "
            f"run `{meta['install']}`."
        ) from error
    require_version(meta["package_version"], meta["install"])

    histories = warehouse.read_frame(dbt.ref("lifetime_groups"))
    spends = warehouse.read_frame(dbt.ref("spend_groups"))

    rows = parameters.parameter_rows(histories, spends)
    return warehouse.to_relation(session, "lifetime_parameters", columns.PARAMETER_COLUMNS, rows)
