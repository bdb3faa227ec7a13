"""Bend and scale single features. Each choice is one line in `TRANSFORMS` or `SCALINGS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.preprocessing import PowerTransformer

# A likelihood can ask for a power in the hundreds: of a narrow range far from zero, or of hardly
# more than one value. Powers are limited so that a value this many times larger than any of the
# training rows becomes a number of at most so many digits, which can still be squared.
HEADROOM = 1000.0
MOST_DIGITS = 150.0


@dataclass(frozen=True)
class Transform:
    """How to bend a feature.

    Attributes
    ----------
    apply : function of values, ndarray of shape (n,), and power, float. Returns shape (n,).
    fit : function of values. Returns the power; NaN where there is none to learn.
    """

    apply: Callable
    fit: Callable = lambda _values: np.nan


def _signed_log(values, _power):
    # log1p would be more precise near zero, but SQL can only say ln(1 + abs(x)), and the two
    # sides must place every customer alike.
    return np.sign(values) * np.log(1.0 + np.abs(values))


def _unchanged(values, _power):
    return values


def _yeo_johnson(values, power):
    # Source: Yeo and Johnson (2000), "A new family of power transformations to improve normality
    # or symmetry", equation 2.1. As in SQL, each side of zero has its own formula.
    size = 1.0 + np.abs(values)
    with np.errstate(over="ignore"):
        right = np.log(size) if power == 0 else (size**power - 1.0) / power
        left = -np.log(size) if power == 2 else -(size ** (2.0 - power) - 1.0) / (2.0 - power)
    return np.where(values >= 0, right, left)


def _yeo_johnson_power(values):
    with np.errstate(over="ignore"):
        is_too_large = not np.isfinite((values**2).sum())
    # A constant has no shape to mend; what is too large for a likelihood, scaling will refuse.
    if is_too_large or (values == values[0]).all():
        return 1.0
    learner = PowerTransformer(method="yeo-johnson", standardize=False)
    power = float(learner.fit(values[:, None]).lambdas_[0])
    limit = MOST_DIGITS / np.log10(1.0 + HEADROOM * np.abs(values).max())
    # Six decimals are more than the data determine, and keep the formula away from the powers
    # next to 0 and 2, where it subtracts numbers that are almost equal.
    return round(float(np.clip(power, 2.0 - limit, limit)), 6)


def _standard(matrix):
    # A constant feature says nothing and becomes exactly zero. Its computed mean and deviation
    # carry rounding errors, which a division would blow up, so the values themselves are compared.
    constant = (matrix == matrix[0]).all(axis=0)
    centre = np.where(constant, matrix[0], matrix.mean(axis=0))
    scale = np.where(constant, 1.0, matrix.std(axis=0, ddof=0))
    return centre, scale


def _minmax(matrix):
    return matrix.min(axis=0), _or_one(matrix.max(axis=0) - matrix.min(axis=0))


def _robust(matrix):
    first, third = np.quantile(matrix, [0.25, 0.75], axis=0, method="linear")
    return np.median(matrix, axis=0), _or_one(third - first)


def _no_scaling(matrix):
    return np.zeros(matrix.shape[1]), np.ones(matrix.shape[1])


def _or_one(width):
    return np.where(width == 0, 1.0, width)


TRANSFORMS = {
    "log": Transform(_signed_log),
    "yeo_johnson": Transform(_yeo_johnson, _yeo_johnson_power),
    "none": Transform(_unchanged),
}
SCALINGS = {
    "standard": _standard,
    "minmax": _minmax,
    "robust": _robust,
    "none": _no_scaling,
}
