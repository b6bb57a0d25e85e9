"""What is said about documents: when they are added, changed, removed."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.patients.models import Patient
from sprechzeit.practice.queries import practice_of
from sprechzeit.records.actions.documents import Sent
from sprechzeit.records.models import Document, Session
from sprechzeit.records.naming import MOST_LETTERS
from sprechzeit.records.policy import visible_sessions
from sprechzeit.scheduling.forms.clock import DayField
from sprechzeit.ui.forms import ChangeForm

MOST_FILES = 20
# Without HEIC: then an iPhone sends its pictures as JPEG by itself.
ACCEPTED = "application/pdf,image/jpeg,image/png,image/webp,image/tiff,.pdf,.jpg,.jpeg,.png,.webp,.tif,.tiff"


class Files(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """At least one file. What stands in them is looked at when they are added."""

    widget = Files(attrs={"multiple": True, "accept": ACCEPTED})
    default_error_messages = {
        "required": _("Please choose a file."),
        "many": _("At most 20 files can be added at once."),
    }

    def clean(self, data: Any, initial: Any = None) -> list[InMemoryUploadedFile]:
        """All of them; one that is empty is told of by name later, with the others."""
        found = list(data or ())
        if not found:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(found) > MOST_FILES:
            raise forms.ValidationError(self.error_messages["many"], code="many")
        return found


class SessionChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stub only
    """A session of the patient that the actor sees, by its day and time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(None, label=_("Session"), required=False, empty_label=_("None"), **kwargs)

    def narrow(self, actor: Actor, patient: Patient) -> None:
        """To whose sessions, and how days are told."""
        self.zone = practice_of(actor).zone
        self.queryset = visible_sessions(actor).filter(patient=patient).order_by("-starts_at", "-id")

    def label_from_instance(self, obj: Session) -> str:
        """Its day and time. What it was stands with the session, for who sees that of it."""
        return str(date_format(obj.starts_at.astimezone(self.zone), "SHORT_DATETIME_FORMAT"))


class NewDocumentsForm(forms.Form):
    """Files to add, with what is said of all of them. The key makes it one form however often it is sent."""

    file = FilesField(label=_("Files"))
    title = forms.CharField(
        label=_("Title"), max_length=MOST_LETTERS, required=False, help_text=_("Left empty: the name of the file.")
    )
    dated_on = DayField(label=_("Date"))
    session = SessionChoice()
    key = forms.CharField(min_length=20, max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, patient: Patient, key: str, **kwargs: Any) -> None:
        today = timezone.now().astimezone(practice_of(actor).zone).date()
        super().__init__(*args, **kwargs | {"initial": {"dated_on": today, "key": key}})
        self.fields["session"].narrow(actor, patient)  # type: ignore[attr-defined]  # a SessionChoice

    def sent(self, file: InMemoryUploadedFile, number: int) -> Sent:
        """One of the files with what was said. `number`: its place, from 1: several share a title by it."""
        facts = self.cleaned_data
        title = facts["title"] or PurePath(str(file.name)).stem
        if facts["title"] and len(facts["file"]) > 1:
            title = f"{title[: MOST_LETTERS - 5]} ({number})"
        session = facts["session"]
        file.seek(0)  # a page that is repeated after a deadlock reads it again
        return Sent(file.read(), title, facts["dated_on"], session.pk if session else None)

    @property
    def asked(self) -> str:
        """What makes the same key the same form."""
        facts = self.cleaned_data
        return repr((facts["title"], facts["dated_on"], facts["session"] and facts["session"].pk))


class DocumentForm(ChangeForm, forms.Form):
    """What a document is called, of which day and session it is."""

    title = forms.CharField(label=_("Title"), max_length=MOST_LETTERS)
    dated_on = DayField(label=_("Date"))
    session = SessionChoice()
    remark = forms.CharField(
        label=_("Remark"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, actor: Actor, document: Document, **kwargs: Any) -> None:
        initial = {
            "title": document.title,
            "dated_on": document.dated_on,
            "session": document.session_id,
            "remark": document.remark,
        }
        super().__init__(*args, **kwargs, initial=initial)
        self.fields["session"].narrow(actor, document.patient)  # type: ignore[attr-defined]  # a SessionChoice

    def columns(self) -> dict[str, Any]:
        """What was changed, by column."""
        changes = self.changes()
        if "session" in changes:
            session = changes.pop("session")
            changes["session_id"] = session.pk if session else None
        return changes


class RemovalForm(forms.Form):
    """Why a document is taken out."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("For example: belongs to somebody else, scanned twice.")
    )
