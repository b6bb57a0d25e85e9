"""The forms of an access: to whom, what it opens, until when (ACC-20)."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.table import Area
from sprechzeit.practice.actions.grants import Pair, Terms
from sprechzeit.practice.errors import NothingGranted
from sprechzeit.practice.models import GrantedArea, Member

SEES: dict[str, Promise] = {
    Area.SCHEDULING: _("Name, date of birth, phone, e-mail, appointments"),
    Area.DOCUMENTATION: _("Master data, sessions, notes, documents"),
    Area.INVOICING: _("Master data, services, prices, invoices"),
    Area.REPORTS: _("As documentation, and reports"),
    Area.FINANCE: _("Sums, payments, statistics"),
}


class TermsForm(forms.Form):
    """What an access opens, a box for each area of each practitioner; and its last day.

    The boxes carry what they showed: what somebody else closed meanwhile is not opened again.
    """

    opens = forms.MultipleChoiceField(label=_("What the access opens"), required=False)
    ends_on = forms.DateField(
        label=_("Ends on"),
        required=False,
        show_hidden_initial=True,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Its last day; empty for no end. After it the access opens nothing any more."),
    )

    def __init__(
        self, *args: Any, members: Sequence[Member], opened: Collection[Pair] = (), ends_on: date | None = None
    ) -> None:
        super().__init__(*args)
        self.initial = {"ends_on": ends_on}
        self.members, self._opened, self._ends_on = members, opened, ends_on
        pairs = [(area, one.pk) for area in Area for one in members]
        self._pairs = {f"{area}:{member_id}": (area, member_id) for area, member_id in pairs}
        self.fields["opens"].choices = [(one, one) for one in self._pairs]  # type: ignore[attr-defined]

    def terms(self) -> Terms:
        """What was chosen, on what is open now."""
        shown = {self._pairs[one] for one in self._shown() if one in self._pairs}
        chosen = {self._pairs[one] for one in self.cleaned_data["opens"]}
        pairs = frozenset((set(self._opened) - (shown - chosen)) | (chosen - shown))
        return Terms(pairs, self.cleaned_data["ends_on"] if "ends_on" in self.changed_data else self._ends_on)

    def _shown(self) -> list[str]:
        return self.data.getlist("shown") if self.is_bound else []  # type: ignore[attr-defined]  # a QueryDict

    def matrix(self) -> Iterator[dict[str, Any]]:
        """A row for each area: what it is called, what it sees, and a box for each practitioner."""
        opened = {f"{area}:{member_id}" for area, member_id in self._opened}
        chosen = set(self.data.getlist("opens")) if self.is_bound else opened  # type: ignore[attr-defined]
        shown = set(self._shown()) if self.is_bound else opened
        for value, label in GrantedArea.Choice.choices:
            keys = [(f"{value}:{one.pk}", one) for one in self.members]
            boxes = [
                {"value": key, "name": one.name, "checked": key in chosen, "shown": key in shown} for key, one in keys
            ]
            yield {"label": label, "sees": SEES[value], "boxes": boxes}


class AccessForm(TermsForm):
    """To whom: a member of the practice, or somebody from outside, who is asked by mail."""

    member = forms.ChoiceField(label=_("Person"), required=False)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput({"autocomplete": "off"}),
        help_text=_("The link in the mail is good once, for seven days."),
    )
    purpose = forms.CharField(
        label=_("What for"),
        max_length=80,
        required=False,
        help_text=_("Your own words, as 'phone service' or 'holiday cover'."),
    )
    field_order = ("member", "name", "email", "purpose")

    def __init__(self, *args: Any, people: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outside = ("", _("Somebody from outside the practice"))
        self.fields["member"].choices = [outside, *((str(one.pk), one.name) for one in people)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Somebody from outside has a name and an address; what is missing is said all at once."""
        data = self.cleaned_data
        wanted = {"opens": NothingGranted.message}
        if not data.get("member"):
            wanted |= {
                "name": _("Please enter the name of the person from outside."),
                "email": _("Please enter the e-mail address to which the link goes."),
            }
        for name, words in wanted.items():
            if not data.get(name) and name not in self.errors:
                self.add_error(name, words)
        return data

    def member_id(self) -> UUID | None:
        """Of who is chosen from the practice."""
        return UUID(self.cleaned_data["member"]) if self.cleaned_data["member"] else None
