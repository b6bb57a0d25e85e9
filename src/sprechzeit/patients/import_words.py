"""An import in words: its fields, what is wrong with a line, what a line becomes (PAT-5)."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sprechzeit.patients import facts as said
from sprechzeit.patients.importing.fields import FULL_NAME, HOUSE_NUMBER, NUMBER, POSTCODE_TOWN
from sprechzeit.patients.importing.reading import Wrong
from sprechzeit.patients.models import ContactKind, Patient
from sprechzeit.patients.record_words import alike_rows

_GUARDIAN, _PAYER = gettext_lazy("Guardian: %(part)s"), gettext_lazy("Payer: %(part)s")
_PARTS = {
    "name": gettext_lazy("Name"), "street": gettext_lazy("Street and number"), "postcode": gettext_lazy("Postal code"),
    "town": gettext_lazy("Town"), "country": gettext_lazy("Country"), "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
}  # fmt: skip


class _Words(Mapping[str, Any]):
    """What each field is called."""

    _OWN: Mapping[str, Promise] = {
        FULL_NAME: gettext_lazy("First and last name in one"),
        HOUSE_NUMBER: gettext_lazy("House number"),
        POSTCODE_TOWN: gettext_lazy("Postal code and town in one"),
        NUMBER: gettext_lazy("Former number (into the remarks)"),
        "tags": gettext_lazy("Tags"),
    }

    def __getitem__(self, name: str) -> Any:
        if name in self._OWN:
            return self._OWN[name]
        if name in ContactKind.values:
            return ContactKind(name).label
        for kind, words in (("guardian_", _GUARDIAN), ("payer_", _PAYER)):
            if name.startswith(kind):
                return words % {"part": _PARTS[name.removeprefix(kind)]}
        return _field(name).verbose_name

    def __iter__(self) -> Any:
        return iter(self._OWN)

    def __len__(self) -> int:
        return len(self._OWN)


FIELD_WORDS = _Words()
_WRONG: Mapping[str, Promise] = {
    Wrong.MISSING: gettext_lazy("%(field)s is missing"),
    Wrong.DATE: gettext_lazy("%(field)s is no date of birth: “%(value)s”"),
    Wrong.EMAIL: gettext_lazy("%(field)s is no address: “%(value)s”"),
    Wrong.PHONE: gettext_lazy("%(field)s is no phone number: “%(value)s”"),
    Wrong.TOO_LONG: gettext_lazy("%(field)s is too long: “%(value)s …”"),
    Wrong.TOO_MANY: gettext_lazy("%(field)s: too many in one line"),
    Wrong.CHARACTERS: gettext_lazy("%(field)s holds characters that are none"),
    Wrong.NO_NAME: gettext_lazy("%(field)s is no name: “%(value)s”"),
    Wrong.UNREADABLE: gettext_lazy("This address card cannot be read"),
}


def reasons(line: Mapping[str, Any]) -> list[str]:
    """Why a line is, or was, left out."""
    found = [
        str(_WRONG[wrong]) % {"field": FIELD_WORDS[name] if name else "", "value": value}
        for name, wrong, value in line.get("faults", ())
    ]
    return [*found, *([_("May be there already")] if line.get("alike") else [])]


def shown(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line as the record that it becomes."""
    facts = {**said.EMPTY, **line["facts"]}
    born = facts[said.DATE_OF_BIRTH]
    place = " ".join(part for part in (facts["postcode"], facts["town"]) if part)
    return {
        "n": line["n"],
        "name": f"{facts['last_name']}, {facts['first_name']}",
        "title": facts["title"],
        "born": date_format(said_date(born), "SHORT_DATE_FORMAT") if born else "",
        "contacts": [value for _kind, value, _key in facts[said.CONTACTS]],
        "address": ", ".join(part for part in (facts["street"], place, facts["country"]) if part),
        "more": [words for name in (*MORE, said.TAGS) if (words := _more(name, facts))],
        "twin": line.get("twin"),
        "alike": alike_rows(line.get("records", ())),
    }


MORE = ("salutation", "birth_name", "gender", "insurance", "insurer", "insurance_number", "warnings", "remarks",
        "guardian", "payer")  # fmt: skip


def _more(name: str, facts: said.Facts) -> str:
    value = facts[name]
    if name in said.RELATED:
        label, value = (_("Guardian") if name == "guardian" else _("Payer")), ", ".join(value.values())
    else:
        label = FIELD_WORDS[name]
        if name == said.TAGS:
            value = ", ".join(value)
        elif choices := dict(_field(name).choices or ()):
            value = choices.get(value, "")
    return f"{label}: {', '.join(value.splitlines())}" if value else ""


def said_date(text: str) -> Any:
    """A date as facts have it."""
    return _field(said.DATE_OF_BIRTH).to_python(text)


def _field(name: str) -> Any:
    return Patient._meta.get_field(name)
