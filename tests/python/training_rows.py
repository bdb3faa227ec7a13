"""Training rows from plain arrays, in the order given."""

import numpy as np
from customer_segmentation.training import Training


def training_of(matrix, features, **categories):
    """Return customers with a column of the matrix per feature, and text columns by name."""
    matrix = np.asarray(matrix, dtype=float)
    return Training(
        customer_id=[f"C{number}" for number in range(len(matrix))],
        as_of=None,
        spend=np.zeros(len(matrix)),
        features=tuple(features),
        matrix=matrix,
        categories={name: np.array(texts, dtype=object) for name, texts in categories.items()},
    )
