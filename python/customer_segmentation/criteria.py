"""The methods of choosing the number of segments, one line each in `CRITERIA`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Criterion:
    """How a method ranks: the name of its index, its sense, and the decimals worth reading.

    `compares` tells whether the index of one algorithm can be held against that of another: where
    it cannot, the silhouette decides between the k that each algorithm chose.
    """

    index: str
    sign: int
    decimals: int
    compares: bool = True

    @property
    def superlative(self):
        """Say which end of the index is the better one."""
        return "highest" if self.sign > 0 else "lowest"

    @property
    def worse_side(self):
        """Say on which side of the best value the others lie."""
        return "below" if self.sign > 0 else "above"


CRITERIA = {
    "silhouette": Criterion("silhouette", +1, 3),
    "elbow": Criterion("knee of the inertia curve", +1, 3, compares=False),
    "calinski_harabasz": Criterion("Calinski-Harabasz index", +1, 1),
    "davies_bouldin": Criterion("Davies-Bouldin index", -1, 3),
    "gap": Criterion("gap statistic", +1, 3, compares=False),
    "bic": Criterion("BIC", -1, 1),
    "stability": Criterion("bootstrapped Jaccard index", +1, 3),
}
