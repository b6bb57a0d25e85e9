"""What every staff page shows around its content: the practice, the member, the navigation."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.accounts.models import User
from sprechzeit.audit.policy import may_read_log
from sprechzeit.core.rows import count_each
from sprechzeit.integrations.video_service.queries import troubled_pushes
from sprechzeit.messages.queries import failed_messages
from sprechzeit.partners.queries.events import failed_deliveries
from sprechzeit.practice.policy import may_change_practice, may_give_access
from sprechzeit.practice.queries import member_of
from sprechzeit.practice.visitors import NAMED, beside_url
from sprechzeit.scheduling.queries.new_bookings import open_proposals, unseen_bookings
from sprechzeit.video.policy import any_consultation, waiting_patients
from sprechzeit.video.queries.messages import failed_visit_messages

AT_WORK = (ActorKind.MEMBER, ActorKind.DELEGATE)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the base template; empty for who neither is a member nor has an access."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.kind not in AT_WORK or request.headers.get("HX-Request"):
        return {}
    member = member_of(actor)
    return {
        "practice_name": member.practice_name,
        "live_url": f"/live/?practice={actor.practice_id}" if hasattr(request, NAMED) else "",
        "member": member,
        "memberships": getattr(request.user, "workplaces", ()),
        "beside_url": beside_url(request.user) if isinstance(request.user, User) else "",
        "navigation": list(_navigation(actor, request.path)),
        # Made where it is shown: on the pages of the settings.
        "settings_navigation": lambda: list(_settings_navigation(actor, request.path)),
    }


def _navigation(actor: Actor, path: str) -> Iterator[dict[str, Any]]:
    book = reverse("scheduling:book")
    yield _item(_("Appointment book"), book, "calendar-days", current=path == book)
    if actor.kind is ActorKind.DELEGATE:
        own = reverse("own_access")
        yield _item(_("My access"), own, "key", current=path == own)
        return
    *work, failed, unheard, untold, unpushed, waiting, held = count_each(
        actor,
        unseen_bookings,
        open_proposals,
        failed_messages,
        failed_visit_messages,
        failed_deliveries,
        troubled_pushes,
        waiting_patients,
        any_consultation,
    )
    if actor.reach(Data.MASTER_DATA) is not Reach.NONE:
        patients = reverse("patients:list")
        yield _item(
            _("Patients"), patients, "users", current=path.startswith((patients, f"{get_script_prefix()}records/"))
        )
    if actor.reach(Data.APPOINTMENTS, Use.WRITE) is not Reach.NONE:
        bookings = reverse("scheduling_bookings:bookings")
        entry = _item(_("New bookings"), bookings, "inbox", current=path == bookings, count=sum(work))
        yield entry | {"key": "bookings", "short": _("Bookings"), "live_url": reverse("scheduling_bookings:count")}
    if held:
        video = reverse("video:list")
        entry = _item(_("Video consultations"), video, "video", current=path.startswith(video), count=waiting)
        yield entry | {"key": "video", "short": _("Video"), "live_url": reverse("video:count")}
    if actor.reach(Data.MESSAGES) is not Reach.NONE:
        deliveries = reverse("messages:deliveries")
        yield _item(_("Messages"), deliveries, "mail", current=path.startswith(deliveries), count=failed + unheard)
    if actor.reach(Data.CALENDARS) is Reach.ALL:
        # What partners and the video service were not told is found there.
        current = path.startswith(_settings())
        entry = _item(_("Settings"), reverse("practice:facts"), "settings", current=current, count=untold + unpushed)
        yield entry | {"short": _("Options")}


def _settings() -> str:
    """Below which address the settings are, also where it names a practice."""
    return f"{get_script_prefix()}settings/"


def _settings_navigation(actor: Actor, path: str) -> Iterator[dict[str, Any]]:
    """The pages of the settings, in groups; beside the content of each of them."""
    groups = {
        _("Practice"): [
            (_("Practice data"), "practice:facts", "building-2"),
            (_("Team"), "practice:team", "users"),
            *_for_administrators(actor),
            *_for_who_gives_access(actor),
            (_("Calendar community"), "community:communities", "door-open"),
            (_("Sign-in"), "practice:sign_in", "badge-check"),
        ],
        _("Calendar"): [
            (_("Working hours"), "scheduling_hours:week", "clock"),
            (_("Absences"), "scheduling_hours:absences", "calendar-off"),
            (_("Calendars"), "scheduling_settings:calendars", "columns-3"),
            (_("Rooms"), "practice:rooms", "map-pin"),
            (_("Appointment types"), "scheduling_settings:types", "layers"),
        ],
        _("Online"): [
            (_("Booking page"), "practice:booking", "globe"),
            *_partners(actor),
            *_video(actor),
            (_("Video side"), "video_side:side", "video"),
            (_("SMS gateway"), "messages_settings:sms", "message-square"),
        ],
    }
    if actor.reach(Data.TEMPLATES) is not Reach.NONE:
        groups[_("Documentation")] = [
            (_("Templates of notes"), "records_settings:templates", "notebook-pen"),
            (_("Templates of reports"), "records_settings:report_templates", "file-text"),
        ]
    if may_change_practice(actor):
        groups[_("Account")] = [(_("Plan"), "scheduling_settings:plan", "credit-card")]
    groups[_("Data protection")] = list(_of_data_protection(actor))
    known = [reverse(name) for pages in groups.values() for _label, name, _icon in pages]
    # One page's address may lie below another's: the longest is where somebody is.
    here = max((url for url in known if path.startswith(url)), key=len, default=None)
    for title, pages in groups.items():
        items = [
            _item(label, reverse(name), icon, current=reverse(name) == here, count=_untold(actor, name))
            for label, name, icon in pages
        ]
        yield {"title": title, "pages": items}


def _partners(actor: Actor) -> Iterator[tuple[str, str, str]]:
    if may_change_practice(actor):
        yield _("Booking partners"), "practice:partners", "share-2"


def _video(actor: Actor) -> Iterator[tuple[str, str, str]]:
    if may_change_practice(actor):
        yield _("Video service"), "video_service:service", "video"


def _untold(actor: Actor, name: str) -> int:
    """How many changes others did not take, beside the page from which one gets to them."""
    match name:
        case "practice:partners":
            return count_each(actor, failed_deliveries)[0]
        case "video_service:service":
            return count_each(actor, troubled_pushes)[0]
        case _:
            return 0


def _for_administrators(actor: Actor) -> Iterator[tuple[str, str, str]]:
    if may_change_practice(actor):
        yield _("Who may do what"), "practice:rights", "lock"


def _of_data_protection(actor: Actor) -> Iterator[tuple[str, str, str]]:
    if may_read_log(actor):
        yield _("Log"), "privacy:log", "history"
    if may_change_practice(actor):
        yield _("Retention"), "privacy:retention", "hourglass"
    yield _("Your backup"), "personal_backup:backups", "archive"


def _for_who_gives_access(actor: Actor) -> Iterator[tuple[str, str, str]]:
    if may_give_access(actor):
        yield _("Accesses"), "practice:accesses", "key"


def _item(label: str, url: str, icon: str, *, current: bool, count: int = 0) -> dict[str, Any]:
    return {"label": label, "url": url, "icon": icon, "current": current, "count": count}
