"""What an administrator wants to see of the log, and how long the practice keeps what."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.practice.queries import accesses_ever, members_ever, partners_ever, people_of, video_tokens_ever
from sprechzeit.privacy.diary import Deed
from sprechzeit.privacy.kinds import DONE, KINDS
from sprechzeit.privacy.periods import KEEPINGS, SET_BY_PRACTICE, Kind
from sprechzeit.privacy.queries import Wish
from sprechzeit.ui.forms import ChangeForm, WholeNumber

DAYS = [MinValueValidator(date(1990, 1, 1)), MaxValueValidator(date(2200, 1, 1))]


class DiaryForm(forms.Form):
    """Of which day and what; neither is asked for."""

    day = forms.DateField(
        label=_("Day"), required=False, validators=DAYS, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    deed = forms.ChoiceField(required=False, choices=[("", ""), *((one.value, one.value) for one in Deed)])


class LogForm(forms.Form):
    """Person, thing, what was done, days, patient: each narrows. `patient` is chosen, `named` typed."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    kind = forms.ChoiceField(label=_("Of what"), required=False)
    done = forms.ChoiceField(label=_("What was done"), required=False)
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
        done: Any = self.fields["done"]
        self.fields["named"].widget.attrs |= {"placeholder": _("Name, number, phone …"), "autocomplete": "off"}
        who.choices = [("", _("everybody")), *_people(actor)]
        kind.choices = [("", _("everything")), *((name, label) for name, (label, _tables) in KINDS.items())]
        done.choices = [("", _("everything")), *((name, label) for name, (label, _found) in DONE.items())]

    def wish(self) -> Wish:
        """What was asked, but for the patient, who is yet to be found."""
        facts = self.cleaned_data
        return Wish(facts["who"], facts["kind"], facts["first"], facts["last"], done=facts["done"])


def _people(actor: Actor) -> list[tuple[Any, Any]]:
    """Everybody who works or worked in the practice, by name, then who is no member: each kind as one."""
    found = [(f"{ActorKind.MEMBER}:{one.pk}", one.name) for one in members_ever(actor)]
    given = [f"{ActorKind.DELEGATE}:{one.pk}" for one in accesses_ever(actor)]
    portals = [f"{ActorKind.PARTNER}:{one.pk}" for one in partners_ever(actor)]
    pushing = [f"{ActorKind.VIDEO}:{one.pk}" for one in video_tokens_ever(actor)]
    others = [str(ActorKind.VISITOR), str(ActorKind.SYSTEM)]
    words = people_of(actor, [*given, *portals, *pushing, *others])
    kinds = [("link", _("By a link (patients, invited people)")), ("database", _("Directly in the database"))]
    groups = [
        (_("Members"), found),
        (_("Accesses"), [(one, words[one]) for one in given]),
        (_("Booking partners"), [(one, words[one]) for one in portals]),
        (_("Booking systems"), [(one, words[one]) for one in pushing]),
        (_("Others"), [(one, words[one]) for one in others] + kinds),
    ]
    return [group for group in groups if group[1]]


class PeriodsForm(ChangeForm, forms.Form):
    """For how many days the practice keeps what it may say itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, (least, most) in SET_BY_PRACTICE.items():
            keeping = KEEPINGS[kind]
            self.fields[str(kind)] = WholeNumber(
                label=format_lazy("{label}: {days}", label=keeping.label, days=_("days")),
                min_value=least,
                max_value=most,
                widget=forms.TextInput({"inputmode": "numeric", "class": "num"}),
                help_text=format_lazy(
                    _("From {least} to {most} days; unless you say otherwise {usual}."),
                    least=least,
                    most=most,
                    usual=keeping.period.days,
                ),
                show_hidden_initial=True,
            )

    def days(self) -> Mapping[Kind, int]:
        """What was changed."""
        return {Kind(name): days for name, days in self.changes().items()}
