"""What every staff page shows around its content: the practice, the member, the navigation."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach
from sprechzeit.messages.policy import visible_messages
from sprechzeit.practice.queries import member_of, practice_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the base template; empty for who is no member."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.kind is not ActorKind.MEMBER or request.headers.get("HX-Request"):
        return {}
    return {
        "practice_name": practice_of(actor).name,
        "member": member_of(actor),
        "navigation": list(_navigation(actor, request.path)),
    }


def _navigation(actor: Actor, path: str) -> Any:
    book = reverse("scheduling:book")
    yield _item(_("Appointment book"), book, "calendar-days", current=path == book)
    if actor.reach(Data.MESSAGES) is not Reach.NONE:
        deliveries = reverse("messages:deliveries")
        failed = visible_messages(actor).filter(failed_at__isnull=False).count()
        yield _item(_("Messages"), deliveries, "mail", current=path == deliveries, count=failed)


def _item(label: str, url: str, icon: str, *, current: bool, count: int = 0) -> dict[str, Any]:
    return {"label": label, "url": url, "icon": icon, "current": current, "count": count}
