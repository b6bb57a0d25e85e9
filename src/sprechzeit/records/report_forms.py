"""What is typed to begin a report, and about a template of reports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.patients.models import Patient
from sprechzeit.records.models import ReportTemplate
from sprechzeit.records.models.reports import MOST_BODY
from sprechzeit.records.policy import report_practitioners
from sprechzeit.records.queries.report_templates import starts
from sprechzeit.records.queries.report_values import OTHER, Period, Recipient, recipients_of
from sprechzeit.records.report_starts import Start
from sprechzeit.records.report_text import LONGEST_LINE, MOST_LINES, letter_of
from sprechzeit.scheduling.forms.clock import DayField


class NewReportForm(forms.Form):
    """By which text a report is begun, in whose name, to whom, and of which sessions it speaks."""

    start = forms.ChoiceField(label=_("Template"))
    practitioner: Any = forms.ModelChoiceField(None, label=_("In the name of"), empty_label=None)
    recipient = forms.ChoiceField(label=_("Recipient"))
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=MOST_LINES * (LONGEST_LINE + 2),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For somebody else: name and address, at most 6 lines."),
    )
    since = DayField(label=_("Sessions from"), required=False)
    until = DayField(label=_("Sessions until"), required=False)
    key = forms.CharField(min_length=20, max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, patient: Patient, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.starts = {one.key: one for one in starts(actor)}
        self.recipients = {one.key: one for one in recipients_of(actor, patient)}
        choices: Any = self.fields
        choices["start"].choices = [(one.key, one.name) for one in self.starts.values()]
        known = [(one.key, one.label) for one in self.recipients.values()]
        choices["recipient"].choices = [*known, (OTHER, _("Somebody else"))]
        practitioner = choices["practitioner"]
        practitioner.queryset = report_practitioners(actor).order_by("account_number")
        practitioner.label_from_instance = lambda member: member.name
        practitioner.initial = actor.id if actor.kind is ActorKind.MEMBER else None
        choices["key"].initial = key

    def clean(self) -> dict[str, Any]:
        """Somebody else has an address that fits a window; a period ends after it begins."""
        facts: dict[str, Any] = super().clean() or {}
        lines = letter_of("", facts.get("address", ""), "").recipient
        if facts.get("recipient") == OTHER:
            if not lines:
                self.add_error("address", _("Please enter who receives it."))
            elif len(lines) > MOST_LINES or any(len(one) > LONGEST_LINE for one in lines):
                self.add_error("address", _("At most 6 lines of at most 60 letters."))
        if facts.get("since") and facts.get("until") and facts["until"] < facts["since"]:
            self.add_error("until", _("This is before the first day."))
        return facts

    @property
    def start_text(self) -> Start:
        """The text that was chosen."""
        return self.starts[self.cleaned_data["start"]]

    @property
    def known_recipient(self) -> Recipient | None:
        """Whom the record knows; None for somebody else."""
        return self.recipients.get(self.cleaned_data["recipient"])

    @property
    def period(self) -> Period:
        """Of which sessions."""
        return Period(self.cleaned_data["since"], self.cleaned_data["until"])

    @property
    def address_typed(self) -> str:
        """The lines of the address."""
        known = self.known_recipient
        return "\n".join(known.lines) if known else str(self.cleaned_data["address"])


class ReportTemplateForm(forms.Form):
    """A template of reports: its name, and its text with placeholders."""

    name = forms.CharField(label=_("Name"), max_length=100)
    body = forms.CharField(
        label=_("Text"),
        max_length=MOST_BODY,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_("A line that begins with ## is a heading, one with - a point of a list; **bold**, *slanted*."),
    )
    for_everyone = forms.BooleanField(
        label=_("Open to everyone in the practice"),
        required=False,
        help_text=_("Future members too. This cannot be taken back."),
    )

    def __init__(
        self,
        *args: Any,
        template: ReportTemplate | None = None,
        begun: Start | None = None,
        may_change: bool = True,
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"name": begun.name, "body": begun.body} if begun else {}
        if template:
            is_open = template.opened_at is not None
            initial = {"name": template.name, "body": template.body, "for_everyone": is_open}
        super().__init__(*args, **kwargs | {"initial": initial})
        for field in self.fields.values():
            field.disabled = not may_change
        if template and template.opened_at:
            self.fields["for_everyone"].disabled = True

    def clean_body(self) -> str:
        """Line ends as everywhere."""
        return letter_of("", "", self.cleaned_data["body"]).text

    def facts(self) -> dict[str, Any]:
        """As the actions take them."""
        return {name: self.cleaned_data[name] for name in ("name", "body", "for_everyone")}
