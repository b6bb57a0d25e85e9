"""The pages on which two records are compared, and the list of those that may be one person's (PAT-4, PAT-14)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.patients import facts as said
from sprechzeit.patients.facts import Facts
from sprechzeit.patients.joining import CONTACT, Comparison, Side, compared, joined
from sprechzeit.patients.likeness import Sign
from sprechzeit.patients.models import ContactKind, Patient, PossibleDuplicate
from sprechzeit.patients.queries import KINDS_IN_ORDER, attached_to, sees_afterwards
from sprechzeit.patients.record_words import SIGNS, in_words, label_of
from sprechzeit.ui.initials import initials


def person_of(patient: Patient) -> dict[str, Any]:
    """Whose record it is, as a row or a head shows it."""
    return {
        "id": patient.pk,
        "name": patient.full_name,
        "initials": initials(patient.first_name, patient.last_name),
        "colour": patient.number % 8 + 1,
        "born": patient.date_of_birth,
        "number": patient.number,
        "since": patient.created_at,
        "made_online": patient.made_online,
        "is_archived": patient.archived_at is not None,
    }


def compared_rows(actor: Actor, kept: Facts, other: Facts, chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for each fact that one of the two has: what each says, what may be chosen, and what it becomes."""
    rows = []
    for one in compared(kept, other, tuple(KINDS_IN_ORDER)):
        taken = one.taken(chosen)
        rows.append(
            {
                "name": one.name,
                "label": _label(one),
                "is_same": one.is_same,
                "is_choice": len(one.choices) > 1,
                "choices": [
                    {"value": side.value, "words": _words(actor, one, side), "checked": side is taken}
                    for side in sorted(one.choices, key=list(Side).index)
                ],
                "kept": _words(actor, one, Side.KEPT),
                "given_up": _words(actor, one, Side.GIVEN_UP),
                "result": _words(actor, one, taken),
            }
        )
    return rows


def heads_of(actor: Actor, kept: Patient, other: Patient) -> list[dict[str, Any]]:
    """The two records above the table, each with what hangs on it."""
    return [person_of(one) | {"attached": " · ".join(attached_to(actor, one))} for one in (kept, other)]


def seen_words(actor: Actor, kept: Patient, other: Patient) -> str:
    """Who sees the one record, of those who do not see all of them by their role."""
    everyone, members = sees_afterwards(actor, kept, other)
    if everyone:
        return _("everyone, future members too")
    return str(get_text_list([one.name for one in members], _("and")))


def pair_rows(pairs: Iterable[PossibleDuplicate]) -> list[dict[str, Any]]:
    """Possible duplicates as rows of the work list: the newer record first, which most often is the one too many."""
    return [
        {
            "id": one.pk,
            "person": person_of(one.other),
            "other": person_of(one.patient),
            "same": [SIGNS[Sign(sign)] for sign in one.same],
            "different": [SIGNS[Sign(sign)] for sign in one.different],
        }
        for one in pairs
    ]


def _label(row: Comparison) -> str:
    if row.name.startswith(CONTACT):
        return str(ContactKind(row.name.removeprefix(CONTACT)).label)
    return label_of(row.name)


def _words(actor: Actor, row: Comparison, side: Side) -> str:
    """What one side says; '' where it says nothing."""
    value = joined(row, side)
    if not value:
        return ""
    if row.name.startswith(CONTACT):
        return ", ".join(value)
    return in_words(actor, row.name, value) if row.name != said.TAGS else ", ".join(value)
