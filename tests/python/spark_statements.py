"""Run statements in a Spark warehouse: `python spark_statements.py WAREHOUSE STATEMENT ...`."""

import sys

from spark_tables import session_on

if __name__ == "__main__":
    session = session_on(sys.argv[1])
    for statement in sys.argv[2:]:
        session.sql(statement)
