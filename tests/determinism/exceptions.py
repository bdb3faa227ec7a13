"""What is not equal to the last bit everywhere, and how far it may be off."""

from __future__ import annotations

# What another processor changes although nothing of ours chooses it, by what differs in the
# variant: (table, columns or none for all, largest relative difference). No table is ever allowed
# to differ in anything but floats.
EXCEPTIONS = {
    # The C library's own functions round the last digit by processor, with and without fused
    # multiplication; SQL's square root and powers of differences go through them.
    "GLIBC_TUNABLES": 1e-9,
    # A mixture and a projection are what linear algebra makes of all rows; cut to fewer digits a
    # mixture would no longer be that of scikit-learn.
    "gmm": 1e-9,
}


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
    names = [*variant.environment, subject.split("/")[1]]
    allowed = max((EXCEPTIONS[name] for name in names if name in EXCEPTIONS), default=0.0)
    return [one for one in found if one.others or one.relative > allowed]
