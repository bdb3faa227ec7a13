"""The settings of a fit, checked once.

A start-up check in the dbt package refuses bad values before any work; this is the second line,
for settings that reach the library another way. Both speak in one sentence: the setting, the
value it has, the value wanted, the remedy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import isfinite

from customer_segmentation.algorithms import ALGORITHMS
from customer_segmentation.preprocessing import IMPUTATIONS, OUTLIERS, SCALINGS, TRANSFORMS
from customer_segmentation.selection import CRITERIA

# Columns of the training sample beside the features: a feature of that name would hide one.
RESERVED_COLUMNS = ("customer_id", "as_of", "monetary_value")


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
    imputation: str = "median"
    algorithm: str = "kmeans"
    k: int | None = None
    k_min: int = 3
    k_max: int = 8
    k_method: str = "silhouette"
    min_segment_share: float = 0.02
    n_init: int = 10
    seed: int = 0

    def __post_init__(self):
        """Check every field; the first that fails is reported."""
        self._check_features()
        self._check_choice("transform", TRANSFORMS)
        self._check_overrides()
        self._check_choice("scaling", SCALINGS)
        self._check_choice("outliers", OUTLIERS)
        self._check_quantiles()
        self._check_choice("imputation", IMPUTATIONS)
        self._check_choice("algorithm", ALGORITHMS)
        if self.k is not None:
            self._check_whole("k", 2, remedy="or set it to null to have k chosen")
        self._check_whole("k_min", 2)
        self._check_whole("k_max", self.k_min, remedy="or lower segmentation_k_min")
        self._check_choice("k_method", CRITERIA)
        self._check_share()
        self._check_whole("n_init", 1)
        self._check_whole("seed", 0, 2**32 - 1)

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
        """Return the settings as JSON that is equal exactly when the settings are equal."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    def _check_features(self):
        _require(
            isinstance(self.features, tuple)
            and len(self.features) > 0
            and all(isinstance(name, str) and name for name in self.features),
            "features",
            self.features,
            "a list of one or more column names",
            "name the columns of customer_features that the model shall use",
        )
        repeated = sorted({name for name in self.features if self.features.count(name) > 1})
        _require(
            not repeated,
            "features",
            self.features,
            "a list without repetitions",
            f"name {', '.join(repeated)} once",
        )
        reserved = [name for name in self.features if name in RESERVED_COLUMNS]
        _require(
            not reserved,
            "features",
            self.features,
            f"a list without {', '.join(RESERVED_COLUMNS)}",
            f"give the feature {', '.join(reserved)} another name",
        )

    def _check_overrides(self):
        overrides = self.transform_overrides
        _require(
            isinstance(overrides, Mapping)
            and all(value in TRANSFORMS for value in overrides.values()),
            "transform_overrides",
            overrides,
            f"a mapping of feature to {_one_of(TRANSFORMS)}",
            "write for example {monetary: log}",
        )
        strangers = [name for name in overrides if name not in self.features]
        _require(
            not strangers,
            "transform_overrides",
            overrides,
            "a mapping whose keys are all in segmentation_features",
            f"remove {', '.join(map(str, strangers))}, or add it to segmentation_features",
        )

    def _check_quantiles(self):
        pair = self.winsorize_quantiles
        _require(
            isinstance(pair, tuple)
            and len(pair) == 2
            and all(_is_number(value) for value in pair)
            and 0 <= pair[0] < pair[1] <= 1,
            "winsorize_quantiles",
            pair,
            "two numbers with 0 <= lower < upper <= 1",
            'write for example [0.01, 0.99], or set segmentation_outliers to "none"',
        )

    def _check_share(self):
        _require(
            _is_number(self.min_segment_share) and 0 <= self.min_segment_share < 1,
            "min_segment_share",
            self.min_segment_share,
            "a number from 0 to below 1",
            "write a share of the customers, for example 0.02 for 2 %",
        )

    def _check_choice(self, name, choices):
        value = getattr(self, name)
        _require(
            isinstance(value, str) and value in choices,
            name,
            value,
            _one_of(choices),
            "set it to one of these",
        )

    def _check_whole(self, name, lowest, highest=None, remedy=None):
        value = getattr(self, name)
        wanted = f"of at least {lowest}" if highest is None else f"from {lowest} to {highest}"
        _require(
            isinstance(value, int)
            and not isinstance(value, bool)
            and lowest <= value
            and (highest is None or value <= highest),
            name,
            value,
            f"a whole number {wanted}",
            f"set it to {lowest} or more" + (f", {remedy}" if remedy else ""),
        )


def _require(holds, name, value, wanted, remedy):
    if not holds:
        shown = json.dumps(value, ensure_ascii=False, default=str)
        raise ValueError(f"segmentation_{name} is {shown}, but it must be {wanted}: {remedy}.")


def _one_of(choices):
    return "one of " + ", ".join(f'"{choice}"' for choice in choices)


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
