"""What is not equal to the last bit everywhere, and how far it may be off."""

from __future__ import annotations

# The largest relative difference of a float, by what brings it about: a variable in the
# environment of a variant that stands for another processor, or an algorithm on one. Nothing but
# floats is ever allowed to differ, and within one machine not even those.
EXCEPTIONS = {
    # The C library rounds the last digit of logarithms, powers and roots by processor, and SQL
    # goes through them.
    "GLIBC_TUNABLES": 1e-9,
    # A mixture is what matrix products make of all rows; with digits cut off it would no longer be
    # that of scikit-learn.
    "gmm": 1e-9,
    # How far the fits of other seeds agree: training a network amplifies the last digit.
    "autoencoder": 0.1,
}

# Where nobody drops out, in the first half of Online Retail, the likelihood of (M)BG/NBD
# rises for ever as `a` nears 0 and `b` grows: where the search stops is for the last digit to say,
# and what is foreseen from it hardly changes. Relative differences between processors, by subject.
WITHOUT_A_MAXIMUM = {"online_retail": {"lifetime_parameters": 1.0, "lifetime_backtest": 1e-5}}


def unexpected(found, variant, subject):
    """Return those of the differences that are not among the exceptions.

    Parameters
    ----------
    found : list of Difference
    variant : Variant
    subject : str. Data and algorithm, such as `demo/gmm`.
    """
    if variant.group != "machine":
        return list(found)
    data, algorithm = subject.split("/")
    names = [*variant.environment, algorithm]
    allowed = max((EXCEPTIONS[name] for name in names if name in EXCEPTIONS), default=0.0)
    of_table = WITHOUT_A_MAXIMUM.get(data, {}) if "GLIBC_TUNABLES" in names else {}
    return [one for one in found if one.others or one.relative > of_table.get(one.table, allowed)]
