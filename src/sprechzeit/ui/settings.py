"""A page of the settings that shows a list of things and beside it the form of one."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Thing:
    """A line of the list. `badge`: an icon and what it means."""

    id: UUID
    name: str
    url: str
    colour: int
    detail: str = ""
    initials: str = ""
    badge: tuple[str, str] = ("", "")
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """What `ui/settings_things.html` shows. `chosen`: whether one was asked for; else it shows the first.

    An empty address: the viewer may not do this.
    """

    url: str
    things: Sequence[Thing]
    current: Thing | None = None
    chosen: bool = True
    new_url: str = ""
    place_url: str = ""
    retirement_url: str = ""
    save: bool = True
    key: str = ""
    in_use: Sequence[Thing] = field(init=False)
    retired: Sequence[Thing] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "in_use", [one for one in self.things if not one.retired])
        object.__setattr__(self, "retired", [one for one in self.things if one.retired])

    @property
    def _place(self) -> int | None:
        """Where the current one stands among those in use."""
        return self.in_use.index(self.current) if self.current in self.in_use else None

    @property
    def up(self) -> int | None:
        """The place before its own, if there is one."""
        return self._place - 1 if self._place else None

    @property
    def down(self) -> int | None:
        """The place after its own, if there is one."""
        place = self._place
        return place + 1 if place is not None and place + 1 < len(self.in_use) else None


def form_key() -> str:
    """What makes a form for something new one form, however often it is sent."""
    return secrets.token_urlsafe(24)


def place_in(sent: QueryDict) -> int:
    """The place that a thing is moved to, counted from 0; what is no number is the first."""
    text = sent.get("place", "")
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else 0


def wants_retirement(sent: QueryDict) -> bool:
    """Whether a thing is to be retired, else brought back."""
    return sent.get("retired") != "no"


def saved(request: HttpRequest, url: str, said: str = "") -> HttpResponse:
    """After a POST: on to a page that may be loaded again (RFC 9110 15.4.4), which says so."""
    messages.success(request, said or _("Saved."))
    return HttpResponseRedirect(url, status=303)
