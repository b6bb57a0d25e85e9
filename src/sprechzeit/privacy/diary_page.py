"""What the page of an access's diary shows: its access, the counts, the deeds with their signs."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import GrantedArea
from sprechzeit.practice.queries import practice_of
from sprechzeit.privacy.diary import Deed, Note
from sprechzeit.privacy.policy import Diary

# Of each deed: what it is called, its icon, its colour.
LOOKS: dict[Deed, tuple[Promise, str, str]] = {
    Deed.BOOKED: (gettext_lazy("booked"), "calendar-plus", "ok"),
    Deed.MOVED: (gettext_lazy("moved"), "calendar-clock", "tint"),
    Deed.CANCELLED: (gettext_lazy("cancelled"), "calendar-x", "error"),
    Deed.CHANGED: (gettext_lazy("changed"), "notebook-pen", ""),
    Deed.ADDED: (gettext_lazy("added"), "plus", "tint"),
    Deed.DELETED: (gettext_lazy("deleted"), "trash-2", "error"),
    Deed.VIEWED: (gettext_lazy("viewed"), "eye", ""),
    Deed.LOOKED_UP: (gettext_lazy("looked up"), "search", ""),
}
CHOICES: dict[str, Promise] = {
    "": gettext_lazy("Everything"),
    Deed.BOOKED: gettext_lazy("Booked"),
    Deed.MOVED: gettext_lazy("Moved"),
    Deed.CANCELLED: gettext_lazy("Cancelled"),
    Deed.CHANGED: gettext_lazy("Changed"),
    Deed.VIEWED: gettext_lazy("Viewed"),
    Deed.LOOKED_UP: gettext_lazy("Looked up"),
}


def access_words(actor: Actor, diary: Diary) -> dict[str, Any]:
    """Whose access it is, what it opens of whom, and until when."""
    access, zone = diary.access, practice_of(actor).zone
    opened = set(access.areas.values_list("area", flat=True))
    areas = [str(label) for value, label in GrantedArea.Choice.choices if value in opened]
    ended = date_format(access.revoked_at.astimezone(zone), "SHORT_DATETIME_FORMAT") if access.revoked_at else ""
    return {
        "id": access.pk,
        "name": access.name,
        "areas": ", ".join(areas),
        "members": get_text_list(list(diary.members.values()), _("and")),
        "ends_on": access.ends_on,
        "revoked_at": ended,
        "is_part": diary.reader is not None,
    }


def chosen_deeds() -> Iterable[tuple[str, Promise]]:
    """What the diary can be narrowed to."""
    return CHOICES.items()


def diary_lines(notes: Iterable[Note]) -> list[dict[str, Any]]:
    """Notes as rows of the table."""
    return [
        {
            "at": one.at, "patient": one.patient, "what": one.what, "whose": one.whose,
            "label": LOOKS[one.deed][0], "icon": LOOKS[one.deed][1], "colour": LOOKS[one.deed][2],
        }
        for one in notes
    ]  # fmt: skip


def totals(counts: Mapping[Deed, int]) -> list[tuple[str, str]]:
    """The tiles above the table: of the last seven days."""
    return [
        (_("Booked, 7 days"), _appointments(counts[Deed.BOOKED])),
        (_("Moved, 7 days"), _appointments(counts[Deed.MOVED])),
        (_("Cancelled, 7 days"), _appointments(counts[Deed.CANCELLED])),
        (_("Looked up, 7 days"), _patients(counts[Deed.LOOKED_UP])),
    ]


def _appointments(count: int) -> str:
    return ngettext("%(count)s appointment", "%(count)s appointments", count) % {"count": count}


def _patients(count: int) -> str:
    return ngettext("%(count)s patient", "%(count)s patients", count) % {"count": count}
