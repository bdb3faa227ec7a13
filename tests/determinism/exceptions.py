"""What is not equal to the last bit everywhere, and how far it may be off."""

from __future__ import annotations


def unexpected(found, variant, subject):
    """Return those of the differences that are not among the exceptions."""
    return list(found)
