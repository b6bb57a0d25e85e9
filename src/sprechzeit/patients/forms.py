"""What somebody says when they share records (ACC-4, ACC-5)."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.patients.queries import receivers
from sprechzeit.practice.models import Member

EVERYONE, CHOSEN = "everyone", "chosen"


class SharingForm(forms.Form):
    """With whom, and that it is meant: it cannot be taken back. `chosen`: members by their ids."""

    to = forms.ChoiceField(
        label=_("Share with"),
        choices=[
            (EVERYONE, _("Everyone – future members too")),
            (CHOSEN, _("Chosen members")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose with whom.")},
    )
    member: "forms.ModelMultipleChoiceField[Member]" = forms.ModelMultipleChoiceField(
        queryset=None,
        label=_("Members"),
        required=False,
        error_messages={
            "invalid_choice": _("One of these members is not there any more. Please choose again."),
            "invalid_pk_value": _("One of these members is not there any more. Please choose again."),
        },
    )
    sure = forms.BooleanField(
        label=_("I know that this is final."),
        error_messages={"required": _("Please confirm that you know that this is final.")},
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        member: Any = self.fields["member"]
        member.queryset = receivers(actor)

    def clean(self) -> dict[str, Any]:
        """Whoever chooses names somebody."""
        facts: dict[str, Any] = super().clean() or {}
        if facts.get("to") == CHOSEN and not facts.get("member") and "member" not in self.errors:
            self.add_error("member", _("Please choose at least one member."))
        return facts

    def members(self) -> list[UUID] | None:
        """With whom; None is everyone."""
        facts = self.cleaned_data
        return None if facts["to"] == EVERYONE else [one.pk for one in facts["member"]]
