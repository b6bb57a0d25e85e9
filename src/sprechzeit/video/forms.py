"""What an administrator types on the page of the video side."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import Practice, VideoToken
from sprechzeit.ui.forms import ChangeForm


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """A token for a booking system."""

    class Meta:
        model = VideoToken
        fields = ("name",)
        labels = {"name": _("For which booking system")}
        help_texts = {"name": _("A name by which you know it again, as “Terminportal, website”.")}

    def _post_clean(self) -> None:
        """Whether the name is there already the action says, for everybody alike."""


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
