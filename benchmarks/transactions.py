"""Write transactions to measure on: `python benchmarks/transactions.py 20_000_000 FOLDER`.

Seeded, and the same on every machine with the same DuckDB. Orders of one to seven lines, written in
the order of time; customers of whom few order most, some who left, some who came late; text for
ids; money as decimals; returns, most of them by one customer in ten. One customer for twenty lines.

Each line follows from its number alone, so that a file needs no memory for what lies in another.
"""

import argparse
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

START, END = datetime(2023, 1, 1), datetime(2025, 1, 1)
# Some of those who could order never do: about one customer for twenty lines is left.
LINES_PER_ORDER, LINES_PER_POSSIBLE_CUSTOMER = 4, 17
LINES_PER_FILE = 10_000_000
SEED = 0

# Seven orders of one to seven lines share a block of 28; the triangular root finds which of them a
# line belongs to. The draws of an order and of a customer are hashes of their numbers.
LINES = """
with

lines as (

    select
        line,
        7 * (line // 28) + floor((sqrt(8 * (line % 28) + 1) - 1) / 2)::bigint as order_number
    from range({first}, {last}) as numbers(line)

),

drawn as (

    select
        line,
        order_number,
        (order_number - {first_order} + {by_order[when]}) / {orders} as moment,
        floor({customers} * pow({by_order[who]}, 2))::bigint as candidate
    from lines

),

-- Every fourth customer left some day, another came late; whoever is away is replaced by a
-- neighbour who is always there.
placed as (

    select
        line,
        order_number,
        moment,
        case
            when candidate % 4 = 1 and moment + {era} > 0.1 + 0.5 * {by_candidate[left]}
                then candidate - 1
            when candidate % 4 = 2 and moment + {era} < 0.4 + 0.5 * {by_candidate[came]}
                then candidate - 2
            else candidate
        end as customer
    from drawn

),

valued as (

    select
        line,
        order_number,
        moment,
        customer,
        {by_line[returned]} < case when customer % 10 = 0 then 0.10 else 0.01 end as is_return,
        -- log-logistic: a few dear products, and a few customers who buy dear
        5 * pow({by_customer[level]} / (1 - {by_customer[level]}), 0.5)
        * pow({by_line[price]} / (1 - {by_line[price]}), 0.4) as price
    from placed

)

select
    'C' || lpad(customer::varchar, 8, '0') as customer_id,
    'O' || lpad(order_number::varchar, 9, '0') as order_id,
    timestamp '{start}' + to_seconds(floor(moment * {seconds})::bigint) as ordered_at,
    'P' || lpad(floor(5000 * pow({by_line[product]}, 2))::bigint::varchar, 5, '0') as product_id,
    case when is_return then -1 else 1 + floor(12 * pow({by_line[quantity]}, 3)) end::integer
        as quantity,
    greatest(least(price, 5000), 0.01)::decimal(18, 2) as unit_price
from valued
"""

DRAWS = {
    "order_number": ("when", "who"),
    "candidate": ("left", "came"),
    "customer": ("level",),
    "line": ("returned", "price", "product", "quantity"),
}


def uniform(number, draw):
    """Return SQL for a number strictly between 0 and 1 that follows from another and a name."""
    return f"((hash({number}, '{draw}', {SEED}) >> 11) + 0.5) / 9007199254740992"


def query(first, last, lines, day=None):
    """Return SQL for some of the lines.

    Parameters
    ----------
    first, last : int. Numbers of the first line, and of the one after the last.
    lines : int. Lines of the whole data set, without the further day.
    day : (int, int) or None. First and last line of the further day, if they are of that.
    """
    begin, end = day or (0, lines)
    draws = {
        f"by_{number.removesuffix('_number')}": {name: uniform(number, name) for name in names}
        for number, names in DRAWS.items()
    }
    return LINES.format(
        first=first,
        last=last,
        first_order=begin // LINES_PER_ORDER,
        orders=-(-(end - begin) // LINES_PER_ORDER) + LINES_PER_ORDER,
        customers=lines // LINES_PER_POSSIBLE_CUSTOMER,
        era=1 if day else 0,
        start=END if day else START,
        seconds=86_400 if day else int((END - START) / timedelta(seconds=1)),
        **draws,
    )


def write(folder, lines, day_share=0.01):
    """Write Parquet files, and beside them the folder `day` with one more day.

    Parameters
    ----------
    folder : Path
    lines : int. They lie between START and END.
    day_share : float. Lines of the day after END, as a share of them.
    """
    (folder / "day").mkdir(parents=True, exist_ok=True)
    # a further day begins with a block of its own, so that no order spans the two
    after = -(-lines // 28) * 28
    day = (after, after + int(lines * day_share))
    with duckdb.connect() as connection:
        for number, first in enumerate(range(0, lines, LINES_PER_FILE)):
            last = min(first + LINES_PER_FILE, lines)
            _copy(connection, query(first, last, lines), folder / f"part-{number:03}.parquet")
        _copy(connection, query(*day, lines, day), folder / "day" / "part.parquet")


def _copy(connection, selected, file):
    """Write one file, whole or not at all."""
    unfinished = file.with_suffix(".tmp")
    connection.execute(
        f"copy ({selected}) to '{unfinished}' (format parquet, row_group_size 200_000)"
    )
    unfinished.rename(file)


def ensure(folder, lines):
    """Return the folder with so many lines, written unless it is there.

    Parameters
    ----------
    folder : Path. Parent of the folders of all sizes.
    lines : int
    """
    own = folder / f"lines-{lines}"
    if not (own / "day" / "part.parquet").exists():
        write(own, lines)
    return own


def main():
    """Write what the command line asks for, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lines", type=int)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    print(ensure(arguments.folder, arguments.lines))


if __name__ == "__main__":
    main()
