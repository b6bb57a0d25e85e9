"""What is typed about a session, and about a template of notes."""

from collections.abc import Collection
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.practice.queries import practice_of
from sprechzeit.records.content import MOST_FIELDS
from sprechzeit.records.models import LONGEST_MINUTES, NoteTemplate, Session
from sprechzeit.records.policy import session_practitioners
from sprechzeit.scheduling.forms.clock import ClockField, DayField
from sprechzeit.scheduling.forms.local_time import resolved
from sprechzeit.ui.forms import CentsField, ChangeForm, WholeNumber

# As the one table's fields are called (access/fields.py), and as the form calls them.
NAMES = {"day": "date", "clock": "starts_at"}
NEW_MINUTES = 50


class SessionForm(ChangeForm, forms.Form):
    """When a session took place, how long, what it was, what it costs. `fields`: which of them are the actor's."""

    day = DayField(label=_("Date"))
    clock = ClockField(label=_("Begin"))
    duration_minutes = WholeNumber(min_value=1, max_value=LONGEST_MINUTES, label=_("Length in minutes"))
    kind = forms.CharField(label=_("Kind of treatment"), max_length=100, required=False)
    price_cents = CentsField(label=_("Price in euros"), required=False)

    def __init__(
        self, *args: Any, actor: Actor, fields: Collection[str], session: Session | None = None, **kwargs: Any
    ) -> None:
        self.zone = practice_of(actor).zone
        local = (session.starts_at if session else timezone.now()).astimezone(self.zone)
        self.standing = local
        initial: dict[str, Any] = {
            "day": local.date(),
            "clock": local.hour * 60 + local.minute,
            "duration_minutes": session.duration_minutes if session else NEW_MINUTES,
            "kind": session.kind if session else "",
            "price_cents": session.price_cents if session else None,
        }
        super().__init__(*args, **kwargs, initial=initial)
        for name in [one for one in self.fields if one in initial and NAMES.get(one, one) not in fields]:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """The instant that day and clock say on the practice's clock."""
        facts: dict[str, Any] = super().clean() or {}
        if self.errors or "day" not in facts:
            return facts
        minutes = facts.get("clock", self.standing.hour * 60 + self.standing.minute)
        if minutes >= 24 * 60:
            self.add_error("clock", self.fields["clock"].error_messages["invalid"])
            return facts
        try:
            local = datetime.combine(facts["day"], time(minutes // 60, minutes % 60))
            facts["starts_at"] = resolved(local, self.zone, fold=bool(self.standing.fold))
        except ValueError:
            self.add_error("day", _("The clock skips this time on that day."))
        return facts

    def columns(self, *, all_of_them: bool = False) -> dict[str, Any]:
        """What is to be written, by column: what was changed, or everything."""
        facts = self.facts() if all_of_them else self.changes()
        if "day" in facts or "clock" in facts:
            facts["starts_at"] = self.cleaned_data["starts_at"]
        return {name: value for name, value in facts.items() if name not in NAMES}


class NewSessionForm(SessionForm):
    """A session that no appointment was made for."""

    practitioner: Any = forms.ModelChoiceField(None, label=_("Who treated"), empty_label=None)
    key = forms.CharField(min_length=20, max_length=80, widget=forms.HiddenInput)
    field_order = ("practitioner", "day", "clock", "duration_minutes", "kind", "price_cents", "key")

    def __init__(self, *args: Any, actor: Actor, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        practitioner: Any = self.fields["practitioner"]
        practitioner.queryset = session_practitioners(actor).order_by("account_number")
        practitioner.label_from_instance = lambda member: member.name
        practitioner.initial = actor.id
        self.fields["key"].initial = key


class TemplateForm(forms.Form):
    """A template of notes: its name and its fields, one a line, in their order."""

    name = forms.CharField(label=_("Name"), max_length=100)
    fields_text = forms.CharField(
        label=_("Fields"),
        max_length=MOST_FIELDS * 101,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One field a line, in the order in which they are written."),
    )
    for_everyone = forms.BooleanField(
        label=_("Open to everyone in the practice"),
        required=False,
        help_text=_("Future members too. This cannot be taken back."),
    )

    def __init__(
        self, *args: Any, template: NoteTemplate | None = None, may_change: bool = True, **kwargs: Any
    ) -> None:
        initial = {}
        if template:
            initial = {
                "name": template.name,
                "fields_text": "\n".join(template.fields),
                "for_everyone": template.opened_at is not None,
            }
        super().__init__(*args, **kwargs | {"initial": initial})
        for field in self.fields.values():
            field.disabled = not may_change
        if template and template.opened_at:
            self.fields["for_everyone"].disabled = True

    def clean_fields_text(self) -> list[str]:
        """Each name once, none too long, not too many."""
        names = [" ".join(line.split()) for line in self.cleaned_data["fields_text"].splitlines()]
        names = [name for name in names if name]
        if len(set(names)) != len(names):
            raise forms.ValidationError(_("Each field needs a name of its own."))
        if len(names) > MOST_FIELDS or any(len(name) > 100 for name in names):
            raise forms.ValidationError(_("At most 40 fields, with names of at most 100 letters."))
        return names

    def facts(self) -> dict[str, Any]:
        """As the actions take them."""
        facts = self.cleaned_data
        return {"name": facts["name"], "fields": facts["fields_text"], "for_everyone": facts["for_everyone"]}
