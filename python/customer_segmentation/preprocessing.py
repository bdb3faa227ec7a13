"""Turn raw features into comparable numbers, and keep the numbers that did it.

Five steps in a fixed order: fill nulls, clip outliers, transform, scale, project. What can be
chosen for a step stands in its module. A numeric feature is one input of the model, a categorical
one is one 0/1 input for each of its levels. Everything a step learns from the training rows is
kept in `Preprocessing`, because SQL repeats the steps from those numbers for every customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from customer_segmentation.encoding import indicators, input_levels, scale_levels
from customer_segmentation.imputation import IMPUTATIONS, fill, weighted_sums
from customer_segmentation.outliers import OUTLIERS
from customer_segmentation.parallel import one_thread
from customer_segmentation.reduction import correlation_filter, principal_components
from customer_segmentation.transforms import SCALINGS, TRANSFORMS

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings
    from customer_segmentation.training import Training

__all__ = [
    "IMPUTATIONS",
    "OUTLIERS",
    "SCALINGS",
    "TRANSFORMS",
    "Preprocessing",
    "fit_preprocessing",
]

# The transform of a 0/1 input, which is nobody's choice.
ONE_HOT = "one_hot"


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """The numbers that turn raw features into p inputs, and these into c model dimensions.

    Attributes
    ----------
    feature_names : tuple of p str. The feature that an input is made from.
    levels : tuple of p str or None. The level that a 0/1 input stands for; None: a numeric input.
    imputation : ndarray of shape (p,). Replaces a null; NaN where nulls are not replaced.
    imputation_weights : ndarray of shape (p, p + 1) or None. See `imputation.fill`.
    lower_bound, upper_bound : ndarray of shape (p,), in the feature's unit. Infinite: no clipping.
    transform : tuple of p str. Keys of `TRANSFORMS`, or `ONE_HOT`.
    power : ndarray of shape (p,). NaN where the transform has none.
    centre, scale : ndarray of shape (p,), in transformed units. scale is never 0.
    projection : ndarray of shape (c, p), or None: the inputs are the dimensions.
    correlations : tuple of dict. Each pair of numeric features; see `correlation_filter`.
    components : tuple of dict. See `principal_components`; empty without a projection.
    """

    feature_names: tuple[str, ...]
    levels: tuple[str | None, ...]
    imputation: np.ndarray
    imputation_weights: np.ndarray | None
    lower_bound: np.ndarray
    upper_bound: np.ndarray
    transform: tuple[str, ...]
    power: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    projection: np.ndarray | None = None
    correlations: tuple[dict, ...] = ()
    components: tuple[dict, ...] = ()

    @property
    def input_names(self) -> tuple[str, ...]:
        """Return the names of the inputs: the feature, or feature=level."""
        return tuple(
            feature if level is None else f"{feature}={level}"
            for feature, level in zip(self.feature_names, self.levels, strict=True)
        )

    def apply(self, training: Training):
        """Preprocess rows that may be new to the model.

        Parameters
        ----------
        training : Training with n rows. Numbers that are not finite are nulls.

        Returns
        -------
        ndarray of shape (n, c), float.

        Raises
        ------
        ValueError: the rows lack a feature, or hold text for numbers or the other way round.
        """
        scaled = self.scaled(training)
        return scaled if self.projection is None else weighted_sums(scaled, self.projection)

    def scaled(self, training: Training):
        """Preprocess rows up to the projection.

        Parameters
        ----------
        training : Training with n rows. Numbers that are not finite are nulls.

        Returns
        -------
        ndarray of shape (n, p), float. A gap that nothing fills takes the centre, 0.

        Raises
        ------
        ValueError: as `apply`.
        """
        scaled = (self._transformed(self._raw(training)) - self.centre) / self.scale
        return np.where(np.isnan(scaled), 0.0, scaled)

    def columns(self) -> dict:
        """Return the columns of the registry, as lists, dicts, str, float and None only."""
        return {
            "feature_names": list(self.feature_names),
            "input_names": list(self.input_names),
            "imputation": _nullable(self.imputation),
            "imputation_weights": _rows(self.imputation_weights),
            "lower_bound": _nullable(self.lower_bound),
            "upper_bound": _nullable(self.upper_bound),
            "transform": list(self.transform),
            "power": _nullable(self.power),
            "centre": self.centre.tolist(),
            "scale": self.scale.tolist(),
            "projection": _rows(self.projection),
            "correlations": [dict(pair) for pair in self.correlations],
            "components": [dict(component) for component in self.components] or None,
        }

    @classmethod
    def from_columns(cls, row: Mapping) -> Preprocessing:
        """Read the columns of the registry back; the inverse of `columns`.

        Parameters
        ----------
        row : mapping with the keys of `columns`. A list may be an ndarray, as a data frame has it.
        """
        row = {name: _plain(value) for name, value in row.items()}
        features, transform = tuple(row["feature_names"]), tuple(row["transform"])
        return cls(
            feature_names=features,
            levels=tuple(
                name[len(feature) + 1 :] if kind == ONE_HOT else None
                for name, feature, kind in zip(row["input_names"], features, transform, strict=True)
            ),
            imputation=_numbers(row["imputation"], np.nan),
            imputation_weights=_matrix(row["imputation_weights"]),
            lower_bound=_numbers(row["lower_bound"], -np.inf),
            upper_bound=_numbers(row["upper_bound"], np.inf),
            transform=transform,
            power=_numbers(row["power"], np.nan),
            centre=_numbers(row["centre"], np.nan),
            scale=_numbers(row["scale"], np.nan),
            projection=_matrix(row["projection"]),
            correlations=tuple(row["correlations"] or ()),
            components=tuple(row["components"] or ()),
        )

    def _raw(self, training):
        """Return the inputs as (n, p): raw numbers, a null is NaN, and the 0/1 of levels."""
        columns = [np.empty((len(training), 0))]
        for feature, levels in self._levels_of_features():
            held = training.features if levels is None else training.categories
            if feature not in held:
                raise ValueError(
                    f"The model uses the {'number' if levels is None else 'text'} {feature}, but "
                    "the training sample has no such column: name it in segmentation_features."
                )
            if levels is None:
                values = training.matrix[:, training.features.index(feature)]
                columns.append(np.where(np.isfinite(values), values, np.nan))
            else:
                columns.extend(indicators(training.categories[feature], levels).T)
        return np.column_stack(columns)

    def _levels_of_features(self):
        levels = {}
        for feature, level in zip(self.feature_names, self.levels, strict=True):
            levels.setdefault(feature, []).append(level)
        return [(name, None if found == [None] else found) for name, found in levels.items()]

    def _transformed(self, raw):
        filled = fill(raw, self.imputation, self.imputation_weights)
        return _transform(
            np.clip(filled, self.lower_bound, self.upper_bound), self.transform, self.power
        )


def fit_preprocessing(training: Training, settings: Settings):
    """Learn the preprocessing from the training rows.

    Parameters
    ----------
    training : Training with n rows, n >= 1, that has the features of the settings.
    settings : Settings

    Returns
    -------
    (Preprocessing, ndarray of shape (n,), bool): the rows for which the latter is False are
    outliers that a fit is not to learn from. They teach the imputation and which levels there
    are, and no other number.

    Raises
    ------
    ValueError: a feature is null for every customer; a null remains because imputation is
        `none`; values are too large for double precision; a categorical feature has too many
        levels, or a transform.
    """
    _check(training, settings)
    # Linear algebra in several threads adds up in another order, with other last digits.
    with one_thread():
        numeric, is_inlier = _fit_numbers(training, training.features, settings)
        correlations, dropped = correlation_filter(
            numeric.scaled(training)[is_inlier], training.features, settings.max_correlation
        )
        if dropped:
            kept = tuple(name for name in training.features if name not in dropped)
            numeric, is_inlier = _fit_numbers(training, kept, settings)
        fitted = _with_levels(numeric, training, is_inlier, settings)
        if settings.pca_variance is not None:
            mean, projection, components = principal_components(
                fitted.scaled(training)[is_inlier], settings.pca_variance
            )
            fitted = replace(
                fitted,
                # What the components subtract is subtracted with the centre.
                centre=fitted.centre + fitted.scale * mean,
                projection=projection,
                components=tuple(components),
            )
    return replace(fitted, correlations=tuple(correlations)), is_inlier


def _check(training, settings):
    known = np.isfinite(training.matrix).any(axis=0)
    empty = [name for name, is_known in zip(training.features, known, strict=True) if not is_known]
    empty += [
        name for name, texts in training.categories.items() if all(text is None for text in texts)
    ]
    if empty:
        raise ValueError(
            f"The feature {empty[0]} is null for every customer of the training sample: "
            "remove it from segmentation_features."
        )
    bent = [name for name in training.categories if name in settings.transform_overrides]
    if bent:
        raise ValueError(
            f"segmentation_transform_overrides names {bent[0]}, which holds text and cannot be "
            "transformed: remove it there."
        )


def _fit_numbers(training, features, settings):
    """Return the Preprocessing of the numeric features alone, and which rows are no outliers."""
    matrix = training.matrix[:, [training.features.index(name) for name in features]]
    matrix = np.where(np.isfinite(matrix), matrix, np.nan)

    imputation, weights = IMPUTATIONS[settings.imputation](matrix, features)
    filled = fill(matrix, imputation, weights)

    lower_bound, upper_bound, is_inlier = OUTLIERS[settings.outliers](filled, features, settings)
    clipped = np.clip(filled, lower_bound, upper_bound)[is_inlier]

    transform = tuple(settings.transform_of(feature) for feature in features)
    power = np.array(
        [TRANSFORMS[name].fit(clipped[:, j]) for j, name in enumerate(transform)], dtype=float
    )
    transformed = _transform(clipped, transform, power)

    with np.errstate(over="ignore", invalid="ignore"):
        centre, scale = SCALINGS[settings.scaling](transformed)
    overflow = ~(np.isfinite(centre) & np.isfinite(scale) & np.isfinite(transformed).all(axis=0))
    if overflow.any():
        j = int(np.argmax(overflow))
        raise ValueError(
            f"The feature {features[j]} holds values too large to scale (up to "
            f'{np.abs(clipped[:, j]).max():.3g}): set segmentation_transform to "log" for it.'
        )
    fitted = Preprocessing(
        feature_names=features,
        levels=(None,) * len(features),
        imputation=imputation,
        imputation_weights=weights,
        lower_bound=lower_bound,
        upper_bound=upper_bound,
        transform=transform,
        power=power,
        centre=centre,
        scale=scale,
    )
    return fitted, is_inlier


def _with_levels(numeric, training, is_inlier, settings):
    """Return the Preprocessing with the levels of the categorical features among the numbers."""
    if not training.categories:
        return numeric
    weight = settings.categorical_weight * _mean_variance(numeric.scaled(training)[is_inlier])
    inputs, centre, scale = [], [], []
    for feature in settings.features:
        if feature in numeric.feature_names:
            j = numeric.feature_names.index(feature)
            inputs.append((feature, None))
            centre.append(numeric.centre[j : j + 1])
            scale.append(numeric.scale[j : j + 1])
        elif feature in training.categories:
            texts = training.categories[feature]
            levels = input_levels(texts, feature, settings.min_level_share)
            inputs.extend((feature, level) for level in levels)
            learnt = scale_levels(indicators(texts[is_inlier], levels), weight)
            centre.append(learnt[0])
            scale.append(learnt[1])
    names, levels = zip(*inputs, strict=True)
    at = [i for i, level in enumerate(levels) if level is None]

    def spread(values, blank):
        wide = np.full(len(inputs), blank)
        wide[at] = values
        return wide

    weights = numeric.imputation_weights
    if weights is not None:
        weights = np.zeros((len(inputs), len(inputs) + 1))
        weights[np.ix_(at, [*at, len(inputs)])] = numeric.imputation_weights
    transform = np.full(len(inputs), ONE_HOT, dtype=object)
    transform[at] = numeric.transform
    return Preprocessing(
        feature_names=names,
        levels=levels,
        imputation=spread(numeric.imputation, np.nan),
        imputation_weights=weights,
        lower_bound=spread(numeric.lower_bound, -np.inf),
        upper_bound=spread(numeric.upper_bound, np.inf),
        transform=tuple(transform),
        power=spread(numeric.power, np.nan),
        centre=np.concatenate(centre),
        scale=np.concatenate(scale),
    )


def _mean_variance(scaled):
    """Return the variance of an average number; a constant one does not count."""
    variance = scaled.var(axis=0)
    varying = variance[variance > 0]
    return varying.mean() if len(varying) else 1.0


def _transform(matrix, transform, power):
    columns = [
        matrix[:, j] if name == ONE_HOT else TRANSFORMS[name].apply(matrix[:, j], power[j])
        for j, name in enumerate(transform)
    ]
    return np.column_stack([np.empty((len(matrix), 0)), *columns])


def _nullable(values):
    return [value if np.isfinite(value) else None for value in values.tolist()]


def _rows(matrix):
    return None if matrix is None else matrix.tolist()


def _plain(value):
    """Return lists and None for the ndarrays, masks and NA of a data frame."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else value


def _numbers(values, null):
    return np.array([null if value is None else value for value in values], dtype=float)


def _matrix(rows):
    return None if rows is None else np.array(rows, dtype=float)
