"""Rows of the tables `segment_candidates` and `segment_model`, from training rows to numbers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from customer_segmentation import __version__
from customer_segmentation.algorithms import ALGORITHMS
from customer_segmentation.preprocessing import fit_preprocessing
from customer_segmentation.selection import candidate_ks, choose, score_candidates

if TYPE_CHECKING:
    from customer_segmentation.settings import Settings
    from customer_segmentation.training import Training

CANDIDATE_COLUMNS = {
    "model_version": "integer",
    "algorithm": "varchar",
    "k": "integer",
    "inertia": "double",
    "silhouette": "double",
    "calinski_harabasz": "double",
    "davies_bouldin": "double",
    "gap": "double",
    "gap_error": "double",
    "bic": "double",
    "smallest_share": "double",
    "is_elbow": "boolean",
    "is_eligible": "boolean",
    "is_chosen": "boolean",
    "reason": "varchar",
    "training_rows": "integer",
    "fingerprint": "varchar",
}

MODEL_COLUMNS = {
    "model_version": "integer",
    "algorithm": "varchar",
    "k": "integer",
    "fitted_at": "timestamp",
    "as_of": "timestamp",
    "training_rows": "integer",
    "feature_names": "varchar[]",
    "imputation": "double[]",
    "lower_bound": "double[]",
    "upper_bound": "double[]",
    "transform": "varchar[]",
    "centre": "double[]",
    "scale": "double[]",
    "projection": "double[][]",
    "prototype_segment_id": "integer[]",
    "prototype": "double[][]",
    "prototype_weight": "double[][]",
    "prototype_offset": "double[]",
    "membership_rule": "varchar",
    "inertia": "double",
    "reason": "varchar",
    "settings": "varchar",
    "fingerprint": "varchar",
    "package_version": "varchar",
}


def candidate_rows(training: Training, settings: Settings, newest) -> list[dict]:
    """Try every k on the training rows.

    Parameters
    ----------
    newest : (int, str or None). Version and fingerprint of the newest rows that exist; (0, None)
        when there are none.

    Returns
    -------
    list of dict with the keys of `CANDIDATE_COLUMNS`, one per k; empty when there are no training
    rows, or when neither they nor the settings have changed since the newest version.

    Raises
    ------
    ValueError: the rows and the settings do not fit each other.
    """
    version, known = newest
    fingerprint = training.fingerprint(settings)
    if len(training) == 0 or fingerprint == known:
        return []
    matrix = fit_preprocessing(training.matrix, settings).apply(training.matrix)
    scores = score_candidates(matrix, candidate_ks(matrix, settings), settings)
    shared = {
        "model_version": version + 1,
        "algorithm": settings.algorithm,
        "training_rows": len(training),
        "fingerprint": fingerprint,
    }
    return [
        {**shared, **asdict(entry), **asdict(verdict)}
        for entry, verdict in zip(scores, choose(scores, settings), strict=True)
    ]


def model_rows(training: Training, settings: Settings, chosen, newest) -> list[dict]:
    """Fit the chosen k and compile it to the numbers that SQL applies.

    Parameters
    ----------
    chosen : dict or None. The chosen row of the newest version in `segment_candidates`.
    newest : (int, str or None). Version and fingerprint of the newest row in the registry.

    Returns
    -------
    list of one dict with keys of `MODEL_COLUMNS`; empty when there are no training rows, when
    nothing is chosen, or when the registry already has what is chosen.

    Raises
    ------
    ValueError: candidates, registry and training rows do not belong together.
    """
    if len(training) == 0 or chosen is None:
        return []
    if newest == (chosen["model_version"], chosen["fingerprint"]):
        return []
    if chosen["model_version"] <= newest[0]:
        raise ValueError(
            f"segment_model already holds version {newest[0]}, but the newest version in "
            f"segment_candidates is {chosen['model_version']}, from another fit: restore "
            "segment_candidates, or drop both tables and build again."
        )
    if chosen["fingerprint"] != training.fingerprint(settings):
        raise ValueError(
            f"segment_candidates chose version {chosen['model_version']} from other training rows "
            "or settings than the present ones: run `dbt build --select segment_candidates+`."
        )
    return [
        {
            "model_version": chosen["model_version"],
            "fitted_at": datetime.now(UTC).replace(tzinfo=None),
            "as_of": training.as_of,
            "reason": chosen["reason"],
            "fingerprint": chosen["fingerprint"],
            **compile_model(training, settings, chosen["k"]),
        }
    ]


def compile_model(training: Training, settings: Settings, k) -> dict:
    """Fit k segments, and return the fit as plain numbers.

    Parameters
    ----------
    k : int

    Returns
    -------
    dict: the columns of `MODEL_COLUMNS` that follow from the arguments alone. Segment ids run from
    1 in the order of the mean spend of the training customers, highest first; segments of equal
    mean spend are ordered by their centre, feature by feature. Prototypes are sorted by segment.
    """
    preprocessing = fit_preprocessing(training.matrix, settings)
    matrix = preprocessing.apply(training.matrix)
    clustering = ALGORITHMS[settings.algorithm](matrix, k, settings)
    segment_id = _segment_ids(clustering.labels, training.spend, matrix, k)
    prototype_segment_id = segment_id[clustering.position_label]
    order = np.argsort(prototype_segment_id, kind="stable")
    return {
        "algorithm": settings.algorithm,
        "k": k,
        "training_rows": len(training),
        "feature_names": list(settings.features),
        "imputation": _nullable(preprocessing.imputation),
        "lower_bound": _nullable(preprocessing.lower_bound),
        "upper_bound": _nullable(preprocessing.upper_bound),
        "transform": list(preprocessing.transform),
        "centre": preprocessing.centre.tolist(),
        "scale": preprocessing.scale.tolist(),
        "prototype_segment_id": prototype_segment_id[order].tolist(),
        "prototype": clustering.position[order].tolist(),
        "prototype_weight": clustering.weight[order].tolist(),
        "prototype_offset": clustering.offset[order].tolist(),
        "membership_rule": clustering.membership_rule,
        "inertia": clustering.inertia,
        "settings": settings.canonical(),
        "package_version": __version__,
    }


def _segment_ids(labels, spend, matrix, k):
    """Return the segment id of each label: ndarray of shape (k,), a permutation of 1 to k."""
    size = np.bincount(labels, minlength=k)
    mean_spend = np.bincount(labels, weights=spend, minlength=k) / size
    centres = [np.bincount(labels, weights=column, minlength=k) / size for column in matrix.T]
    # lexsort takes the most important key last.
    order = np.lexsort([*reversed(centres), -mean_spend])
    segment_id = np.empty(k, dtype=int)
    segment_id[order] = np.arange(1, k + 1)
    return segment_id


def _nullable(values):
    return [value if np.isfinite(value) else None for value in values.tolist()]
