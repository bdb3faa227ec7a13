"""The submission method `session` of dbt-spark: a Python model runs where its session is."""

from __future__ import annotations

import linecache
import traceback
import warnings
from functools import cache

from dbt.adapters.base import PythonJobHelper
from dbt.adapters.spark import SparkAdapter
from dbt.adapters.spark.connections import SparkConnectionMethod
from dbt_common.exceptions import DbtRuntimeError

METHOD = "session"


class SessionJob(PythonJobHelper):
    """Run a compiled Python model in this process.

    Parameters
    ----------
    parsed_model : dict. The node, as dbt's manifest has it.
    credential : SparkCredentials
    """

    def __init__(self, parsed_model, credential):
        self._file = f"<{parsed_model['original_file_path']}, compiled>"
        self._options = credential.server_side_parameters

    def submit(self, compiled_code):
        """Run it; what goes wrong is told with the lines where it did."""
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.enableHiveSupport()
        for option, value in self._options.items():
            builder = builder.config(option, value)
        # without the lines of the compiled model a traceback would not show them
        linecache.cache[self._file] = (len(compiled_code), None, compiled_code.splitlines(True), "")
        try:
            exec(compile(compiled_code, self._file, "exec"), {"spark": builder.getOrCreate()})
        except Exception as error:
            raise DbtRuntimeError(f"Python model failed:\n{traceback.format_exc()}") from error
        finally:
            linecache.cache.pop(self._file, None)


@cache
def register() -> None:
    """Add the method to the adapter; it is the default where the profile connects by a session."""
    # dbt-spark imports the pandas API on Spark for every model, and none here uses it
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    helpers = SparkAdapter.python_submission_helpers.fget
    default = SparkAdapter.default_python_submission_method.fget

    def is_session(adapter):
        return adapter.config.credentials.method == SparkConnectionMethod.SESSION

    SparkAdapter.python_submission_helpers = property(
        lambda adapter: {**helpers(adapter), METHOD: SessionJob}
    )
    SparkAdapter.default_python_submission_method = property(
        lambda adapter: METHOD if is_session(adapter) else default(adapter)
    )
