"""What must not change the segments, and what must always hold, on the demo data."""

import re
from datetime import date, timedelta

import numpy as np
import pytest
from project_runner import UP_TO_SEGMENTS, WITHOUT_TESTS, read_yaml, together
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

# In cents instead of euros.
CENTS = {
    "segmentation_unit_price": "try_cast(trim(unit_price) as decimal(18, 4)) * 100",
}
RENAMED = "case when trim({}) != '' then md5('x' || trim({})) end"
SHIFT = timedelta(days=97)


@pytest.fixture(scope="module")
def builds(demo, root, tmp_path_factory):
    """Return builds of the demo by name: as it is, and with one thing changed in each other."""
    # The name of the file keeps the demo's other seeds on, see seeds/demo/demo.yml.
    moved = tmp_path_factory.mktemp("moved") / "sample_transactions.csv"
    moved.write_text(
        re.sub(
            r"(?<![\d-])\d{4}-\d\d-\d\d",
            lambda found: (date.fromisoformat(found[0]) - SHIFT).isoformat(),
            (root / "seeds" / "demo" / "sample_transactions.csv").read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )
    renamed = RENAMED.format("customer_id", "customer_id")
    untransformed = {"segmentation_transform": "none"}
    variants = {
        "base": demo.variant("base"),
        "renamed and moved": demo.variant(
            "renamed",
            {
                "segmentation_customer_id": renamed,
                "segmentation_customers_key": renamed,
                "segmentation_transactions": f"read_csv('{moved}', all_varchar = true)",
            },
        ),
        "cents": demo.variant("cents", CENTS),
        "untransformed": demo.variant("untransformed", untransformed),
        "untransformed cents": demo.variant("untransformed_cents", untransformed | CENTS),
        "New York": demo.variant("new_york", TimeZone="America/New_York"),
    }
    assert read_yaml(variants["New York"].scratch / "profiles.yml") != read_yaml(
        variants["base"].scratch / "profiles.yml"
    )
    base, *others = variants.values()
    together(
        lambda: base.build(*WITHOUT_TESTS),
        *(lambda project=project: project.build(*UP_TO_SEGMENTS) for project in others),
    )
    return variants


# ---------- what must not change a segment


def test_names_and_dates_change_no_segment(builds):
    columns = """
        segment_id, segment_name, distance, runner_up_segment_id, membership, recency_days,
        frequency, monetary, recency_score, frequency_score, monetary_score, rfm_segment
    """
    name = RENAMED.format("customer_id", "customer_id")
    base = builds["base"].rows(
        f"select {name} as key, as_of - interval {SHIFT.days} day, {columns} "
        "from segments order by key"
    )
    changed = builds["renamed and moved"].rows(
        f"select customer_id, as_of, {columns} from segments order by customer_id"
    )
    assert len(base) > 1_800
    assert changed == base


def test_time_zone_of_the_session_changes_no_byte(builds):
    # The demo has local times with an offset, which are converted to UTC.
    assert builds["New York"].csv() == builds["base"].csv()


def test_currency_changes_no_segment_without_a_logarithm(builds):
    query = """
        select customer_id, segment_id, segment_name, runner_up_segment_id, {}
        from segments order by customer_id
    """
    euros = builds["untransformed"].rows(query.format("monetary * 100"))
    cents = builds["untransformed cents"].rows(query.format("monetary"))
    assert cents == euros


def test_currency_hardly_changes_the_segments_with_a_logarithm(builds):
    # ln(1 + 100 x) is ln(1 + x) plus a constant but for the 1, which counts where x is small;
    # standardising takes the constant out. Measured: 2 customers of 1,960 move (0.1 %).
    query = "select segment_id from segments order by customer_id"
    euros = builds["base"].frame(query)["segment_id"]
    cents = builds["cents"].frame(query)["segment_id"]
    assert (euros != cents).mean() < 0.005


# ---------- what must always hold


def test_every_customer_with_a_valid_order_is_in_exactly_one_segment(builds):
    segmented = builds["base"].frame("select customer_id from segments")["customer_id"]
    buyers = builds["base"].frame(
        "select distinct customer_id from stg_transactions "
        "where reject_reason is null and not is_return"
    )["customer_id"]
    assert segmented.is_unique
    assert set(segmented) == set(buyers)


def test_no_segment_is_empty(builds):
    (prototypes,) = builds["base"].frame("select prototype_segment_id from segment_model").iloc[0]
    sizes = builds["base"].frame("select segment_id from segments")["segment_id"].value_counts()
    assert set(sizes.index) == set(prototypes)
    profiles = builds["base"].frame("select segment_id, customers from segment_profiles")
    assert dict(profiles.itertuples(index=False)) == sizes.to_dict()


def test_scores_rise_with_their_measure(builds):
    segments = builds["base"].frame("select * from segments")
    for measure, score, sign in [
        ("recency_days", "recency_score", -1),
        ("frequency", "frequency_score", 1),
        ("monetary", "monetary_score", 1),
    ]:
        bands = segments.groupby(score)[measure].agg(["min", "max"]).sort_index(ascending=sign > 0)
        assert len(bands) >= 4
        assert (bands["max"].to_numpy()[:-1] < bands["min"].to_numpy()[1:]).all()


def test_profile_revenue_reconciles_with_the_audit(builds):
    revenue = builds["base"].value("select sum(revenue) from segment_profiles")
    kept = builds["base"].value(
        "select amount_checked - amount_failed from transaction_audit "
        "where check_name = 'kept_lines'"
    )
    returned_only = builds["base"].value(
        "select amount_failed from transaction_audit "
        "where check_name = 'customers_without_purchase'"
    )
    assert revenue == kept - returned_only
    assert revenue > 0


# ---------- planted personas


def test_segments_recover_the_planted_personas(builds, capsys):
    """The chosen segments agree with the personas that the generator planted.

    The floor of 0.7 for the adjusted Rand index (Hubert & Arabie 1985): measured is 0.80, and
    0.80 is also what scikit-learn's k-means reaches on these features when it is told that there
    are eight personas, so that no choice of ours is left to gain from. Chance gives 0 whatever the
    sizes; the names of the RFM map give 0.37 from the same recency, frequency and spend. Above 0.7
    there is room for another version of scikit-learn, but none for a feature lost or scaled wrong.
    """
    found = builds["base"].frame(
        """
        select personas.persona, segments.segment_id, segments.rfm_segment, vectors.vector
        from segments
        join sample_personas as personas using (customer_id)
        join customer_vectors as vectors using (customer_id)
        order by customer_id
        """
    )
    assert len(found) == builds["base"].value("select count(*) from segments")
    shuffled = np.random.default_rng(0).permutation(found["segment_id"])
    eight = KMeans(8, n_init=10, random_state=0).fit_predict(np.array(found["vector"].tolist()))
    index = {
        name: adjusted_rand_score(found["persona"], labels)
        for name, labels in {
            "the chosen segments": found["segment_id"],
            "k-means with the true number": eight,
            "the names of the RFM map": found["rfm_segment"],
            "the chosen segments, shuffled": shuffled,
        }.items()
    }
    with capsys.disabled():
        print("\nadjusted Rand index against the planted personas:")
        print("".join(f"  {value:6.3f}  {name}\n" for name, value in index.items()), end="")

    chosen, best, names, chance = index.values()
    assert chosen >= 0.7
    assert chosen >= best - 0.05
    assert chosen > names
    assert abs(chance) < 0.02
