"""The training rows, in one order that depends on nothing but their values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from customer_segmentation.settings import Settings


@dataclass(frozen=True)
class Training:
    """The training sample: n customers with d features.

    Attributes
    ----------
    customer_id : list of n str
    as_of : datetime or None. End of the observation; None when there are no rows.
    spend : ndarray of shape (n,), float, in the user's currency. Orders the segments.
    matrix : ndarray of shape (n, d), float. Raw features; a null is NaN.
    """

    customer_id: list[str]
    as_of: datetime | None
    spend: np.ndarray
    matrix: np.ndarray

    def __len__(self):
        """Return the number of customers."""
        return len(self.customer_id)

    def fingerprint(self, settings: Settings) -> str:
        """Return the SHA-256 of the settings and the rows: equal exactly when a refit is idle."""
        digest = hashlib.sha256()
        digest.update(settings.canonical().encode())
        digest.update(json.dumps(self.customer_id).encode())
        digest.update(self.spend.astype("<f8").tobytes())
        digest.update(self.matrix.astype("<f8").tobytes())
        return digest.hexdigest()


def training_from_frame(frame: pd.DataFrame, features) -> Training:
    """Read the training sample.

    Parameters
    ----------
    frame : DataFrame with customer_id, as_of, monetary_value and the features, in any row order.
    features : sequence of d str

    Returns
    -------
    Training, rows sorted by the features in the alphabetical order of their names, then spend,
    then customer_id. The starts of k-means are drawn by row number: sorting by value means that
    neither the order in which rows arrive, nor a renaming of the customers, nor the order in which
    the features are listed can change a segment.

    Raises
    ------
    ValueError: a feature is not a column of the frame.
    """
    absent = [feature for feature in features if feature not in frame.columns]
    if absent:
        raise ValueError(
            f"segmentation_features names {', '.join(absent)}, but the training sample has no such "
            f"column: write the names as in customer_features, or run the model training_sample."
        )
    numbers = [*features, "monetary_value"]
    frame = frame.astype(dict.fromkeys(numbers, "float64"))
    values = frame[numbers].to_numpy()
    # A feature that is not finite is as good as unknown; adding zero turns -0.0 into 0.0, which
    # is the same number in other bytes.
    frame[numbers] = np.where(np.isfinite(values), values, np.nan) + 0.0
    frame = frame.sort_values(
        [*sorted(features), "monetary_value", "customer_id"], ignore_index=True
    )
    return Training(
        customer_id=frame["customer_id"].tolist(),
        as_of=None if frame.empty else frame["as_of"].iloc[0].to_pydatetime(),
        spend=frame["monetary_value"].fillna(0.0).to_numpy(),
        matrix=np.ascontiguousarray(frame[list(features)].to_numpy()),
    )
