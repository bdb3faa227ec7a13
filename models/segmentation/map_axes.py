"""Find the two directions in which the customers differ most, for a map of them."""


def model(dbt, session):
    """Return one row per axis of the map and coordinate: what the axis is made of."""
    meta = dbt.config.get("meta")
    try:
        from customer_segmentation import imports

        with imports:
            from customer_segmentation import columns, maps, require_version, warehouse
    except ImportError as error:
        raise ImportError(
            f"The Python library customer-segmentation cannot be imported ({error}): "
            f"run `{meta['install']}`."
        ) from error
    require_version(meta["package_version"], meta["install"])

    mean, covariance = warehouse.read_moments(dbt.ref("map_moments"))
    rows = maps.axis_rows(mean, covariance)
    return warehouse.to_relation(session, "map_axes", columns.AXIS_COLUMNS, rows)
