"""The settings of a fit, checked once.

A start-up check in the dbt package refuses bad values before any work; this is the second line,
for settings that reach the library another way. Both speak in one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from customer_segmentation.algorithms import ALGORITHMS
from customer_segmentation.checks import (
    is_number,
    one_of,
    require,
    require_choice,
    require_positive,
    require_share,
    require_whole,
)
from customer_segmentation.criteria import CRITERIA
from customer_segmentation.preprocessing import IMPUTATIONS, OUTLIERS, SCALINGS, TRANSFORMS

# Columns of the training sample beside the features: a feature of that name would hide one.
RESERVED_COLUMNS = ("customer_id", "as_of", "monetary_value")
NOISE = ("unassigned", "nearest")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to fit and how; each field is the setting `segmentation_<field>`.

    Raises
    ------
    ValueError: a value has the wrong type or range.
    """

    features: tuple[str, ...]
    transform: str = "log"
    transform_overrides: Mapping[str, str] = field(default_factory=dict)
    scaling: str = "standard"
    outliers: str = "winsorize"
    winsorize_quantiles: tuple[float, float] = (0.01, 0.99)
    outlier_share: float = 0.02
    imputation: str = "median"
    max_correlation: float | None = None
    pca_variance: float | None = None
    min_level_share: float = 0.05
    categorical_weight: float = 1.0
    algorithm: str | tuple[str, ...] = "kmeans"
    k: int | None = None
    k_min: int = 3
    k_max: int = 8
    k_method: str = "silhouette"
    gap_references: int = 20
    min_segment_share: float = 0.02
    max_segments: int | None = None
    n_init: int = 10
    warm_start: bool = False
    noise: str = "nearest"
    min_samples: int = 5
    dbscan_eps: float | None = None
    subsample_size: int = 5000
    min_fidelity: float = 0.95
    sample_size: int = 100_000
    seed: int = 0
    stability_runs: int = 20

    def __post_init__(self):
        """Check every field; the first that fails is reported."""
        self._check_features()
        self._check_preprocessing()
        self._check_algorithm()
        self._check_selection()
        require_whole("sample_size", self.sample_size, 1)
        require_whole("seed", self.seed, 0, 2**32 - 1)
        require_whole("stability_runs", self.stability_runs, 0)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Return the algorithms to compare, in the order given."""
        return (self.algorithm,) if isinstance(self.algorithm, str) else self.algorithm

    @classmethod
    def from_mapping(cls, values: Mapping) -> Settings:
        """Build settings from plain values, as dbt hands them over.

        Parameters
        ----------
        values : mapping of field name (without the prefix) to value. Lists become tuples.

        Raises
        ------
        ValueError: a name is unknown, `features` is missing, or a value is wrong.
        """
        known = [entry.name for entry in fields(cls)]
        unknown = [name for name in values if name not in known]
        if unknown:
            raise ValueError(
                f"segmentation_{unknown[0]} is not a setting of the fit: use one of "
                f"{', '.join('segmentation_' + name for name in known)}."
            )
        return cls(
            **{
                "features": (),
                **{
                    name: tuple(value) if isinstance(value, list) else value
                    for name, value in values.items()
                },
            }
        )

    def transform_of(self, feature):
        """Return the name of the transform that applies to a feature."""
        return self.transform_overrides.get(feature, self.transform)

    def canonical(self) -> str:
        """Return the settings as JSON: the very text that dbt's `tojson` makes of the same vars."""
        return json.dumps(asdict(self), sort_keys=True)

    def _check_features(self):
        features = self.features
        require(
            isinstance(features, tuple)
            and len(features) > 0
            and all(isinstance(name, str) and name for name in features),
            "features",
            features,
            "a list of one or more column names",
            "name the columns of customer_features that the model shall use",
        )
        repeated = sorted({name for name in features if features.count(name) > 1})
        require(
            not repeated,
            "features",
            features,
            "a list without repetitions",
            f"name {', '.join(repeated)} once",
        )
        reserved = [name for name in features if name in RESERVED_COLUMNS]
        require(
            not reserved,
            "features",
            features,
            f"a list without {', '.join(RESERVED_COLUMNS)}",
            f"give the feature {', '.join(reserved)} another name",
        )

    def _check_preprocessing(self):
        require_choice("transform", self.transform, TRANSFORMS)
        self._check_overrides()
        require_choice("scaling", self.scaling, SCALINGS)
        require_choice("outliers", self.outliers, OUTLIERS)
        self._check_quantiles()
        require(
            is_number(self.outlier_share) and 0 < self.outlier_share <= 0.5,
            "outlier_share",
            self.outlier_share,
            "a number above 0 to 0.5",
            "write for example 0.02",
        )
        require_choice("imputation", self.imputation, IMPUTATIONS)
        if self.max_correlation is not None:
            require_share("max_correlation", self.max_correlation, "0.9, or null")
        if self.pca_variance is not None:
            require_share("pca_variance", self.pca_variance, "0.9, or null", above_zero=True)
        require_share("min_level_share", self.min_level_share, "0.05 for 5 %", below_one=True)
        require_positive("categorical_weight", self.categorical_weight, "1")

    def _check_overrides(self):
        overrides = self.transform_overrides
        require(
            isinstance(overrides, Mapping)
            and all(value in TRANSFORMS for value in overrides.values()),
            "transform_overrides",
            overrides,
            f"a mapping of feature to {one_of(TRANSFORMS)}",
            "write for example {monetary: log}",
        )
        strangers = [name for name in overrides if name not in self.features]
        require(
            not strangers,
            "transform_overrides",
            overrides,
            "a mapping whose keys are all in segmentation_features",
            f"remove {', '.join(map(str, strangers))}, or add it to segmentation_features",
        )

    def _check_quantiles(self):
        pair = self.winsorize_quantiles
        require(
            isinstance(pair, tuple)
            and len(pair) == 2
            and all(is_number(value) for value in pair)
            and 0 <= pair[0] < pair[1] <= 1,
            "winsorize_quantiles",
            pair,
            "two numbers with 0 <= lower < upper <= 1",
            'write for example [0.01, 0.99], or set segmentation_outliers to "none"',
        )

    def _check_algorithm(self):
        given = self.algorithms
        require(
            isinstance(given, tuple)
            and len(given) > 0
            and all(isinstance(name, str) and name in ALGORITHMS for name in given)
            and len(set(given)) == len(given),
            "algorithm",
            self.algorithm,
            f"{one_of(ALGORITHMS)}, or a list of different ones",
            "set it to one of these",
        )
        require_whole("n_init", self.n_init, 1)
        require(
            isinstance(self.warm_start, bool),
            "warm_start",
            self.warm_start,
            "true or false",
            "set it to false",
        )
        require_choice("noise", self.noise, NOISE)
        require_whole("min_samples", self.min_samples, 1)
        if self.dbscan_eps is not None:
            require_positive("dbscan_eps", self.dbscan_eps, "0.5, or null")
        require_whole("subsample_size", self.subsample_size, 1)
        require_share("min_fidelity", self.min_fidelity, "0.95")

    def _check_selection(self):
        if self.k is not None:
            require_whole("k", self.k, 2, remedy="or set it to null to have k chosen")
        require_whole("k_min", self.k_min, 2)
        require_whole("k_max", self.k_max, self.k_min, remedy="or lower segmentation_k_min")
        require_choice("k_method", self.k_method, CRITERIA)
        require(
            self.k_method != "bic" or self.algorithms == ("gmm",),
            "k_method",
            self.k_method,
            'another method unless segmentation_algorithm is "gmm", which alone has a likelihood',
            'set it to "silhouette"',
        )
        require_whole("gap_references", self.gap_references, 2)
        require_share("min_segment_share", self.min_segment_share, "0.02 for 2 %", below_one=True)
        if self.max_segments is not None:
            lowest = max(2, self.k_min) if self.k is None else self.k
            require_whole("max_segments", self.max_segments, lowest)
