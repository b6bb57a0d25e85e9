"""What an administrator types about the video service (PUSH-2, PUSH-6, PUSH-8)."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sprechzeit.integrations.video_service.errors import NoVideoAddress
from sprechzeit.integrations.video_service.reaching import known_adapters, service_address
from sprechzeit.practice.models import VideoService
from sprechzeit.practice.webhook_address import is_webhook_address
from sprechzeit.ui.forms import ChangeForm, WholeNumber

ShownAs = VideoService.ShownAs
LONGEST_WAIT = 24 * 60

SHOWN: dict[ShownAs, Promise] = {
    ShownAs.FIRST_NAME: _("The practitioner sees there whom they meet."),
    ShownAs.INITIALS: _("As “P. S.”; the full name stays here."),
    ShownAs.CODE: _("The same letters and figures each time, by which nobody can find a name."),
}


class VideoServiceForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """The service, how it is reached, and what it is told of a patient. The token is never shown again."""

    kind = forms.ChoiceField(label=_("Where consultations are held"), widget=forms.RadioSelect)
    url = forms.URLField(
        label=_("Address of the service"),
        required=False,
        max_length=300,
        assume_scheme="https",
        error_messages={"invalid": NoVideoAddress.message},
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://video.example.org"}),
    )
    new_token = forms.CharField(
        label=_("Token"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    link_wait_minutes = WholeNumber(
        label=_("Messages wait for the link (minutes)"),
        min_value=0,
        max_value=LONGEST_WAIT,
        help_text=_(
            "So long a confirmation waits for link and TAN. Then it goes out saying that the link follows, and a "
            "second message brings it."
        ),
    )

    class Meta:
        model = VideoService
        fields = ("kind", "is_on", "url", "shown_as", "sends_last_name", "sends_mobile", "link_wait_minutes")
        widgets = {"shown_as": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = list(_kinds(self.instance.kind))
        # What was typed is not given back, nor what is kept.
        self.fields["new_token"].show_hidden_initial = False
        if self.instance.token:
            self.fields["new_token"].help_text = _("One is kept, sealed. Type another one to replace it.")
        else:
            self.fields["new_token"].help_text = _("The service makes it; there it is shown once.")

    def clean_url(self) -> str:
        """A name and a password in it would be told to whoever reads the settings."""
        address: str = self.cleaned_data["url"]
        if address and not is_webhook_address(address):
            raise forms.ValidationError(NoVideoAddress.message)
        return address

    def clean(self) -> dict[str, Any]:
        """Whoever is to be reached needs address and token; a token goes to no address for which it was not made."""
        facts: dict[str, Any] = super().clean() or {}
        if facts.get("shown_as") != ShownAs.FIRST_NAME:
            # Beside initials or a code it would say whose they are; the page hides the box then.
            facts["sends_last_name"] = False
        if facts.get("kind") == VideoService.HERE:
            return facts
        if facts.get("url"):
            facts["url"] = service_address(str(facts.get("kind")), facts["url"])
        is_on, url, token = facts.get("is_on"), facts.get("url"), facts.get("new_token")
        if is_on and not url and "url" not in self.errors:
            self.add_error("url", str(NoVideoAddress.message))
        is_another = url is not None and url != self.instance_url
        if is_on and not token and (not self.instance.token or is_another):
            asked = gettext("Please enter the token that the service at this address made for you.")
            self.add_error("new_token", asked)
        return facts

    @property
    def instance_url(self) -> str:
        """The address as it is kept, before what was typed."""
        return str(self.initial.get("url", ""))

    def changes(self) -> dict[str, Any]:
        """What is not as the form showed it, as the model names it."""
        found = super().changes()
        token = found.pop("new_token", "")
        return found | ({"token": token} if token else {})

    def opens_more(self) -> bool:
        """Whether patients' data go elsewhere, or more of them."""
        changed = {"kind", "url", "new_token", "is_on", "shown_as", "sends_last_name", "sends_mobile"}
        return not changed.isdisjoint(self.changed_data)

    def namings(self) -> Iterator[dict[str, Any]]:
        """Each way to name a patient with what it means."""
        for box in self["shown_as"]:
            if box.data["value"]:
                yield {"box": box, "meaning": SHOWN[ShownAs(str(box.data["value"]))]}

    def shown_naming(self) -> str:
        """What was chosen when the form was shown."""
        return self["shown_as"].as_hidden(only_initial=True)

    def shown_kind(self) -> str:
        """Where consultations were held when the form was shown."""
        return self["kind"].as_hidden(only_initial=True)


def _kinds(now: str) -> Iterator[tuple[str, Any]]:
    """Here, and each service for which there is an adapter; one that is gone stays as long as it is chosen."""
    yield VideoService.HERE, _("Here, in Sprechzeit")
    adapters = known_adapters()
    for name, adapter in adapters.items():
        yield name, _("At a video service: %(name)s") % {"name": adapter.LABEL}
    if now not in (VideoService.HERE, *adapters):
        yield now, now
