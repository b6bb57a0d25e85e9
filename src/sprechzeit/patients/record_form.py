"""The form of a record's master data (PAT-1): from its facts, and back into facts."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.patients import facts as said
from sprechzeit.patients.facts import Facts
from sprechzeit.patients.matching import email_key, name_key, phone_key
from sprechzeit.patients.models import ContactKind, Patient
from sprechzeit.patients.queries import owners, patient_by_number
from sprechzeit.practice.models import Member

NO_CHOICE = ("", "–")
MOST_CONTACTS, MOST_TAGS, LONGEST_TAG = 20, 20, 40
LONGEST_TEXT = 5_000
_NUMBER = re.compile(r"\s*([0-9]{1,18})\b")


def _text(name: str, **kwargs: Any) -> forms.CharField:
    """A text as the model has it; never required but where it says so."""
    field: Any = Patient._meta.get_field(name)
    return forms.CharField(label=field.verbose_name, max_length=field.max_length, required=False, **kwargs)


def _choice(name: str) -> forms.ChoiceField:
    field: Any = Patient._meta.get_field(name)
    return forms.ChoiceField(label=field.verbose_name, choices=[NO_CHOICE, *field.choices], required=False)


def _long_text(label: Any, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, max_length=LONGEST_TEXT, required=False, widget=area, help_text=help_text)


class RecordForm(forms.Form):
    """What stands in the record itself, and its tags; contact points and related people are forms beside it."""

    salutation = _choice("salutation")
    title = _text("title")
    first_name = forms.CharField(label=_("First name"), max_length=100)
    last_name = forms.CharField(label=_("Last name"), max_length=100)
    birth_name = _text("birth_name")
    date_of_birth = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput(attrs={"placeholder": "24.03.1985"})
    )
    gender = _choice("gender")
    language = forms.ChoiceField(label=_("Language"), choices=[NO_CHOICE, *settings.LANGUAGES], required=False)
    channel = forms.ChoiceField(
        label=_("Messages by"), required=False,
        choices=[("", _("as the practice sends them")), *Patient.Channel.choices],
        help_text=_("Where that is not possible, the other way."),
    )  # fmt: skip
    reminders = forms.ChoiceField(
        label=_("Reminders"),
        required=False,
        choices=[("", _("as the practice sends them")), *Patient.Reminders.choices],
    )
    street = _text("street")
    postcode = _text("postcode")
    town = _text("town")
    country = _text("country")
    insurance = _choice("insurance")
    insurer = _text("insurer")
    insurance_number = _text("insurance_number")
    warnings = _long_text(_("Warnings"), _("One a line, for example an allergy. They stand on the record and beside "
                                           "each appointment."))  # fmt: skip
    remarks = _long_text(_("Remarks"))
    tags = forms.CharField(
        label=_("Tags"), max_length=1_000, required=False, help_text=_("Several are separated by commas.")
    )
    belongs_to: "forms.ModelChoiceField[Member]" = forms.ModelChoiceField(
        queryset=None, label=_("Belongs to"), required=False, empty_label=_("nobody yet")
    )

    def __init__(self, *args: Any, actor: Actor, chooses_owner: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["belongs_to"]
        owner.queryset = owners(actor)
        owner.label_from_instance = lambda member: member.name
        if not chooses_owner:
            del self.fields["belongs_to"]
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean_date_of_birth(self) -> date | None:
        """Somebody who may be alive."""
        born: date | None = self.cleaned_data["date_of_birth"]
        if born and not date(1890, 1, 1) <= born <= timezone.now().date():
            raise forms.ValidationError(_("Please check the date of birth."))
        return born

    def clean_tags(self) -> list[str]:
        """Each word once, however it is written."""
        words = [" ".join(one.split()) for one in self.cleaned_data["tags"].split(",")]
        found = list({name_key(one): one for one in reversed(words) if one}.values())
        if len(found) > MOST_TAGS or any(len(one) > LONGEST_TAG for one in found):
            raise forms.ValidationError(_("At most 20 tags of 40 letters each, please."))
        return sorted(found, key=str.casefold)

    def facts(self) -> Facts:
        """What was typed, spaces around and doubled in names left out."""
        given = self.cleaned_data
        plain = {name: given[name].replace("\r\n", "\n") for name in said.PLAIN}
        names = {name: " ".join(plain[name].split()) for name in ("first_name", "last_name", "birth_name")}
        born = given["date_of_birth"]
        return plain | names | {said.DATE_OF_BIRTH: born.isoformat() if born else "", said.TAGS: given["tags"]}


class ContactForm(forms.Form):
    """A phone number or an e-mail address; without a value it is none."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContactKind.choices, initial=ContactKind.MOBILE)
    value = forms.CharField(
        label=_("Number or address"), max_length=254, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )

    def clean(self) -> dict[str, Any]:
        """An address is one, a number can be called."""
        given: dict[str, Any] = super().clean() or {}
        value = given.get("value", "")
        if value and given.get("kind") == ContactKind.EMAIL:
            try:
                forms.EmailField().clean(value)
            except forms.ValidationError:
                self.add_error("value", _("Please check the address, for example name@example.org."))
        elif value and self.has_changed() and not 6 <= len(phone_key(value).lstrip("+")) <= 17:
            self.add_error("value", _("Please check the number, for example 0171 2345678."))
        return given

    # An extra row whose kind alone was chosen holds nothing.
    def has_changed(self) -> bool:
        """Whether it says anything."""
        return bool(super().has_changed() and (not self.empty_permitted or self.data.get(self.add_prefix("value"))))


Contacts = forms.formset_factory(ContactForm, extra=1, max_num=MOST_CONTACTS, absolute_max=MOST_CONTACTS + 1)


class RelatedForm(forms.Form):
    """A guardian or payer: by the number of their record, or typed; nothing where it is the patient."""

    number = forms.CharField(
        label=_("Their record"), max_length=250, required=False, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Number or name, where they have a record in the practice."),
    )  # fmt: skip
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    street = _text("street")
    postcode = _text("postcode")
    town = _text("town")
    country = _text("country")
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    keep = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, own_number: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.own_number = actor, own_number
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean_number(self) -> int | None:
        """Of a record that the actor sees, and of another one than this."""
        text = self.cleaned_data["number"]
        if not text.strip():
            return None
        found = _NUMBER.match(text)
        person = patient_by_number(self.actor, int(found[1])) if found else None
        if person is None:
            raise forms.ValidationError(_("Please choose somebody from the list, or type the number of a record."))
        if person.number == self.own_number:
            raise forms.ValidationError(_("This is the record itself. Leave it empty."))
        return person.number

    def clean(self) -> dict[str, Any]:
        """Whoever is typed has a name."""
        given: dict[str, Any] = super().clean() or {}
        typed = any(given.get(name) for name in said.TYPED)
        if typed and not (given.get("number") or given.get("name") or "number" in self.errors):
            self.add_error("name", _("Please enter the name."))
        return given

    def facts(self) -> Facts:
        """Whom it names."""
        given = self.cleaned_data
        if given["number"]:
            return {said.NUMBER: given["number"]}
        typed = {name: given[name] for name in said.TYPED if given[name]}
        return typed or ({said.HIDDEN: True} if given["keep"] else {})


class MasterData:
    """All forms of a record's master data, of what is `facts` or of what was sent."""

    def __init__(
        self, actor: Actor, facts: Facts, *, sent: Mapping[str, Any] | None = None, number: int | None = None,
        chooses_owner: bool = False, owner: UUID | None = None,
    ) -> None:  # fmt: skip
        first = facts | {"tags": ", ".join(facts[said.TAGS]), "belongs_to": owner}
        first[said.DATE_OF_BIRTH] = date.fromisoformat(facts[said.DATE_OF_BIRTH]) if facts[said.DATE_OF_BIRTH] else None
        rows = [{"kind": kind, "value": value} for kind, value in facts[said.CONTACTS]]
        self.record = RecordForm(sent, initial=first, actor=actor, chooses_owner=chooses_owner)
        self.contacts = Contacts(sent, initial=rows, prefix="contact")
        self.related = {
            kind: RelatedForm(
                sent, initial=_of_related(actor, facts[kind]), prefix=kind, actor=actor, own_number=number
            )
            for kind in said.RELATED
        }

    def is_valid(self) -> bool:
        """Whether all of it is; each form keeps its errors."""
        parts: list[Any] = [self.record, self.contacts, *self.related.values()]
        return not [one for one in parts if not one.is_valid()]

    def wrong(self) -> list[tuple[str, str]]:
        """Label and id of each field that is not valid, in the order of the page."""
        shown = [self.record, *self.contacts.forms, *self.related.values()]
        fields = [field for form in shown for field in form if field.errors]
        return [(str(field.label), field.id_for_label) for field in fields]

    def facts(self) -> Facts:
        """What was sent, if it is valid."""
        rows = [one.cleaned_data for one in self.contacts.forms if one.cleaned_data.get("value")]
        points = {}
        for row in rows:
            kind, value = row["kind"], row["value"].strip()
            points[kind, email_key(value) if kind == ContactKind.EMAIL else phone_key(value)] = value
        contacts = [[kind, value] for (kind, _key), value in points.items()]
        related = {kind: form.facts() for kind, form in self.related.items()}
        return self.record.facts() | {said.CONTACTS: contacts} | related


def _of_related(actor: Actor, facts: Facts) -> dict[str, Any]:
    """What stands in the form of a guardian or payer."""
    if number := facts.get(said.NUMBER):
        person = patient_by_number(actor, number)
        return {"number": f"{number} · {person.full_name}" if person else str(number)}
    return {"keep": True} if facts.get(said.HIDDEN) else dict(facts)


def shown_facts(text: str) -> Facts:
    """What the form showed, as it says itself; nothing where it says nothing that can be read."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
