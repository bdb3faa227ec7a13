"""The training rows, in one order that depends on nothing but their values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings


@dataclass(frozen=True)
class Training:
    """The training sample: n customers with d numeric and some categorical features.

    Attributes
    ----------
    customer_id : list of n str
    as_of : datetime or None. End of the observation; None when there are no rows.
    spend : ndarray of shape (n,), float, in the user's currency. Orders the segments.
    features : tuple of d str. The numeric features, in the order of the setting.
    matrix : ndarray of shape (n, d), float. Their raw values; a null is NaN.
    categories : dict of feature name to ndarray of shape (n,), object: str, or None for a null.
        The categorical features, in the order of the setting.
    """

    customer_id: list[str]
    as_of: datetime | None
    spend: np.ndarray
    features: tuple[str, ...]
    matrix: np.ndarray
    categories: dict[str, np.ndarray]

    def __len__(self):
        """Return the number of customers."""
        return len(self.customer_id)

    def take(self, rows) -> Training:
        """Return some of the customers.

        Parameters
        ----------
        rows : ndarray of shape (n,), bool, or of row numbers, int.
        """
        numbers = np.arange(len(self))[rows]
        return Training(
            customer_id=[self.customer_id[number] for number in numbers],
            as_of=self.as_of,
            spend=self.spend[numbers],
            features=self.features,
            matrix=self.matrix[numbers],
            categories={name: texts[numbers] for name, texts in self.categories.items()},
        )

    def fingerprint(self, settings: Settings) -> str:
        """Return the SHA-256 of the settings and the rows: equal exactly when a refit is idle."""
        digest = hashlib.sha256()
        digest.update(settings.canonical().encode())
        digest.update(json.dumps(self.customer_id).encode())
        digest.update(self.spend.astype("<f8").tobytes())
        digest.update(self.matrix.astype("<f8").tobytes())
        for feature, texts in self.categories.items():
            digest.update(json.dumps([feature, texts.tolist()]).encode())
        return digest.hexdigest()


def training_from_frame(frame: pd.DataFrame, features) -> Training:
    """Read the training sample.

    Parameters
    ----------
    frame : DataFrame with customer_id, as_of, monetary_value and the features, in any row order.
        A feature that holds text is categorical, any other is numeric.
    features : sequence of str

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
    categorical = [feature for feature in features if _holds_text(frame[feature])]
    numeric = [feature for feature in features if feature not in categorical]
    numbers = [*numeric, "monetary_value"]
    frame = frame.astype(
        {**dict.fromkeys(numbers, "float64"), **dict.fromkeys(categorical, object)}
    )
    values = frame[numbers].to_numpy()
    # A feature that is not finite is as good as unknown; adding zero turns -0.0 into 0.0, which
    # is the same number in other bytes.
    frame[numbers] = np.where(np.isfinite(values), values, np.nan) + 0.0
    # An empty text is as good as unknown too, and unlike a null it can be sorted among texts.
    frame[categorical] = frame[categorical].fillna("")
    frame = frame.sort_values(
        [*sorted(features), "monetary_value", "customer_id"], ignore_index=True
    )
    return Training(
        customer_id=frame["customer_id"].tolist(),
        as_of=None if frame.empty else frame["as_of"].iloc[0].to_pydatetime(),
        spend=frame["monetary_value"].fillna(0.0).to_numpy(),
        features=tuple(numeric),
        matrix=np.ascontiguousarray(frame[numeric].to_numpy(dtype=float)),
        categories={
            feature: np.array([text or None for text in frame[feature]], dtype=object)
            for feature in categorical
        },
    )


def _holds_text(column):
    # By value and not by type: numbers with gaps may arrive as objects.
    return not pd.api.types.is_numeric_dtype(column) and any(
        isinstance(value, str) for value in column
    )
