"""Turn raw features into comparable numbers, and keep the numbers that did it.

Four steps in a fixed order: fill nulls, clip outliers, transform, scale. Each step has a table
of choices below; a new choice is one more function and one more line in its table. Everything a
step learns from the training rows is kept in `Preprocessing`, because SQL repeats the steps from
those numbers for every customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings


def _signed_log(values):
    # log1p would be more precise near zero, but SQL can only say ln(1 + abs(x)), and the two
    # sides must place every customer alike.
    return np.sign(values) * np.log(1.0 + np.abs(values))


def _unchanged(values):
    return values


def _median(matrix, _settings):
    return np.nanmedian(matrix, axis=0)


def _no_imputation(matrix, settings):
    gaps = np.isnan(matrix).any(axis=0)
    if gaps.any():
        feature = settings.features[int(np.argmax(gaps))]
        raise ValueError(
            f'segmentation_imputation is "none", but the feature {feature} is null for '
            f"{int(np.isnan(matrix).any(axis=1).sum())} customers of the training sample: "
            'set it to "median", or remove the feature from segmentation_features.'
        )
    return np.full(matrix.shape[1], np.nan)


def _quantile_bounds(matrix, settings):
    return np.quantile(matrix, settings.winsorize_quantiles, axis=0, method="linear")


def _no_bounds(matrix, _settings):
    unbounded = np.full(matrix.shape[1], np.inf)
    return -unbounded, unbounded


def _standard(matrix):
    # A constant feature says nothing and becomes exactly zero. Its computed mean and deviation
    # carry rounding errors, which a division would blow up, so the values themselves are compared.
    constant = (matrix == matrix[0]).all(axis=0)
    centre = np.where(constant, matrix[0], matrix.mean(axis=0))
    scale = np.where(constant, 1.0, matrix.std(axis=0, ddof=0))
    return centre, scale


def _no_scaling(matrix):
    return np.zeros(matrix.shape[1]), np.ones(matrix.shape[1])


IMPUTATIONS = {"median": _median, "none": _no_imputation}
OUTLIERS = {"winsorize": _quantile_bounds, "none": _no_bounds}
TRANSFORMS = {"log": _signed_log, "none": _unchanged}
SCALINGS = {"standard": _standard, "none": _no_scaling}


@dataclass(frozen=True)
class Preprocessing:
    """The numbers that turn raw features into model features; d is the number of features.

    Attributes
    ----------
    imputation : ndarray of shape (d,). Replaces a null; NaN where nulls are not replaced.
    lower_bound, upper_bound : ndarray of shape (d,), in the feature's unit. Infinite: no clipping.
    transform : tuple of d str. Keys of `TRANSFORMS`.
    centre, scale : ndarray of shape (d,), in transformed units. scale is never 0.
    """

    imputation: np.ndarray
    lower_bound: np.ndarray
    upper_bound: np.ndarray
    transform: tuple[str, ...]
    centre: np.ndarray
    scale: np.ndarray

    def apply(self, matrix):
        """Preprocess rows that may be new to the model.

        Parameters
        ----------
        matrix : ndarray of shape (n, d), float. Raw features; what is not finite is a null.

        Returns
        -------
        ndarray of shape (n, d), float.
        """
        filled = np.where(np.isfinite(matrix), matrix, self.imputation)
        clipped = np.clip(filled, self.lower_bound, self.upper_bound)
        return (_transform_columns(clipped, self.transform) - self.centre) / self.scale


def fit_preprocessing(matrix, settings: Settings) -> Preprocessing:
    """Learn the preprocessing from the training rows.

    Parameters
    ----------
    matrix : ndarray of shape (n, d), float, n >= 1. Raw features; what is not finite is a null.
    settings : Settings, with d features.

    Returns
    -------
    Preprocessing

    Raises
    ------
    ValueError: a feature is null for every customer; a null remains because imputation is
        `none`; values are too large for double precision.
    """
    matrix = np.where(np.isfinite(matrix), matrix, np.nan)
    empty = np.isnan(matrix).all(axis=0)
    if empty.any():
        feature = settings.features[int(np.argmax(empty))]
        raise ValueError(
            f"The feature {feature} is null for every customer of the training sample: "
            "remove it from segmentation_features."
        )

    imputation = IMPUTATIONS[settings.imputation](matrix, settings)
    filled = np.where(np.isnan(matrix), imputation, matrix)

    lower_bound, upper_bound = OUTLIERS[settings.outliers](filled, settings)
    clipped = np.clip(filled, lower_bound, upper_bound)

    transform = tuple(settings.transform_of(feature) for feature in settings.features)
    transformed = _transform_columns(clipped, transform)

    with np.errstate(over="ignore", invalid="ignore"):
        centre, scale = SCALINGS[settings.scaling](transformed)
    overflow = ~(np.isfinite(centre) & np.isfinite(scale))
    if overflow.any():
        feature = settings.features[int(np.argmax(overflow))]
        raise ValueError(
            f"The feature {feature} holds values too large to scale (up to "
            f'{np.abs(clipped).max():.3g}): set segmentation_transform to "log" for it.'
        )
    return Preprocessing(imputation, lower_bound, upper_bound, transform, centre, scale)


def _transform_columns(matrix, transform):
    return np.column_stack([TRANSFORMS[name](matrix[:, j]) for j, name in enumerate(transform)])
