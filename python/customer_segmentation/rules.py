"""A shallow tree that says in SQL, one rule a leaf, which customers are in which segment.

The tree imitates the assignment, it does not make it: a surrogate, for reading. It only ever sees
the rank of a number, so that its thresholds are where SQL can repeat them, and not where the single
precision of scikit-learn's trees happens to round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from customer_segmentation.encoding import MISSING, OTHER

# Leaves that name the same segment are merged, which makes room for others: up to so many times the
# leaves asked for are tried.
GROWTH = 3

# A decimal literal with more digits does not become the nearest double in every engine.
MOST_DIGITS = 15


@dataclass(frozen=True)
class Feature:
    """A feature that rules may speak about.

    Attributes
    ----------
    name : str
    place : int. Place of its first input in the model, from 1.
    reading : str. SQL that reads it from the table of features as the model does.
    has_nulls : bool. Whether it is null for any customer, in the sample or not.
    levels : tuple of str, or None. The levels that are inputs of the model; None: a number.
    """

    name: str
    place: int
    reading: str
    has_nulls: bool
    levels: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Interval:
    """The values of a number that reach a node: above `lower`, not above `upper`."""

    feature: Feature
    lower: float | None = None
    upper: float | None = None
    takes_null: bool = True

    def predicate(self):
        """Return the condition in SQL, or None when it holds for everyone."""
        column = identifier(self.feature.reading)
        takes_null = self.takes_null and self.feature.has_nulls
        if self.lower is not None and np.isinf(self.lower):
            return f"{column} is null"
        bounds = [
            f"{column} {sign} {literal(bound)}"
            for sign, bound in ((">", self.lower), ("<=", self.upper))
            if bound is not None
        ]
        if not bounds:
            excluded = self.feature.has_nulls and not takes_null
            return f"{column} is not null" if excluded else None
        text = " and ".join(bounds)
        if not takes_null:
            return text
        return f"({f'({text})' if len(bounds) > 1 else text} or {column} is null)"

    def columns(self):
        """Return the condition as SQL evaluates it: the fields of `columns.RULE_CONDITION`."""
        return _condition(
            self.feature, lower=self.lower, upper=self.upper, takes_null=self.takes_null
        )


@dataclass(frozen=True)
class Levels:
    """The levels of a category that reach a node: some of `named`, the others, the missing."""

    feature: Feature
    named: tuple[str, ...]
    chosen: frozenset[str]

    def predicate(self):
        """Return the condition in SQL, or None when it holds for everyone."""
        column = identifier(self.feature.reading)
        takes_null = MISSING in self.chosen and self.feature.has_nulls
        listed = [quoted(level) for level in self._listed()]
        if not listed:
            if OTHER not in self.chosen:
                return f"{column} is null"
            excluded = self.feature.has_nulls and not takes_null
            return f"{column} is not null" if excluded else None
        negation = OTHER in self.chosen
        if len(listed) == 1:
            text = f"{column} {'!=' if negation else '='} {listed[0]}"
        else:
            text = f"{column} {'not in' if negation else 'in'} ({', '.join(listed)})"
        return f"({text} or {column} is null)" if takes_null else text

    def columns(self):
        """Return the condition as SQL evaluates it: the fields of `columns.RULE_CONDITION`."""
        return _condition(
            self.feature,
            levels=self._listed(),
            is_listed=OTHER not in self.chosen,
            takes_null=MISSING in self.chosen,
        )

    def _listed(self):
        """Return the levels that the condition names: the chosen ones, or those that are not."""
        wanted = OTHER not in self.chosen
        return [level for level in self.named if (level in self.chosen) == wanted]


@dataclass
class Node:
    """A node of the tree, with the training rows that reach it."""

    conditions: dict
    rows: np.ndarray
    counts: np.ndarray
    children: list[Node] = field(default_factory=list)

    def leaves(self) -> list[Node]:
        """Return the leaves below, from left to right."""
        if not self.children:
            return [self]
        return [leaf for child in self.children for leaf in child.leaves()]

    def merge(self):
        """Undo the splits below that part nothing: all their leaves name the same segment."""
        for child in self.children:
            child.merge()
        if len({int(leaf.counts.argmax()) for leaf in self.leaves()}) == 1:
            self.children = []


def rule_rows(features, values, segment_id, *, max_rules, seed):
    """Describe an assignment by rules that exclude each other and leave nobody out.

    Parameters
    ----------
    features : sequence of Feature
    values : dict of feature name to ndarray of shape (n,): float, NaN for a null, or for a category
        object, str or None.
    segment_id : ndarray of shape (n,), int.
    max_rules : int, from 2. The most leaves.
    seed : int

    Returns
    -------
    list of dict with the keys of `columns.RULE_COLUMNS`, one per rule, in the order of the segments
    and of their training rows; none without rows. With one segment there is one rule for all.

    Notes
    -----
    CART with the Gini index (Breiman, Friedman, Olshen & Stone 1984), grown best first.
    """
    if not len(segment_id):
        return []
    segments, label = np.unique(segment_id, return_inverse=True)
    # By name, so that the order in which the features are listed decides nothing.
    features = sorted(features, key=lambda feature: feature.name)
    root = _grown(features, values, label, len(segments), max_rules, seed)
    leaves = [(int(leaf.counts.argmax()), leaf) for leaf in root.leaves()]
    leaves.sort(key=lambda found: (found[0], -len(found[1].rows)))
    return [
        {
            "rule_id": number,
            "segment_id": int(segments[winner]),
            "predicate": predicate(leaf.conditions.values()),
            "conditions": [condition.columns() for condition in leaf.conditions.values()],
            "training_rows": len(leaf.rows),
        }
        for number, (winner, leaf) in enumerate(leaves, start=1)
    ]


def predicate(conditions):
    """Return the conditions as one SQL expression."""
    texts = [text for text in (condition.predicate() for condition in conditions) if text]
    return " and ".join(texts) or "true"


def shortest_between(low, high):
    """Return the roundest decimal t with low <= t < high.

    The one with the fewest decimal places, or the most zeros before the point; of several the one
    nearest to the middle.

    Parameters
    ----------
    low, high : float, low < high.
    """
    exact = Decimal(repr(float(low))), Decimal(repr(float(high)))
    middle = (exact[0] + exact[1]) / 2
    places = -max(abs(bound).adjusted() for bound in exact) - 1
    while True:
        step = Decimal(1).scaleb(-places)
        lowest = (exact[0] / step).to_integral_value(ROUND_CEILING)
        highest = (exact[1] / step).to_integral_value(ROUND_CEILING) - 1
        if lowest <= highest:
            nearest = (middle / step).to_integral_value(ROUND_HALF_EVEN)
            found = float(min(max(nearest, lowest), highest) * step)
            if low <= found < high:
                return found + 0.0
        if -places < exact[0].as_tuple().exponent:
            return float(low)
        places += 1


def literal(number):
    """Return a number as a SQL literal that an engine reads as the same double."""
    text = Decimal(repr(float(number)))
    digits = len(text.normalize().as_tuple().digits)
    if digits <= MOST_DIGITS and -MOST_DIGITS <= text.adjusted() < MOST_DIGITS:
        return f"{text.normalize():f}"
    shown = repr(float(number))
    return shown if "e" in shown else f"{shown}e0"


def quoted(text):
    """Return a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(reading):
    """Return the name of a column in quotes if it needs them; an expression as it is."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", reading) or re.search(r"[(\"]", reading):
        return reading
    return '"' + reading + '"'


def _condition(feature, **fields):
    blank = {"lower": None, "upper": None, "levels": None, "is_listed": None}
    return {"feature": feature.name, "place": feature.place, **blank, **fields}


def _grown(features, values, label, segments, max_rules, seed):
    """Return the root of the largest tree that has no more leaves than that, once merged."""
    splits = [split for feature in features for split in _splits(feature, values[feature.name])]
    start = {
        feature.name: Interval(feature)
        if feature.levels is None
        else Levels(feature, _named(feature), frozenset([*_named(feature), MISSING, OTHER]))
        for feature in features
    }
    matrix = np.column_stack([ranks for _, _, ranks in splits])
    everyone = np.arange(len(label))
    best = None
    for leaves in range(max_rules, GROWTH * max_rules + 1):
        tree = DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=seed).fit(matrix, label)
        root = _node(tree.tree_, 0, splits, start, {}, everyone, label, segments)
        root.merge()
        if best is not None and len(root.leaves()) > max_rules:
            break
        best = root
        if tree.get_n_leaves() < leaves:
            break
    return best


def _splits(feature, values):
    """Return what the tree may split by.

    Returns
    -------
    list of (Feature, values or levels, ranks): a number with its values and their ranks, each of
    shape (n,), NaN for a null; or some levels of a category, and 1 for the rows that have one.
    """
    if feature.levels is None:
        known = np.isfinite(values)
        ranks = np.full(len(values), np.nan)
        ranks[known] = np.unique(values[known], return_inverse=True)[1]
        return [(feature, values, ranks)]
    named = _named(feature)
    texts = np.array(
        [MISSING if text is None else text if text in named else OTHER for text in values],
        dtype=object,
    )
    groups = [frozenset([level]) for level in named]
    # what is no input of its own is one with the others, in the model as in the rules
    if MISSING in feature.levels:
        groups += [frozenset([MISSING]), frozenset([OTHER])]
    else:
        groups += [frozenset([MISSING, OTHER])]
    return [
        (feature, group, np.array([text in group for text in texts], dtype=float))
        for group in groups
    ]


def _named(feature):
    return tuple(level for level in feature.levels if level not in (MISSING, OTHER))


def _node(tree, number, splits, start, conditions, rows, label, segments):
    node = Node(conditions, rows, np.bincount(label[rows], minlength=segments))
    if tree.children_left[number] == -1:
        return node
    feature, subject, ranks = splits[tree.feature[number]]
    nulls_go_left = bool(tree.missing_go_to_left[number])
    ranks = ranks[rows]
    is_left = np.where(np.isnan(ranks), nulls_go_left, ranks <= tree.threshold[number])
    before = conditions.get(feature.name, start[feature.name])
    if feature.levels is not None:
        sides = (
            replace(before, chosen=before.chosen - subject),
            replace(before, chosen=before.chosen & subject),
        )
    else:
        known = ~np.isnan(ranks)
        threshold = _threshold(subject[rows][known & is_left], subject[rows][known & ~is_left])
        sides = (
            replace(
                before,
                upper=before.upper if np.isinf(threshold) else threshold,
                takes_null=before.takes_null and nulls_go_left,
            ),
            replace(before, lower=threshold, takes_null=before.takes_null and not nulls_go_left),
        )
    node.children = [
        _node(
            tree,
            child[number],
            splits,
            start,
            {**conditions, feature.name: side},
            rows[chosen],
            label,
            segments,
        )
        for child, side, chosen in zip(
            (tree.children_left, tree.children_right), sides, (is_left, ~is_left), strict=True
        )
    ]
    return node


def _threshold(left, right):
    """Return a number between the values on both sides; infinity: only nulls go right."""
    return shortest_between(left.max(), right.min()) if len(right) else np.inf
