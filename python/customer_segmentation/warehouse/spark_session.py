"""The session of Spark that dbt hands to a Python model, and its data frames.

PySpark is imported where it is used: who builds with DuckDB does not have it.
"""

from __future__ import annotations


def frame(relation):
    """Return a whole relation as a DataFrame; decimals are floats, as DuckDB gives them."""
    from pyspark.sql.types import DecimalType

    types = _types(relation)
    decimals = [name for name, type_ in types.items() if isinstance(type_, DecimalType)]
    return _cast(relation, dict.fromkeys(decimals, "double")).toArrow().to_pandas()


def rows(relation, columns, *, order_by=(), is_descending=False, limit=None):
    """Return rows as tuples of Python values; lists are lists, and structs are dicts."""
    if order_by:
        relation = relation.orderBy(*order_by, ascending=not is_descending)
    if limit is not None:
        relation = relation.limit(limit)
    return [
        tuple(_plain(value) for value in row) for row in _cast(relation.select(*columns)).collect()
    ]


def table(session, this, name=None):
    """Return a table in the schema of the running model, the model's own without a name; or None.

    Parameters
    ----------
    this : `dbt.this`
    """
    place = f"{this.schema}.{name or this.identifier}"
    return session.table(place) if session.catalog.tableExists(place) else None


def publish(session, relations, forgotten, options, package_version):
    """Refuse: the files are DuckDB's, and check_settings() has said so before any work."""
    raise ValueError(
        f"segmentation_publish_path is {options.path}, but files are published from DuckDB only: "
        "set it to null, and let readers query the tables in Spark."
    )


def to_relation(session, name, columns, rows):
    """Return rows as a typed data frame; see warehouse.to_relation()."""
    types = {column: spark_type(type_) for column, type_ in columns.items()}
    # times are in UTC and without a zone, which is what PySpark takes for those of this machine
    plain = ", ".join(
        f"{column} {'timestamp_ntz' if type_ == 'timestamp' else type_}"
        for column, type_ in types.items()
    )
    schema = session.createDataFrame([], plain).schema
    values = [
        tuple(_fitting(row.get(field.name), field.dataType) for field in schema) for row in rows
    ]
    casts = [f"cast({column} as {type_}) as {column}" for column, type_ in types.items()]
    return session.createDataFrame(values, schema).selectExpr(*casts)


def spark_type(type_):
    """Return a type of columns.py as Spark writes it.

    >>> spark_type("struct(feature string, edges double[])[]")
    'array<struct<feature:string,edges:array<double>>>'
    """
    if type_.endswith("[]"):
        return f"array<{spark_type(type_[:-2])}>"
    if type_.startswith("struct("):
        # no comma and no blank stands within the type of a field, for structs are not nested
        fields = [field.split() for field in type_[len("struct(") : -1].split(",")]
        return f"struct<{','.join(f'{name}:{spark_type(of_field)}' for name, of_field in fields)}>"
    return type_


def _types(relation):
    return {field.name: field.dataType for field in relation.schema}


def _cast(relation, casts=None):
    """Cast columns; and times to times without a zone: PySpark gives others in the local one."""
    from pyspark.sql.types import TimestampType

    times = [name for name, type_ in _types(relation).items() if isinstance(type_, TimestampType)]
    casts = {**dict.fromkeys(times, "timestamp_ntz"), **(casts or {})}
    return relation.selectExpr(
        *(
            f"cast(`{name}` as {casts[name]}) as `{name}`" if name in casts else f"`{name}`"
            for name in relation.columns
        )
    )


def _plain(value):
    """Return a value of a row as Python has it: Spark's rows within are dicts."""
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if hasattr(value, "asDict"):
        return {name: _plain(held) for name, held in value.asDict().items()}
    return value


def _fitting(value, type_):
    """Return a value as its type wants it: PySpark takes neither an int nor NumPy's as a double."""
    from pyspark.sql import types

    if value is None:
        return None
    if isinstance(type_, types.ArrayType):
        return [_fitting(element, type_.elementType) for element in value]
    if isinstance(type_, types.StructType):
        return tuple(_fitting(value.get(field.name), field.dataType) for field in type_)
    convert = {
        types.DoubleType: float,
        types.IntegerType: int,
        types.LongType: int,
        types.BooleanType: bool,
        types.StringType: str,
    }
    return convert.get(type(type_), lambda kept: kept)(value)
