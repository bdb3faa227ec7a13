"""Keep the id of a segment from one model to the next, and say what became of the others.

Ids are matched where the earlier model can be asked: in its own scaled space, on today's training
customers. A new segment takes over an id only if its centre and the earlier centre are each
other's nearest. So an id can never pass to a segment that lies nearer to another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from customer_segmentation.preprocessing import Preprocessing
from customer_segmentation.prototypes import UNASSIGNED, Prototypes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from customer_segmentation.training import Training

# From half of the customers on, a new segment is a part of an earlier one.
MAJORITY = 0.5


@dataclass(frozen=True)
class Previous:
    """The segments of an earlier model, as they look on today's training customers.

    Attributes
    ----------
    version : int
    segment_id : ndarray of shape (s,), int, ascending, without the unassigned 0.
    centre : ndarray of shape (s, d). Centres in the scaled space of that model.
    rows : ndarray of shape (n, d). Today's training customers in the same space.
    label : ndarray of shape (n,), int. Position in `segment_id`; -1 is unassigned.
    has_unassigned : bool. Whether that model has the segment 0.
    """

    version: int
    segment_id: np.ndarray
    centre: np.ndarray
    rows: np.ndarray
    label: np.ndarray
    has_unassigned: bool

    def means_in(self, matrix):
        """Return where the customers of each earlier segment are now in another space.

        Parameters
        ----------
        matrix : ndarray of shape (n, c)

        Returns
        -------
        ndarray of shape (s, c), or None when a segment has no customer today.
        """
        if len(np.setdiff1d(np.arange(len(self.segment_id)), self.label)):
            return None
        return _means(matrix, self.label, len(self.segment_id))


def previous_segments(row: Mapping, training: Training) -> Previous:
    """Apply an earlier model to today's training customers.

    Parameters
    ----------
    row : mapping of the registry's columns.
    training : Training. Features that it does not hold are left out of the comparison; without
        any of the model's features, d is 0.
    """
    preprocessing = Preprocessing.from_columns(row)
    ids = np.asarray(row["prototype_segment_id"], dtype=int)
    segment_id = np.unique(ids[ids != 0])
    prototypes = Prototypes(
        position=_matrix(row["prototype"]),
        label=np.where(ids == 0, UNASSIGNED, np.searchsorted(segment_id, ids)),
        weight=_matrix(row["prototype_weight"]),
        offset=np.asarray(row["prototype_offset"], dtype=float),
        membership_rule=row["membership_rule"],
    )
    size = np.asarray(row["prototype_rows"], dtype=float)
    centre = np.array(
        [
            np.average(prototypes.position[ids == id_], axis=0, weights=_weights(size[ids == id_]))
            for id_ in segment_id
        ]
    )
    known = {*training.features, *training.categories}
    if known >= set(preprocessing.feature_names):
        rows = preprocessing.apply(training)
        label = prototypes.assign(rows)
    else:
        preprocessing, centre = _restricted(preprocessing, centre, known)
        rows = preprocessing.scaled(training) if preprocessing.feature_names else _nothing(training)
        distance = _squared_distances(rows, centre)
        label = distance.argmin(axis=1)
    return Previous(int(row["model_version"]), segment_id, centre, rows, label, 0 in ids)


def match(previous: Previous | None, labels, k, spend, highest_id, matrix, has_unassigned=False):
    """Give each new segment an id, and say what became of the earlier ones.

    Parameters
    ----------
    previous : Previous or None. None for a first fit.
    labels : ndarray of shape (n,), int. New label of each training customer, 0 to k - 1 or -1.
    k : int
    spend : ndarray of shape (n,), in the user's currency. Orders the new ids, highest mean first.
    highest_id : int. The highest id that any version ever used; new ids begin after it.
    matrix : ndarray of shape (n, c). Orders segments of equal mean spend by their centre.
    has_unassigned : bool. Whether the new model has the segment 0.

    Returns
    -------
    ndarray of shape (k,), int. The segment id of each label.
    list of dict with segment_id, previous_segment_id, event, distance (Euclidean, in the scaled
    space of the earlier model) and customer_share (0 to 1): the registry's column `lineage`.

    Notes
    -----
    Source: assignment by Kuhn (1955), as scipy implements it, restricted to pairs of mutual
    nearest neighbours: an unrestricted one would also pair what is left over, however far apart.
    """
    order = _by_spend(labels, spend, matrix, k)
    if previous is None:
        segment_id = _numbered(np.zeros(k, dtype=int), order, highest_id)
        rows = [_event(int(id_), None, "first", None, None) for id_ in np.sort(segment_id)]
        return segment_id, [*_unassigned(previous, has_unassigned, "first"), *rows]

    if previous.rows.shape[1]:
        distance = np.sqrt(_squared_distances(_means(previous.rows, labels, k), previous.centre))
        partner = _partners(distance)
    else:
        distance = np.full((k, len(previous.segment_id)), np.nan)
        partner = np.full(k, -1)
    inherited = np.where(partner >= 0, previous.segment_id[partner], 0)
    segment_id = _numbered(inherited, order, highest_id)
    flow = _flow(previous.label, labels, len(previous.segment_id), k)
    return segment_id, [
        *_unassigned(previous, has_unassigned, "born"),
        *_of_new(previous, segment_id, partner, distance, flow),
        *_of_old(previous, segment_id, partner, distance, flow),
    ]


def _partners(distance):
    """Return for each new segment the position of the earlier one it continues, or -1."""
    nearest_old = distance.argmin(axis=1)
    nearest_new = distance.argmin(axis=0)
    new = np.arange(len(distance))
    mutual = np.zeros(distance.shape, dtype=bool)
    mutual[new, nearest_old] = nearest_new[nearest_old] == new
    too_far = 1.0 + distance.sum()
    rows, columns = linear_sum_assignment(np.where(mutual, distance, too_far))
    partner = np.full(len(distance), -1)
    for row, column in zip(rows, columns, strict=True):
        if mutual[row, column]:
            partner[row] = column
    return partner


def _of_new(previous, segment_id, partner, distance, flow):
    """Describe each new segment: `kept`, `split` off an earlier one, or `born` of several."""
    events = []
    for label in np.argsort(segment_id):
        old, id_ = partner[label], int(segment_id[label])
        if old >= 0:
            share = flow[old, label] / max(flow[old].sum(), 1)
            events.append(_event(id_, id_, "kept", distance[label, old], share))
            continue
        parent = int(flow[:-1, label].argmax())
        share = flow[parent, label] / flow[:, label].sum()
        is_part = share >= MAJORITY
        events.append(
            _event(
                id_,
                int(previous.segment_id[parent]) if is_part else None,
                "split" if is_part else "born",
                distance[label, parent],
                share,
            )
        )
    return events


def _of_old(previous, segment_id, partner, distance, flow):
    """Describe each earlier segment that goes on under no id: `merged` into one, or `retired`."""
    events = []
    for old in np.setdiff1d(np.arange(len(previous.segment_id)), partner):
        heir = int(flow[old, :-1].argmax())
        share = flow[old, heir] / max(flow[old].sum(), 1)
        is_absorbed = share >= MAJORITY
        events.append(
            _event(
                int(segment_id[heir]) if is_absorbed else None,
                int(previous.segment_id[old]),
                "merged" if is_absorbed else "retired",
                distance[heir, old],
                share,
            )
        )
    return events


def _unassigned(previous, has, event):
    """Describe segment 0, which is no group but what is left over, and always keeps its id."""
    had = previous is not None and previous.has_unassigned
    if had and has:
        return [_event(0, 0, "kept", None, None)]
    if has:
        return [_event(0, None, event, None, None)]
    return [_event(None, 0, "retired", None, None)] if had else []


def _event(segment_id, previous_segment_id, event, distance, share):
    return {
        "segment_id": segment_id,
        "previous_segment_id": previous_segment_id,
        "event": event,
        "distance": None if distance is None or np.isnan(distance) else float(distance),
        "customer_share": None if share is None else float(share),
    }


def _flow(old, new, s, k):
    """Count customers by earlier label (row) and new one (column), the unassigned last."""
    old, new = np.where(old < 0, s, old), np.where(new < 0, k, new)
    return np.bincount(old * (k + 1) + new, minlength=(s + 1) * (k + 1)).reshape(s + 1, k + 1)


def _numbered(inherited, order, highest_id):
    """Return ids: the inherited ones, and the next unused ones in the given order for the rest."""
    segment_id = inherited.copy()
    fresh = [label for label in order if inherited[label] == 0]
    segment_id[fresh] = highest_id + 1 + np.arange(len(fresh))
    return segment_id


def _by_spend(labels, spend, matrix, k):
    """Return the labels by mean spend, highest first; equal ones by their centre."""
    is_assigned = labels >= 0
    labels, spend, matrix = labels[is_assigned], spend[is_assigned], matrix[is_assigned]
    size = np.bincount(labels, minlength=k)
    mean_spend = np.bincount(labels, weights=spend, minlength=k) / size
    # lexsort takes the most important key last.
    return np.lexsort([*reversed(_means(matrix, labels, k).T), -mean_spend])


def _means(matrix, labels, k):
    is_assigned = labels >= 0
    labels, matrix = labels[is_assigned], matrix[is_assigned]
    size = np.bincount(labels, minlength=k)
    return np.column_stack(
        [np.bincount(labels, weights=column, minlength=k) / size for column in matrix.T]
    )


def _squared_distances(rows, centre):
    return ((rows[:, None, :] - centre[None, :, :]) ** 2).sum(axis=2)


def _restricted(preprocessing, centre, known):
    """Return preprocessing and centres without the inputs whose feature is gone."""
    if preprocessing.projection is not None:
        centre = centre @ preprocessing.projection
    kept = np.array([name in known for name in preprocessing.feature_names])
    names = ("feature_names", "levels", "transform")
    numbers = ("imputation", "lower_bound", "upper_bound", "power", "centre", "scale")
    return (
        replace(
            preprocessing,
            **{
                name: tuple(np.array(getattr(preprocessing, name), dtype=object)[kept])
                for name in names
            },
            **{name: getattr(preprocessing, name)[kept] for name in numbers},
            imputation_weights=None,
            projection=None,
        ),
        centre[:, kept],
    )


def _weights(size):
    return size if size.sum() > 0 else np.ones_like(size)


def _matrix(rows):
    return np.array([np.asarray(row, dtype=float) for row in rows])


def _nothing(training):
    return np.zeros((len(training), 0))
