"""What an administrator types on the page of the video side."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sprechzeit.core.ids import parse_id
from sprechzeit.practice.models import Practice, VideoToken
from sprechzeit.ui.forms import ChangeForm

NEW = "new"


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """A token for a booking system; where some have appointments to come, whether it is one of those."""

    instead_of = forms.ChoiceField(
        label=_("Has it had a token before?"),
        help_text=_("It keeps its appointments then. With one more token it would enter them a second time."),
        error_messages={"required": _("Please say whether it is one of these.")},
    )

    class Meta:
        model = VideoToken
        fields = ("name",)
        labels = {"name": _("For which booking system")}
        help_texts = {"name": _("A name by which you know it again, as “Terminportal, website”.")}

    def __init__(self, *args: Any, former: Iterable[VideoToken], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(one.pk), _instead_of(one)) for one in former]
        if known:
            field: Any = self.fields["instead_of"]
            field.choices = [("", _("Please choose")), (NEW, _("No, it is another booking system")), *known]
        else:
            del self.fields["instead_of"]

    def former_id(self) -> UUID | None:
        """Which token's place it takes; None: nobody's."""
        chosen = self.cleaned_data.get("instead_of", NEW)
        return None if chosen == NEW else parse_id(chosen)

    def _post_clean(self) -> None:
        """Whether the name is there already the action says, for everybody alike."""


def _instead_of(token: VideoToken) -> str:
    if token.revoked_at:
        return gettext("Yes, “%(name)s”, which was revoked") % {"name": token.name}
    return gettext("Yes, “%(name)s”; its former token opens nothing from now on") % {"name": token.name}


class MailsForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """Who writes to the patients of what was pushed (VID-5)."""

    class Meta:
        model = Practice
        fields = ("video_mails",)
        labels = {"video_mails": _("Write to patients from here")}
        help_texts = {
            "video_mails": _(
                "Confirmation, change, cancellation, with link and TAN. Switched off, the booking system alone writes."
            )
        }
