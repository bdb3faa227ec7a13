"""The small table that the project `corner_shop` reads: clean lines, to which a test adds dirt."""

from __future__ import annotations

import duckdb

# Names with a blank, keywords, names that differ from those of the package in nothing but their
# case, and one that SQL likes to give to a whole table.
COLUMNS = ("group", "order", "Customer ID", "Time", "raw", "Quantity", "price per unit")


def clean_lines():
    """Return the 400 lines of 50 customers who buy once to fifteen times in 2024 and 2025.

    Returns
    -------
    list of dict, one value as text per column. The ids are numbers, so that the table can be
    written with other types.
    """
    lines = []
    for customer in range(1, 51):
        for visit in range(1 + customer * 7 % 15):
            day = (customer * 13 + visit * 37) % 700
            lines.append(
                {
                    "group": str(len(lines) + 1),
                    "order": str(1000 * customer + visit),
                    "Customer ID": str(customer),
                    "Time": f"{2024 + day // 366}-{day % 366 // 31 + 1:02}-{day % 28 + 1:02}",
                    "raw": "tea" if visit % 2 else "bread",
                    "Quantity": str(1 + customer % 4),
                    "price per unit": f"{1 + customer * visit % 9}.50",
                }
            )
    return lines


def write_lines(project, lines, **types):
    """Write the table where the project will look for it.

    Parameters
    ----------
    project : Project. The scratch folder takes the file.
    lines : list of dict of column to text; None is null.
    types : SQL type by column where it is not text; underscores stand for blanks.
    """
    types = {column.replace("_", " "): kind for column, kind in types.items()}
    declared = ", ".join(f'"{column}" {types.get(column, "varchar")}' for column in COLUMNS)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create table lines ({declared})")
        values = ", ".join(f"cast(? as {types.get(column, 'varchar')})" for column in COLUMNS)
        if lines:
            connection.executemany(
                f"insert into lines values ({values})",
                [[line[column] for column in COLUMNS] for line in lines],
            )
        connection.execute(f"copy lines to '{project.scratch / 'lines.parquet'}'")
