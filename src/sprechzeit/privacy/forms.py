"""What an administrator wants to see of the log."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.practice.queries import members_ever, people_of
from sprechzeit.privacy.kinds import KINDS
from sprechzeit.privacy.queries import Wish

DAYS = [MinValueValidator(date(1990, 1, 1)), MaxValueValidator(date(2200, 1, 1))]


class LogForm(forms.Form):
    """Person, kind, days, patient: each narrows; none is asked for. `patient` is chosen, `named` is typed."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    kind = forms.ChoiceField(label=_("What"), required=False)
    first = forms.DateField(
        label=_("From"), required=False, validators=DAYS, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("Until"), required=False, validators=DAYS, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    named = forms.CharField(label=_("Patient"), required=False, max_length=100)
    patient = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who: Any = self.fields["who"]
        kind: Any = self.fields["kind"]
        self.fields["named"].widget.attrs |= {"placeholder": _("Name, number, phone …"), "autocomplete": "off"}
        who.choices = [("", _("everybody")), *_people(actor)]
        kind.choices = [("", _("everything")), *((name, label) for name, (label, _tables) in KINDS.items())]

    def wish(self) -> Wish:
        """What was asked, but for the patient, who is yet to be found."""
        facts = self.cleaned_data
        return Wish(facts["who"], facts["kind"], facts["first"], facts["last"])


def _people(actor: Actor) -> list[tuple[str, str]]:
    """Everybody who works or worked in the practice, by name, then who is no member."""
    found = [(f"{ActorKind.MEMBER}:{one.pk}", one.name) for one in members_ever(actor)]
    others = [str(ActorKind.VISITOR), str(ActorKind.SYSTEM)]
    words = people_of(actor, others)
    return found + [(one, words[one]) for one in others]
