"""A record's master data in words: to be read, and what somebody else made of it meanwhile."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sprechzeit.access.actor import Actor
from sprechzeit.patients import facts as said
from sprechzeit.patients.errors import RecordChanged
from sprechzeit.patients.facts import Facts
from sprechzeit.patients.likeness import Sign
from sprechzeit.patients.models import ContactKind, Patient
from sprechzeit.patients.queries import Alike, contacts_of, patient_by_number

LABELS = {
    said.CONTACTS: gettext_lazy("Contact"),
    said.TAGS: gettext_lazy("Tags"),
    "guardian": gettext_lazy("Guardian"),
    "payer": gettext_lazy("Payer"),
}
SIGNS = {
    Sign.FIRST_NAME: gettext_lazy("first name"),
    Sign.LAST_NAME: gettext_lazy("last name"),
    Sign.DATE_OF_BIRTH: gettext_lazy("date of birth"),
    Sign.EMAIL: gettext_lazy("e-mail"),
    Sign.PHONE: gettext_lazy("phone"),
}


def label_of(name: str) -> str:
    """How a fact is called."""
    field: Any = LABELS.get(name)
    return str(field if field is not None else Patient._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def in_words(actor: Actor, name: str, value: Any) -> str:
    """A fact as people read it; '–' where there is none."""
    if not value:
        return "–"
    if name == said.DATE_OF_BIRTH:
        day = parse_date(value)
        return date_format(day, "SHORT_DATE_FORMAT") if day else "–"
    if name == said.CONTACTS:
        return ", ".join(f"{point} ({ContactKind(kind).label})" for kind, point in value)
    if name == said.TAGS:
        return ", ".join(value)
    if name in said.RELATED:
        return _related(actor, value)
    choices: Any = Patient._meta.get_field(name).choices  # type: ignore[union-attr]  # all are columns
    if name == "language":
        choices = settings.LANGUAGES
    return str(dict(choices).get(value, value)) if choices else str(value)


def _related(actor: Actor, value: Facts) -> str:
    if value.get(said.HIDDEN):
        return _("Somebody whose record you do not see")
    if number := value.get(said.NUMBER):
        person = patient_by_number(actor, number)
        return f"{person.full_name}, {number}" if person else str(number)
    return ", ".join(value[name] for name in said.TYPED if value.get(name))


def rows_of(actor: Actor, patient: Patient, facts: Facts | None) -> list[tuple[str, str]]:
    """What stands on the page of who may not change it; of who sees booking fields alone, `facts` is None (ACC-21)."""
    if facts is None:
        born = patient.date_of_birth
        plain = [("first_name", patient.first_name), ("last_name", patient.last_name)]
        plain += [(said.DATE_OF_BIRTH, born.isoformat())] if born else []
        points = [(ContactKind(one.kind).label, one.value) for one in contacts_of(actor, patient)]
        return [(label_of(name), in_words(actor, name, value)) for name, value in plain] + [
            (str(label), value) for label, value in points
        ]
    return [(label_of(name), in_words(actor, name, facts[name])) for name in said.EMPTY if facts[name]]


def meanwhile_rows(actor: Actor, error: RecordChanged, shown: Facts, typed: Facts) -> list[dict[str, Any]]:
    """What somebody else changed: from what, to what, and whether the actor typed something else there."""
    own = set(said.changed(shown, typed))
    return [
        {
            "label": label_of(name),
            "now": in_words(actor, name, error.current[name]),
            "typed": in_words(actor, name, typed[name]) if name in own and typed[name] != error.current[name] else "",
        }
        for name in error.fields
    ]


def alike_rows(found: Iterable[Alike]) -> list[dict[str, Any]]:
    """Likely duplicates, and what is the same or different."""
    return [
        {
            "patient": one.patient,
            "same": ", ".join(str(SIGNS[sign]) for sign in one.why.same),
            "different": ", ".join(str(SIGNS[sign]) for sign in one.why.different),
        }
        for one in found
    ]
