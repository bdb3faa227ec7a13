"""Rows of the tables `segment_candidates` and `segment_model`, from training rows to numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from customer_segmentation import __version__
from customer_segmentation.algorithms import ALGORITHMS
from customer_segmentation.candidates import fit_candidates, measure_candidates
from customer_segmentation.drift import drift_bins
from customer_segmentation.matching import match, previous_segments
from customer_segmentation.parallel import in_parallel
from customer_segmentation.preprocessing import fit_preprocessing
from customer_segmentation.prototypes import UNASSIGNED
from customer_segmentation.selection import choose
from customer_segmentation.stability import measure_stability

if TYPE_CHECKING:
    from customer_segmentation.algorithms import Clustering
    from customer_segmentation.settings import Settings
    from customer_segmentation.training import Training


@dataclass(frozen=True)
class Run:
    """What `segmentation_runs` decided for this run: whether to fit, and under which version."""

    model_version: int
    is_refit: bool


@dataclass(frozen=True)
class History:
    """What the registry holds before a fit.

    Attributes
    ----------
    newest : dict or None. The row of the newest version, by the registry's columns.
    highest_id : int. The highest segment id that any version ever used; 0 when there is none.
    """

    newest: dict | None = None
    highest_id: int = 0

    @property
    def version(self) -> int:
        """Return the newest version; 0 when there is none."""
        return 0 if self.newest is None else int(self.newest["model_version"])


# Both Python models run in the process of dbt, one after the other: the model that was chosen among
# the candidates need not be fitted again. At most one fit is kept.
_last_fit: dict[tuple, Clustering] = {}


def candidate_rows(
    training: Training, settings: Settings, run: Run | None, newest_version, history: History
) -> list[dict]:
    """Try every algorithm and k on the training rows.

    Parameters
    ----------
    run : Run or None. None when `segmentation_runs` is empty.
    newest_version : int. The newest version in `segment_candidates`; 0 when there is none.
    history : History. Its newest model is where k-means begins if `warm_start` is set.

    Returns
    -------
    list of dict with the keys of `CANDIDATE_COLUMNS`, one per algorithm and k; empty when there are
    no training rows, when this run does not fit, or when it has been here before.

    Raises
    ------
    ValueError: the rows and the settings do not fit each other.
    """
    if len(training) == 0 or run is None or not run.is_refit or newest_version >= run.model_version:
        return []
    preprocessing, is_inlier = fit_preprocessing(training, settings)
    matrix = preprocessing.apply(training)[is_inlier]
    fits, failures = fit_candidates(
        matrix, settings, _start(training, settings, history, matrix, is_inlier)
    )
    candidates = measure_candidates(matrix, fits, settings)
    verdicts = choose(candidates, settings, failures)
    fingerprint = training.fingerprint(settings)
    _remember(fingerprint, candidates, verdicts, fits)
    return [
        {
            "model_version": run.model_version,
            **asdict(candidate),
            **asdict(verdict),
            "training_rows": len(training),
            "fingerprint": fingerprint,
        }
        for candidate, verdict in zip(candidates, verdicts, strict=True)
    ]


def model_rows(
    training: Training, settings: Settings, run: Run | None, chosen, history: History
) -> list[dict]:
    """Compile the chosen candidate to the numbers that SQL applies.

    Parameters
    ----------
    chosen : dict or None. The chosen row of the newest version in `segment_candidates`.

    Returns
    -------
    list of one dict with keys of `MODEL_COLUMNS`; empty when there are no training rows, when this
    run does not fit, or when the registry already has the version of this run.

    Raises
    ------
    ValueError: candidates, registry and training rows do not belong together, or the prototypes are
        less faithful than `min_fidelity`.
    """
    if (
        len(training) == 0
        or run is None
        or not run.is_refit
        or history.version >= run.model_version
    ):
        return []
    if chosen is None or chosen["model_version"] != run.model_version:
        held = "none" if chosen is None else chosen["model_version"]
        raise ValueError(
            f"This run is to fit version {run.model_version}, but the newest version in "
            f"segment_candidates is {held}: run `dbt build --select segmentation_runs+`."
        )
    if chosen["fingerprint"] != training.fingerprint(settings):
        raise ValueError(
            f"segment_candidates chose version {chosen['model_version']} from other training rows "
            "or settings than the present ones: run `dbt build --select segmentation_runs+`."
        )
    compiled = compile_model(training, settings, chosen["algorithm"], chosen["k"], history)
    _require_fidelity(compiled, settings)
    return [
        {
            "model_version": run.model_version,
            "fitted_at": datetime.now(UTC).replace(tzinfo=None),
            "as_of": training.as_of,
            "reason": chosen["reason"],
            "fingerprint": chosen["fingerprint"],
            # the fingerprint says that it is the silhouette of this very fit
            "silhouette": chosen["silhouette"],
            **compiled,
        }
    ]


def _require_fidelity(compiled, settings):
    """Stop before the registry gets a version that must not score.

    It would be the one that the next fit takes its segment ids from.
    """
    if compiled["fidelity"] < settings.min_fidelity:
        raise ValueError(
            f"segmentation_min_fidelity is {settings.min_fidelity}, but the prototypes give only a "
            f"share of {compiled['fidelity']:.4f} of the customers held out the segment of "
            f"{compiled['algorithm']}: take kmeans, minibatch_kmeans or gmm, which are exact, "
            "fewer segments or a larger segmentation_subsample_size, or lower "
            "segmentation_min_fidelity."
        )


def compile_model(training: Training, settings: Settings, algorithm, k, history=None) -> dict:
    """Fit k segments, and return the fit as plain numbers.

    Parameters
    ----------
    algorithm : str. Key of `ALGORITHMS`.
    k : int
    history : History or None. None for a first fit.

    Returns
    -------
    dict: the columns of `MODEL_COLUMNS` that follow from the arguments alone. Prototypes are sorted
    by segment.
    """
    history = history or History()
    preprocessing, is_inlier = fit_preprocessing(training, settings)
    everybody = preprocessing.apply(training)
    matrix = everybody[is_inlier]
    asked = None if ALGORITHMS[algorithm].finds_k else k
    clustering = _last_fit.get((training.fingerprint(settings), algorithm, k)) or _fit(
        matrix, algorithm, asked, settings, _start(training, settings, history, matrix, is_inlier)
    )
    prototypes = clustering.prototypes
    labels = prototypes.assign(everybody)
    previous = None
    if history.newest is not None:
        previous = previous_segments(history.newest, training)
    segment_id, lineage = match(
        previous,
        labels,
        k,
        training.spend,
        history.highest_id,
        everybody,
        has_unassigned=bool((prototypes.label == UNASSIGNED).any()),
    )

    id_of_label = np.append(segment_id, 0)
    prototype_id = id_of_label[prototypes.label]
    order = np.argsort(prototype_id, kind="stable")
    nearest = prototypes.distances(everybody).argmin(axis=1)
    ids = np.unique(prototype_id)
    return {
        "algorithm": algorithm,
        "k": k,
        "training_rows": len(training),
        "outlier_rows": int((~is_inlier).sum()),
        **preprocessing.columns(),
        "prototype_segment_id": prototype_id[order].tolist(),
        "prototype": prototypes.position[order].tolist(),
        "prototype_weight": prototypes.weight[order].tolist(),
        "prototype_offset": prototypes.offset[order].tolist(),
        "prototype_rows": np.bincount(nearest, minlength=len(order))[order].tolist(),
        "membership_rule": prototypes.membership_rule,
        "inertia": clustering.inertia,
        "bic": clustering.bic,
        "fidelity": clustering.fidelity,
        "ambiguous_pairs": clustering.ambiguous_pairs,
        "segment_share": [float(np.mean(id_of_label[labels] == id_)) for id_ in ids],
        **_stability_columns(matrix, clustering, algorithm, asked, segment_id, settings),
        "drift_bins": [
            bins
            for bins in drift_bins(training, settings)
            if bins["feature"] in preprocessing.feature_names
        ],
        "lineage": lineage,
        "previous_version": None if previous is None else previous.version,
        "settings": settings.canonical(),
        "accepted_settings": settings.canonical(),
        "package_version": __version__,
    }


def _fit(matrix, algorithm, k, settings, start):
    def fit(algorithm):
        return algorithm.fit(matrix, algorithm.prepare(matrix, settings, start), k, settings)

    return in_parallel(fit, [ALGORITHMS[algorithm]])[0]


def _start(training, settings, history, matrix, is_inlier):
    """Return where the segments of the newest model are now, for a warm start."""
    if not settings.warm_start or history.newest is None:
        return None
    previous = previous_segments(history.newest, training.take(is_inlier))
    return previous.means_in(matrix)


def _remember(fingerprint, candidates, verdicts, fits):
    _last_fit.clear()
    for candidate, verdict, (name, clustering) in zip(candidates, verdicts, fits, strict=True):
        if verdict.is_chosen:
            _last_fit[fingerprint, name, candidate.k] = clustering


def _stability_columns(matrix, clustering, algorithm, k, segment_id, settings):
    if settings.stability_runs == 0:
        return {"stability_runs": 0}
    found = measure_stability(matrix, clustering.labels, algorithm, k, settings)
    return {
        "seed_agreement": found.seed_agreement,
        "noise_silhouette": found.noise_silhouette,
        "noise_silhouette_error": found.noise_silhouette_error,
        "stability": [
            {
                "segment_id": int(segment_id[label]),
                "jaccard": None if np.isnan(found.jaccard[label]) else float(found.jaccard[label]),
            }
            for label in np.argsort(segment_id)
            if label < len(found.jaccard)
        ],
        "stability_runs": settings.stability_runs,
    }
