"""The rules of this project for dbt-score: what must hold for every model, seed and macro."""

import re
from pathlib import PurePosixPath

from dbt_score import Macro, Model, RuleViolation, Seed, rule

# Data walks through these folders in this order and never turns back. Monitoring may look at all.
ROOMS = [
    *("staging", "quality", "features", "segmentation"),
    *("segments", "monitoring", "publishing", "semantics"),
]
MAX_LINES = 350
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*|#[^\n]*", re.DOTALL)


def grain_violation(description):
    """Return a violation when a description does not begin with the grain."""
    if description.strip().startswith(("One row per ", "One row in all.")):
        return None
    return RuleViolation("it must begin with the grain: 'One row per ...' or 'One row in all.'")


def columns_violation(columns):
    """Return a violation when there are no columns, or some without a description."""
    missing = [column.name for column in columns if not column.description.strip()]
    if not columns:
        return RuleViolation("it lists no columns.")
    return RuleViolation(f"no description for {', '.join(missing)}.") if missing else None


def room_of(path):
    """Return the position of a model's folder in ROOMS."""
    return ROOMS.index(PurePosixPath(path).parts[1])


def has_unique_key(model):
    """Tell whether a primary key or a test says that the rows of a model are distinct."""
    constraints = [
        constraint.type for owner in (model, *model.columns) for constraint in owner.constraints
    ]
    # the raw list: a test on an expression belongs to no column, and dbt-score drops it
    tests = [test.get("test_metadata", {}).get("name") for test in model._raw_test_values]
    return "primary_key" in constraints or bool({"unique", "covers_every"} & set(tests))


@rule
def model_states_its_grain(model: Model) -> RuleViolation | None:
    """Begin the description of a model with its grain."""
    return grain_violation(model.description)


@rule
def seed_states_its_grain(seed: Seed) -> RuleViolation | None:
    """Begin the description of a seed with its grain."""
    return grain_violation(seed.description)


@rule
def model_describes_its_columns(model: Model) -> RuleViolation | None:
    """List the columns of a model, and describe each."""
    return columns_violation(model.columns)


@rule
def seed_describes_its_columns(seed: Seed) -> RuleViolation | None:
    """List the columns of a seed, and describe each."""
    return columns_violation(seed.columns)


@rule
def model_columns_have_types(model: Model) -> RuleViolation | None:
    """Declare the type of each column of a model."""
    missing = [column.name for column in model.columns if not column.data_type]
    return RuleViolation(f"no data_type for {', '.join(missing)}.") if missing else None


@rule
def public_model_keeps_its_word(model: Model) -> RuleViolation | None:
    """Enforce the contract of a public model; dbt has none for Python models."""
    enforced = model.config.get("contract", {}).get("enforced")
    if model.access == "public" and model.language == "sql" and not enforced:
        return RuleViolation("it is public but its contract is not enforced.")
    return None


@rule
def public_model_has_a_key(model: Model) -> RuleViolation | None:
    """Tell the rows of a public table apart by a primary key or a test."""
    is_public_table = model.access == "public" and model.config["materialized"] != "view"
    if is_public_table and not has_unique_key(model):
        return RuleViolation("it has neither a primary key nor a test of uniqueness.")
    return None


@rule
def model_is_public_or_protected(model: Model) -> RuleViolation | None:
    """Protect what is not public, so that no other project builds on it."""
    if model.access not in ("public", "protected"):
        return RuleViolation(f"its access is {model.access}: make it public or protected.")
    return None


@rule
def model_has_a_group(model: Model) -> RuleViolation | None:
    """Put every model into a group, which has an owner."""
    return None if model.group else RuleViolation("it has no group.")


@rule
def model_has_its_own_yml(model: Model) -> RuleViolation | None:
    """Describe a model in the yml beside it, under its name."""
    beside = str(PurePosixPath(model.original_file_path).with_suffix(".yml"))
    found = (model.patch_path or "nowhere").split("://")[-1]
    return None if found == beside else RuleViolation(f"described in {found}, not in {beside}.")


@rule
def model_reads_settings_through_the_accessor(model: Model) -> RuleViolation | None:
    """Ask for setting('k'), never for var('segmentation_k')."""
    code = COMMENT.sub("", model.raw_code)
    if re.search(r"\bvar\s*\(", code):
        return RuleViolation("it reads a var: use setting('...').")
    return None


@rule
def model_is_a_page_not_a_scroll(model: Model) -> RuleViolation | None:
    """Keep a model short enough to be read in one go."""
    lines = model.raw_code.count("\n") + 1
    if lines > MAX_LINES:
        return RuleViolation(f"it has {lines} lines, and {MAX_LINES} are the limit: split it.")
    return None


@rule
def model_stays_on_the_way(model: Model) -> RuleViolation | None:
    """Read from the model's own room or an earlier one, never from a later one."""
    own = room_of(model.original_file_path)
    later = sorted(
        parent.name
        for parent in model.parents
        if isinstance(parent, Model) and room_of(parent.original_file_path) > own
    )
    return RuleViolation(f"it reads from a later room: {', '.join(later)}.") if later else None


@rule
def macro_is_described(macro: Macro) -> RuleViolation | None:
    """Describe a macro after which its file is named; the others in the file are its helpers."""
    name = macro.name.removeprefix("test_")
    if name != PurePosixPath(macro.original_file_path).stem:
        return None
    return None if macro.description.strip() else RuleViolation("it has no description.")


@rule
def macro_describes_its_arguments(macro: Macro) -> RuleViolation | None:
    """Describe each argument that a described macro lists."""
    missing = [given["name"] for given in macro.arguments if not given.get("description")]
    return RuleViolation(f"no description for {', '.join(missing)}.") if missing else None
