"""Chance that falls alike on every machine: see generate.py for why it is made so simply."""

from __future__ import annotations

import random
from collections.abc import Sequence


class Dice:
    """Draws that are identical on every machine, from a seeded stream of uniform numbers."""

    def __init__(self, seed: int) -> None:
        self.uniform = random.Random(seed).random

    def between(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self.uniform() < probability

    def pick(self, values: Sequence[str], weights: Sequence[int] | None = None) -> str:
        """Pick one of `values`, each as likely or in proportion to whole-number `weights`."""
        weights = weights or [1] * len(values)
        mark = self.between(1, sum(weights))
        position = 0
        while mark > weights[position]:
            mark -= weights[position]
            position += 1
        return values[position]

    def bell(self) -> float:
        """Draw from a bell curve of mean 0 and deviation 1: twelve uniform draws, less six."""
        total = -6.0
        for _ in range(12):  # not sum(), which rounds differently from Python 3.12 on
            total += self.uniform()
        return total

    def around(self, median: float, spread: float) -> float:
        """Draw a positive number whose logarithm has deviation `spread` around `median`."""
        return median * growth(spread * self.bell())

    def sample(self, population: int, size: int) -> list[int]:
        """Draw `size` different numbers below `population`, in random order."""
        numbers = list(range(population))
        for position in range(size):
            other = self.between(position, population - 1)
            numbers[position], numbers[other] = numbers[other], numbers[position]
        return numbers[:size]


def growth(rate: float) -> float:
    """Approximate e to the power of `rate` by 1024 small steps of compound growth."""
    factor = 1.0 + rate / 1024
    for _ in range(10):
        factor *= factor
    return factor


def clamp(value: int, low: int, high: int) -> int:
    """Move `value` into the range from `low` to `high`."""
    return max(low, min(high, value))
