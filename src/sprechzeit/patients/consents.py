"""What a patient's consents to a partner come to (PAT-20). Pure."""

STRENGTH = ("open", "yes", "no")
"""Which of two counts when two records become one: the later in this row."""


def stronger(one: str, other: str) -> bool:
    """Whether `one` goes before `other` where two records of a person say both: no before yes before open."""
    return STRENGTH.index(one) > STRENGTH.index(other)
