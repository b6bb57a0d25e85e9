"""What is typed about a text of a message."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sprechzeit.messages.delivered import Words
from sprechzeit.messages.models.templates import MOST_SUBJECT, MOST_TEXT
from sprechzeit.messages.template_events import Channel

LABELS = {Channel.CALENDAR: (_("Title"), _("Description"))}


class TemplateForm(forms.Form):
    """Subject and text. That they say something is the action's to know: a template may be there to say nothing."""

    use_required_attribute = False
    subject = forms.CharField(label=_("Subject"), max_length=MOST_SUBJECT, required=False)
    text = forms.CharField(label=_("Text"), max_length=MOST_TEXT, required=False, widget=forms.Textarea({"rows": 14}))

    def __init__(self, *args: Any, channel: str, words: Words, may_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"subject": words.subject, "text": words.text}
        fields: Any = self.fields
        if channel == Channel.CALENDAR:
            fields["subject"].label, fields["text"].label = LABELS[Channel.CALENDAR]
            fields["text"].widget.attrs["rows"] = 6
        if channel == Channel.SMS:
            del fields["subject"]
            fields["text"].widget.attrs["rows"] = 6
        for field in fields.values():
            field.disabled = not may_change
            field.widget.attrs |= {"data-words": ""}

    def words(self) -> Words:
        """What was typed."""
        return Words(self.cleaned_data.get("subject", ""), self.cleaned_data.get("text", ""))
