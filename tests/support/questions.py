"""How every page is asked for all that it could show: the addresses and what stands behind their question marks."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.urls import reverse

from sprechzeit.messages.template_events import EVENTS
from sprechzeit.scheduling.actions.book import manage_token
from tests.support.cast import Cast
from tests.support.marked import BORN, LINKED, Books

OF_A_RECORD = (
    "patients:record", "patients:merging", "patients:consents", "scheduling:record_appointments", "record_messages",
    "record_log",
)  # fmt: skip
OF_A_SESSION = ("session", "facts", "withdrawal", "writers", "versions", "signature")
OF_A_DOCUMENT = ("document", "document_file", "document_removal")
Asked = tuple[list[Any], dict[str, str]]


def questions(cast: Cast, books: Books) -> dict[str, list[Asked]]:
    """For each route that shows what people entered: what it is asked (with `find`: sent). All others: as they are."""
    day = f"{books.day:%Y-%m-%d}"
    asked: dict[str, list[Asked]] = defaultdict(list)
    for some in (
        of_the_book(cast, day),
        of_things(cast, books),
        searches(books),
        of_the_log(books),
        of_outsiders(cast, books, day),
        of_lists(cast),
        of_communities(books),
    ):
        for name, each in some.items():
            asked[name] += each
    return asked


def of_the_book(cast: Cast, day: str) -> dict[str, list[Asked]]:
    calendars = [str(one.pk) for house in (cast.albers, cast.brandt) for one in house.calendars.values()]
    rooms = [str(one.pk) for house in (cast.albers, cast.brandt) for one in house.rooms.values()]
    weeks = [{"view": "week", "calendar": calendar} for calendar in calendars[:2]]
    views: list[dict[str, str]] = [{}, {"view": "rooms"}, *weeks, {"view": "list"}, {"view": "list", "span": "week"}]
    explained = [{"calendar": one, "start": f"{day}T{clock}"} for one in calendars for clock in ("09:00", "10:00")]
    return {
        "scheduling:book": [([], {"day": day, **view}) for view in views],
        "scheduling:beside": [([], {"day": day})],
        "scheduling:elsewhere": [([], {"day": day}), ([], {"day": day, "view": "week"})],
        "scheduling:print": [([], {"day": day, "remarks": "1"}), ([], {"day": day})],
        "scheduling:column": [([one], {"day": day, **more}) for one in calendars for more in ({}, {"week": "1"})],
        "scheduling:room_column": [([one], {"day": day}) for one in [*rooms, "none"]],
        "scheduling:explain": [([], query) for query in explained],
        "scheduling:new": [([], {"calendar": one, "day": day, "start": "09:00"}) for one in calendars],
        "scheduling:new_block": [([], {"calendar": one, "day": day, "start": "09:00"}) for one in calendars],
        "scheduling_hours:calendar": [([one], {}) for one in calendars],
        "scheduling_settings:calendar": [([one], {}) for one in calendars],
        "scheduling_settings:calendar_retirement": [([one], {}) for one in calendars],
        "scheduling_hours:new_absence": [([], {"calendar": one}) for one in calendars],
        "practice:room": [([one], {}) for one in rooms],
        "scheduling_settings:room_use": [([one], {}) for one in rooms],
        "scheduling_settings:room_retirement": [([one], {}) for one in rooms],
    }


def of_things(cast: Cast, books: Books) -> dict[str, list[Asked]]:
    """Every thing by its id, whosever it is."""

    def each(ids: Any, **query: str) -> list[Asked]:
        return [([str(one)], query) for one in ids]

    appointments = [one.pk for one in books.appointments.values()]
    members = [one.pk for house in (cast.albers, cast.brandt) for one in house.members.values()]
    types = [one.pk for house in (cast.albers, cast.brandt) for one in house.types.values()]
    return {
        "scheduling:appointment": each(appointments),
        "scheduling:place": each(appointments),
        "scheduling:cancellation": each(appointments),
        "scheduling:block": each(books.blocks.values()),
        "scheduling:block_place": each(books.blocks.values()),
        **{name: each(books.pushed.values()) for name in ("video_side:pushed", "visit_messages")},
        "scheduling_hours:absence": each(books.absences.values()),
        **{name: each(books.patients.values()) for name in OF_A_RECORD},
        "practice:member": each(members),
        "scheduling_settings:member_calendars": each(members),
        "scheduling_settings:departure": each(members),
        "scheduling_settings:type": each(types),
        "scheduling_settings:type_retirement": each(types),
        "appointment_messages": each(appointments),
        "scheduling:explain": [([], {"appointment": str(one)}) for one in appointments],
        **{f"records:{name}": each(books.patients.values()) for name in ("sessions", "new_session", "documents")},
        **{f"records:{name}": each(books.documents.values()) for name in OF_A_DOCUMENT},
        **{f"records:{name}": each(books.sessions.values()) for name in OF_A_SESSION},
        **{f"records:{name}": each(books.patients.values()) for name in ("reports", "new_report")},
        **{f"records:report{name}": each(books.reports.values()) for name in ("", "_pdf", "_filing", "_withdrawal")},
        **{f"records_settings:report_template{name}": each(books.starts.values()) for name in ("", "_retirement")},
        **{f"records_settings:{name}": each(books.templates.values()) for name in ("template", "template_retirement")},
    }


def searches(books: Books) -> dict[str, list[Asked]]:
    """Names whole and in part, a birthday, addresses and numbers. An answer says again what was searched for."""
    numbers = [mark.word for mark in books.marks if mark.kind in ("mail", "phone") and not mark.by_link]
    words = ["Zuname", "Vor", f"{BORN:%d.%m.%Y}", *books.names, *numbers]
    found: dict[str, list[Asked]] = {
        name: [([], {"q": word}) for word in words]
        for name in ("scheduling:patients", "scheduling:search", "patients:list")
    }
    found["patients:list"].append(([], {}))
    found["patients:people"] = [([], {"q": word}) for word in ("Zuname", *books.names)]
    found["patients:sharing"] = [([], {}), *(([], {"patient": str(one)}) for one in books.patients.values())]
    found["scheduling:new"] = [([], {"q": word, "find": "1"}) for word in words[:4]]
    return found


def of_the_log(books: Books) -> dict[str, list[Asked]]:
    ids: list[UUID] = list(books.patients.values())
    filters: list[dict[str, str]] = [{}, *({"patient": str(one)} for one in ids), *({"named": n} for n in books.names)]
    # So many pages are opened here that a page of the log would show nothing else.
    done = [
        {"patient": str(one), "done": done} for one in ids for done in ("entered", "changed", "cancelled", "deleted")
    ]
    return {
        "privacy:log": [([], query) for query in [*filters, *done]],
        "privacy:export": [([form], query) for form in ("csv", "xlsx") for query in filters[: 1 + len(ids)]],
        "privacy:report": [([str(one)], {}) for one in ids],
    }


def of_outsiders(cast: Cast, books: Books, day: str) -> dict[str, list[Asked]]:
    """Pages for patients: of Albers, and by the link of one appointment."""
    types = [([cast.albers.practice.slug, one.reference], {"day": day}) for one in cast.albers.types.values()]
    link = [manage_token(books.appointments[LINKED].pk)]
    linked = ("manage", "other_times", "calendar_file")
    pages: dict[str, list[Asked]] = {f"portal:{name}": [(link, {})] for name in linked}
    return pages | {"portal:services": [(["albers"], {})], "portal:times": types}


def of_lists(cast: Cast) -> dict[str, list[Asked]]:
    kinds = [one.pk for one in cast.albers.types.values()]
    return {
        "scheduling_bookings:bookings": [([], {"show": show}) for show in ("all", "new", "contacts", "alike", "seen")]
        + [([], {"mine": "1"}), ([], {})],
        "messages:deliveries": [([], {}), ([], {"page": "2"}), ([], {"state": "failed", "channel": "email"})],
        "messages:templates": [([], {})],
        "messages:template": [([event], {}) for event in EVENTS]
        + [(["reminder"], {"type": str(one), "channel": "sms"}) for one in kinds],
        "scheduling:next_free": [([], {}), *(([], {"type": str(one)}) for one in kinds)],
    }


def of_communities(books: Books) -> dict[str, list[Asked]]:
    """The community of both practices; what belongs to its founder alone is nothing to see for the other."""
    one, space, hers = str(books.community.id), str(books.community.space), str(books.community.hers)
    return {
        **{f"community:{name}": [([one], {})] for name in ("naming", "leaving", "rooms")},
        **{f"community:{name}": [([one, space], {})] for name in ("space_naming", "space_removal")},
        "community:removal": [([one, hers], {})],
    }


def address(name: str, asked: Asked) -> tuple[str, dict[str, str]]:
    """Where a page is asked, and with what."""
    return reverse(name, args=asked[0]), asked[1]
