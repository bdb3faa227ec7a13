"""Digits are cut where they differ between machines, and nowhere else."""

import numpy as np
import pytest
from customer_segmentation.rounding import on_grid, significant


@pytest.mark.parametrize(
    ("value", "cut"),
    [(0.4296868773778606, 0.4297), (-123456.0, -123500.0), (1e-300, 1e-300), (0.0, 0.0)],
)
def test_significant_digits_are_counted_from_the_first(value, cut):
    assert significant(value, 4) == cut
    assert significant(value * (1 + 2e-16), 4) == cut


def test_nothing_stays_nothing():
    assert significant(None, 4) is None


def test_grid_is_fine_beside_the_spread_and_the_same_after_the_last_digit():
    spread = np.array([0.003, 1.0, 4e6, 0.0])
    values = np.random.default_rng(0).normal(size=(50, 4)) * np.where(spread > 0, spread, 1.0)
    found = on_grid(values, spread, 7)
    assert (np.abs(found - values) <= 0.5e-7 * np.where(spread > 0, spread, 1.0)).all()
    np.testing.assert_array_equal(found, on_grid(values * (1 + 2e-16), spread, 7))
    np.testing.assert_array_equal(found, on_grid(found, spread, 7))
