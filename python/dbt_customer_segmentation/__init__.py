"""What dbt-spark lacks to run the Python models of the package in a session of its own.

dbt-spark hands Python models to Databricks, and to nothing else. Where a profile says
`method: session` Spark runs in the process of dbt, and so can they. dbt imports every installed
module whose name begins with `dbt_` when it starts, and asks it for plugins: hence the name.
"""

from __future__ import annotations

import sys

from dbt.plugins import dbtPlugin


class SparkSessionJobs(dbtPlugin):
    """Teach dbt-spark the submission method `session`."""

    def initialize(self) -> None:
        """Do so if this run is on Spark: dbt has imported the adapter of the profile by now."""
        if "dbt.adapters.spark" in sys.modules:
            from dbt_customer_segmentation.session_job import register

            register()


plugins = [SparkSessionJobs]
