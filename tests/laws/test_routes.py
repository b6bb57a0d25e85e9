"""Every address as every visitor: who is let in, who is told 'not found'; looking changes nothing (ACC-6, ACC-7).

What is expected is computed from the one table of `access`, not from the policies.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from sprechzeit.access.table import Data, Reach, Role, Use, reach_of
from sprechzeit.accounts.models import User
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id, new_reference
from sprechzeit.portal.visitors import Link
from sprechzeit.practice.visitors import Public, Staff
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.actions.hours import add_shift
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.queries.absence import Away
from tests.support.cast import Cast, at, book, hold
from tests.support.databases import Databases
from tests.support.tables import changed, fingerprints

# Routes that say nothing of their visitors themselves, with the reason.
WITHOUT_VISITOR = {
    "health": "for load balancers; tells that the service is there and its version, reads no practice",
    "set_language": "Django's own; sets a cookie and goes back to an address of ours",
    "account_email": "goes on to the start page",
} | dict.fromkeys(
    (
        "account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_change_password",
        "account_set_password", "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key", "account_reset_password_from_key_done", "account_signup", "account_email",
    ),
    "signing in, by django-allauth: belongs to a user and to no practice",
)  # fmt: skip


def routes(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, Any]]:
    """The name and the view of every route."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}", one.callback
        else:
            yield from routes(one, f"{namespace}{one.namespace}:" if one.namespace else namespace)


VIEWS = dict(routes())


def test_every_route_says_who_may_come() -> None:
    silent = {name for name, view in VIEWS.items() if not hasattr(view, "visitor")}
    assert silent == set(WITHOUT_VISITOR)


def test_no_route_hides_behind_anothers_name() -> None:
    assert len(list(routes())) == len(VIEWS)
    assert None not in {name.rpartition(":")[2] or None for name in VIEWS}


# --- The people -----------------------------------------------------------------------------------------------------

ROLES = {
    "administrator": ("albers", "miriam"),
    "practitioner": ("albers", "jonas"),
    "secretary": ("albers", "jana"),
    "stranger": ("brandt", "berta"),
}
PEOPLE = ("anonymous", *ROLES, "without practice")


def client_of(cast: Cast, person: str) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    if person in ROLES:
        house, name = ROLES[person]
        client.force_login(getattr(cast, house).user(name))
    elif person == "without practice":
        client.force_login(User.objects.create_user("nobody@example.org", name="Nobody"))
    return client


# --- The things -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thing:
    """What an address names: whose calendar it stands in, whose patient it is about."""

    id: str
    house: str = ""
    calendar: str = ""
    patient_of: str = ""


def rooms(cast: Cast) -> dict[str, Thing]:
    """Rooms are everybody's in the practice; a shared one has another id in each."""
    return {
        "own": Thing(str(cast.albers.rooms["own"].pk), "albers"),
        "other practice's": Thing(str(cast.brandt.rooms["shared"].pk), "brandt", "berta"),
    } | NOTHING


def types(cast: Cast) -> dict[str, Thing]:
    """Appointment types belong to no calendar."""
    return {
        "own": Thing(str(cast.albers.types["talk"].pk), "albers"),
        "other practice's": Thing(str(cast.brandt.types["talk"].pk), "brandt", "berta"),
    } | NOTHING


def appointments(cast: Cast) -> dict[str, Thing]:
    """An appointment for each relation somebody may have to one."""
    jonas = book(cast.albers, "09:00", who="jonas", first_name="Jo", email="jo@example.org")
    miriam = book(cast.albers, "09:00", who="miriam", first_name="Mi", email="mi@example.org")
    lent = book(cast.albers, "10:00", who="miriam", first_name="Jo", email="jo@example.org")
    berta = book(cast.brandt, "11:00", first_name="Be", email="be@example.org")
    return {
        "in Jonas' calendar": Thing(str(jonas.pk), "albers", "jonas", "jonas"),
        "in Miriam's calendar": Thing(str(miriam.pk), "albers", "miriam", "miriam"),
        "Jonas' patient with Miriam": Thing(str(lent.pk), "albers", "miriam", "jonas"),
        "of the other practice": Thing(str(berta.pk), "brandt", "berta", "berta"),
    } | NOTHING


def calendars(cast: Cast) -> dict[str, Thing]:
    return {
        "Jonas' calendar": Thing(str(cast.albers.calendars["jonas"].pk), "albers", "jonas"),
        "Miriam's calendar": Thing(str(cast.albers.calendars["miriam"].pk), "albers", "miriam"),
        "of the other practice": Thing(str(cast.brandt.calendars["berta"].pk), "brandt", "berta"),
    } | NOTHING


def blocks(cast: Cast) -> dict[str, Thing]:
    """A block in each calendar."""
    found = {}
    for name, house in (("albers", cast.albers), ("brandt", cast.brandt)):
        for who, calendar in house.calendars.items():
            place = Place(calendar, at("16:00"), at("16:30"))
            with acting(house.system):
                found[f"{name} {who}"] = Thing(
                    str(add_block(house.system, place, "Team", key=str(new_id())).pk), name, who
                )
    return found | NOTHING


NOTHING = {
    "never existed": Thing(str(new_id())),
    "broken": Thing("not-an-id"),
    "long": Thing("9" * 2000),
    "foreign letters": Thing("ä🌧"),
    "all zero": Thing(str(UUID(int=0))),
}


def absences(cast: Cast) -> dict[str, Thing]:
    """An absence of each calendar, and of the whole practice."""
    found = NOTHING.copy()
    for house, name, who in (
        (cast.albers, "albers", "jonas"),
        (cast.albers, "albers", "miriam"),
        (cast.albers, "albers", ""),
        (cast.brandt, "brandt", "berta"),
    ):
        with acting(house.system):
            away = Away(house.calendars[who].pk if who else None, at("08:00"), at("12:00"))
            found[f"{name} {who}"] = Thing(str(enter_absence(house.system, away).absence.pk), name, who)
    return found


def shifts(cast: Cast) -> dict[str, Thing]:
    """A shift of each calendar."""
    found = NOTHING.copy()
    for house, name, who in (
        (cast.albers, "albers", "jonas"),
        (cast.albers, "albers", "miriam"),
        (cast.brandt, "brandt", "berta"),
    ):
        with acting(house.system):
            shift = add_shift(house.system, house.calendars[who].pk, at("08:00").date(), 480, 720)
            found[f"{name} {who}"] = Thing(str(shift.pk), name, who)
    return found


def expected(person: str, data: Data, thing: Thing, use: Use, granted: int) -> int:
    """The status by the one table."""
    if person == "anonymous":
        return 302
    if person == "without practice":
        return 403
    house, name = ROLES[person]
    role = Role.ADMINISTRATOR if person == "stranger" else Role(person)
    own, lent = name == thing.calendar, name == thing.patient_of

    def reaches(how: Use, is_own: bool) -> bool:
        reach = reach_of(role, data, how)
        return reach is Reach.ALL or (reach is Reach.OWN and is_own)

    if house != thing.house or not reaches(Use.READ, own or lent):
        return 404
    return granted if use is Use.READ or reaches(Use.WRITE, own) else 403


@dataclass(frozen=True)
class Address:
    """A route for members about one thing."""

    name: str
    things: Callable[[Cast], dict[str, Thing]]
    data: Data
    use: Use = Use.READ
    granted: int = 200


ABOUT_ONE_THING = [
    Address("scheduling:column", calendars, Data.CALENDARS),
    Address("scheduling:room_column", rooms, Data.PRACTICE),
    Address("scheduling:appointment", appointments, Data.APPOINTMENTS),
    Address("scheduling:cancellation", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling_hours:calendar", calendars, Data.CALENDARS),
    Address("scheduling_hours:new_shift", calendars, Data.CALENDARS, Use.WRITE, 422),
    Address("scheduling_hours:shift_removal", shifts, Data.CALENDARS, Use.WRITE, 302),
    Address("scheduling_hours:absence", absences, Data.ABSENCES),
    Address("scheduling_hours:absence_removal", absences, Data.ABSENCES, Use.WRITE, 302),
]
ABOUT_ONE_THING += [
    Address("practice:room", rooms, Data.PRACTICE),
    Address("practice:room", rooms, Data.PRACTICE, Use.WRITE, 422),
    Address("practice:room_place", rooms, Data.PRACTICE, Use.WRITE, 303),
    Address("practice:room_retirement", rooms, Data.PRACTICE, Use.WRITE, 303),
    Address("scheduling_settings:room_use", rooms, Data.PRACTICE),
    Address("scheduling_settings:calendar", calendars, Data.CALENDARS),
    Address("scheduling_settings:calendar", calendars, Data.CALENDARS, Use.WRITE, 422),
    # The order of the columns is the practice's matter, not of whose column it is.
    Address("scheduling_settings:calendar_place", calendars, Data.PRACTICE, Use.WRITE, 303),
    Address("scheduling_settings:calendar_retirement", calendars, Data.CALENDARS, Use.WRITE, 303),
    Address("scheduling_settings:type", types, Data.CALENDARS),
    Address("scheduling_settings:type", types, Data.CALENDARS, Use.WRITE, 422),
    Address("scheduling_settings:type_place", types, Data.CALENDARS, Use.WRITE, 303),
    Address("scheduling_settings:type_retirement", types, Data.CALENDARS, Use.WRITE, 303),
]
ABOUT_ONE_THING += [
    Address("scheduling:place", appointments, Data.APPOINTMENTS),
    Address("scheduling:place", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:swap", appointments, Data.APPOINTMENTS, Use.WRITE, 409),
    Address("scheduling:attendance", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:remark", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:told", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:block", blocks, Data.APPOINTMENTS),
    Address("scheduling:block_place", blocks, Data.APPOINTMENTS),
    Address("scheduling:block_place", blocks, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:block_removal", blocks, Data.APPOINTMENTS, Use.WRITE, 303),
]
# What somebody did themselves: it names nothing of others.
OF_ONESELF = {"scheduling:undo"}
FOR_ADMINISTRATORS = {"practice:new_room", "scheduling_settings:new_calendar", "scheduling_settings:new_type"}
ABOUT_THE_PRACTICE = ["scheduling:book", "scheduling:print", "messages:deliveries"] + [
    f"scheduling_hours:{name}" for name in ("week", "absences", "new_absence", "holidays")
]
ABOUT_THE_PRACTICE += [f"scheduling:{name}" for name in ("explain", "new", "new_block", "patients", "search")]
ABOUT_THE_PRACTICE += [
    *sorted(FOR_ADMINISTRATORS),
    "practice:facts",
    "practice:rooms",
    "scheduling_settings:calendars",
    "scheduling_settings:types",
]


def test_every_route_for_staff_is_walked() -> None:
    """A new page must say here what it is about."""
    walked = {one.name for one in ABOUT_ONE_THING} | set(ABOUT_THE_PRACTICE) | OF_ONESELF
    assert {name for name, view in VIEWS.items() if getattr(view, "visitor", None) is Staff} == walked


@pytest.mark.req("CAL-16", "ACC-7")
@pytest.mark.parametrize("person", PEOPLE)
def test_who_changed_nothing_has_nothing_to_undo(cast: Cast, person: str) -> None:
    status = {"anonymous": 302, "without practice": 403}.get(person, 422)
    assert client_of(cast, person).post(reverse("scheduling:undo")).status_code == status


def send(client: Client, address: str, use: Use) -> Any:
    return client.get(address) if use is Use.READ else client.post(address)


@pytest.mark.req("ACC-6", "ACC-7", "ACC-1", "ACC-11")
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("address", ABOUT_ONE_THING, ids=lambda address: address.name)
def test_each_thing_is_there_for_whom_the_table_says(cast: Cast, address: Address, person: str) -> None:
    things = address.things(cast)
    client = client_of(cast, person)
    wanted = {key: expected(person, address.data, thing, address.use, address.granted) for key, thing in things.items()}
    found = {
        key: send(client, reverse(address.name, args=[thing.id]), address.use).status_code
        for key, thing in things.items()
    }
    assert found == wanted


@pytest.mark.req("ACC-6")
@pytest.mark.parametrize("person", [*ROLES])
@pytest.mark.parametrize("address", ABOUT_ONE_THING, ids=lambda address: address.name)
def test_what_is_not_visible_answers_like_what_never_was(cast: Cast, address: Address, person: str) -> None:
    """Byte for byte, headers and all, but for the request's own id."""
    things = address.things(cast)
    client = client_of(cast, person)
    answers = set()
    for thing in things.values():
        if expected(person, address.data, thing, address.use, address.granted) == 404:
            answer = send(client, reverse(address.name, args=[thing.id]), address.use)
            headers = {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}
            answers.add((answer.status_code, tuple(sorted(headers.items())), answer.content))
    assert len(answers) == 1
    (status, _, content) = answers.pop()
    assert status == 404
    assert all(word not in content for word in (b"Sommer", b"Praxis", b"Miriam", b"Jonas"))


@pytest.mark.req("ACC-7", "ACC-10")
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", ABOUT_THE_PRACTICE)
def test_each_page_of_the_practice_is_for_its_members(cast: Cast, name: str, person: str) -> None:
    status = {"anonymous": 302, "without practice": 403}.get(person, 200)
    if name in FOR_ADMINISTRATORS and person in ("practitioner", "secretary"):
        status = 403
    answer = client_of(cast, person).get(reverse(name))
    assert answer.status_code == status
    other = b"Praxis Brandt" if person != "stranger" else b"Praxis Albers"
    assert other not in answer.content


@pytest.mark.req("ACC-10", "COM-3", "CAL-13")
@pytest.mark.parametrize("person", [*ROLES])
def test_the_book_shows_names_of_whom_the_table_says(cast: Cast, person: str) -> None:
    """List and detail agree: who answers 404 alone has no name in the book."""
    names = {"in Jonas' calendar": "Jonaspatient", "in Miriam's calendar": "Miriampatient", "of the other": "Fremd"}
    day = book(cast.albers, "09:00", who="jonas", last_name="Jonaspatient").starts_at.date()
    book(cast.albers, "09:00", who="miriam", last_name="Miriampatient")
    book(cast.brandt, "11:00", last_name="Fremd")
    page = client_of(cast, person).get(reverse("scheduling:book"), {"day": f"{day:%Y-%m-%d}"}).content.decode()
    visible = {
        "administrator": {"Jonaspatient", "Miriampatient"},
        "secretary": {"Jonaspatient", "Miriampatient"},
        "practitioner": {"Jonaspatient"},
        "stranger": {"Fremd"},
    }[person]
    assert {name for name in names.values() if name in page} == visible


def test_a_member_who_left_comes_no_more(cast: Cast) -> None:
    client = client_of(cast, "secretary")
    assert client.get(reverse("scheduling:book")).status_code == 200
    with acting(cast.albers.system):
        type(cast.albers.members["jana"]).objects.filter(pk=cast.albers.members["jana"].pk).update(
            left_at="2026-01-01T00:00Z"
        )
    assert client.get(reverse("scheduling:book")).status_code == 403


# --- Patients -------------------------------------------------------------------------------------------------------


@pytest.mark.req("BOO-6", "ACC-6")
class TestLinks:
    """Whoever has a link has its one appointment; a link that is none of ours is a 404 like any other."""

    ROUTES: Mapping[str, Callable[..., Any]] = {
        "portal:manage": Client.get,
        "portal:calendar_file": Client.get,
        "portal:cancellation": Client.post,
    }

    def test_all_routes_of_links_are_walked(self) -> None:
        assert {name for name, view in VIEWS.items() if getattr(view, "visitor", None) is Link} == set(self.ROUTES)

    @pytest.mark.parametrize("person", PEOPLE)
    def test_the_secret_decides_and_nothing_else(self, cast: Cast, person: str) -> None:
        client, token = client_of(cast, person), manage_token(book(cast.albers, "09:00", last_name="Sommer").pk)
        assert [call(client, reverse(name, args=[token])).status_code for name, call in self.ROUTES.items()] == [
            200, 200, 303,
        ]  # fmt: skip

    def test_what_is_no_link_is_not_found(self, cast: Cast) -> None:
        appointment = book(cast.albers, "09:00")
        token = manage_token(appointment.pk)
        wrong = [
            token[:-1], token + "a", token.swapcase(), manage_token(new_id()), str(appointment.pk),
            hold_token(appointment.pk), "ä🌧", "9" * 5000,
        ]  # fmt: skip
        for name, call in self.ROUTES.items():
            answers = {(a.status_code, a.content) for a in (call(Client(), reverse(name, args=[one])) for one in wrong)}
            assert {status for status, _ in answers} == {404}
            assert len(answers) == 1

    def test_a_link_shows_its_one_appointment(self, cast: Cast) -> None:
        one = book(cast.albers, "09:00", who="jonas", first_name="Anna", last_name="Eins", email="e@example.org")
        book(cast.albers, "10:00", who="jonas", first_name="Berta", last_name="Zwei", email="z@example.org")
        page = Client().get(reverse("portal:manage", args=[manage_token(one.pk)])).content.decode()
        assert "Jonas Petersen" in page
        assert not [word for word in ("Zwei", "Berta", "10:00", "Eins", "e@example.org") if word in page]


@pytest.mark.req("BOO-1", "ACC-6")
class TestPublicPages:
    """Holds and types are found at the address of their own practice alone."""

    def test_all_public_routes_are_walked(self) -> None:
        public = {name for name, view in VIEWS.items() if getattr(view, "visitor", None) is Public}
        assert public == {
            "portal:services",
            "portal:times",
            "portal:hold",
            "portal:details",
            "portal:give_back",
            "portal:done",
        }

    def test_at_the_own_practice(self, cast: Cast) -> None:
        assert self.statuses(cast, "albers") == {
            "services": 200, "times": 200, "hold": 404, "details": 200, "give_back": 303, "done": 302,
        }  # fmt: skip

    @pytest.mark.parametrize("slug", ["brandt", "nobody", "ALBERS"])
    def test_elsewhere_it_never_was(self, cast: Cast, slug: str) -> None:
        found = self.statuses(cast, slug)
        assert found.pop("services") == (200 if slug == "brandt" else 404)
        assert set(found.values()) == {404}

    @pytest.mark.usefixtures("cast")
    def test_a_reference_that_never_was(self) -> None:
        for name in ("times", "details", "done"):
            for reference in (new_reference(), "ä🌧", "9" * 5000):
                assert Client().get(reverse(f"portal:{name}", args=["albers", reference])).status_code == 404

    @staticmethod
    def statuses(cast: Cast, slug: str) -> dict[str, int]:
        kind, token = cast.albers.types["talk"].reference, hold_token(hold(cast.albers, "09:00").pk)
        client = Client()
        return {
            "services": client.get(reverse("portal:services", args=[slug])).status_code,
            "times": client.get(reverse("portal:times", args=[slug, kind])).status_code,
            "hold": client.post(reverse("portal:hold", args=[slug, kind]), {"start": "x"}).status_code,
            "details": client.get(reverse("portal:details", args=[slug, token])).status_code,
            "give_back": client.post(reverse("portal:give_back", args=[slug, token])).status_code,
            "done": client.get(reverse("portal:done", args=[slug, token])).status_code,
        }


# --- Methods --------------------------------------------------------------------------------------------------------


def settings_of(cast: Cast) -> dict[str, list[str]]:
    """What the addresses of the settings name."""
    room, calendar = str(cast.albers.rooms["own"].pk), str(cast.albers.calendars["jonas"].pk)
    kind = str(cast.albers.types["talk"].pk)
    calendars = ("calendar", "calendar_place", "calendar_retirement")
    return (
        {f"practice:{name}": [room] for name in ("room", "room_place", "room_retirement")}
        | {"scheduling_settings:room_use": [room]}
        | {f"scheduling_settings:{name}": [calendar] for name in calendars}
        | {f"scheduling_settings:{name}": [kind] for name in ("type", "type_place", "type_retirement")}
    )


def hours_of(cast: Cast) -> dict[str, list[str]]:
    """What the addresses of working hours and absences name."""
    calendar, absence = [str(cast.albers.calendars["jonas"].pk)], [absences(cast)["albers jonas"].id]
    return {
        "scheduling_hours:calendar": calendar,
        "scheduling_hours:new_shift": calendar,
        "scheduling_hours:shift_removal": [shifts(cast)["albers jonas"].id],
        "scheduling_hours:absence": absence,
        "scheduling_hours:absence_removal": absence,
    }


def addresses(cast: Cast) -> dict[str, str]:
    """A good address of every route."""
    appointment, kept = book(cast.albers, "09:00", who="jonas"), hold(cast.albers, "10:00", who="jonas")
    token = hold_token(kept.pk)
    kind, link = cast.albers.types["talk"].reference, manage_token(appointment.pk)
    block = blocks(cast)["albers jonas"].id
    arguments: dict[str, list[str]] = {
        "scheduling:column": [str(cast.albers.calendars["jonas"].pk)],
        "scheduling:room_column": [str(cast.albers.rooms["own"].pk)],
        "scheduling:appointment": [str(appointment.pk)],
        **{f"scheduling:{name}": [str(appointment.pk)] for name in OF_AN_APPOINTMENT},
        **{f"scheduling:{name}": [block] for name in OF_A_BLOCK},
        **settings_of(cast),
        **hours_of(cast),
        "portal:services": ["albers"],
        "portal:times": ["albers", kind],
        "portal:hold": ["albers", kind],
        "portal:details": ["albers", token],
        "portal:give_back": ["albers", token],
        "portal:done": ["albers", token],
        "portal:manage": [link],
        "portal:cancellation": [link],
        "portal:calendar_file": [link],
        "account_reset_password_from_key": ["1", "set-password"],
    }
    return {name: reverse(name, args=arguments.get(name)) for name in VIEWS}


OF_AN_APPOINTMENT = ("cancellation", "place", "swap", "attendance", "remark", "told")
OF_A_BLOCK = ("block", "block_place", "block_removal")
BOOK_ONLY_POST = {f"scheduling:{name}" for name in ("swap", "attendance", "remark", "told", "block_removal", "undo")}
BOOK_ALSO_POST = {f"scheduling:{name}" for name in ("place", "block_place", "new", "new_block")}
SETTINGS_ONLY_POST = {
    "practice:room_place", "practice:room_retirement", "scheduling_settings:calendar_place",
    "scheduling_settings:calendar_retirement", "scheduling_settings:type_place", "scheduling_settings:type_retirement",
}  # fmt: skip
SETTINGS_ALSO_POST = FOR_ADMINISTRATORS | {
    "practice:facts", "practice:room", "scheduling_settings:calendar", "scheduling_settings:type",
}  # fmt: skip
HOURS_ONLY_POST = {f"scheduling_hours:{name}" for name in ("shift_removal", "absence_removal")}
HOURS_ALSO_POST = {
    f"scheduling_hours:{name}" for name in ("calendar", "new_shift", "new_absence", "absence", "holidays")
}
ONLY_POST = (
    SETTINGS_ONLY_POST | BOOK_ONLY_POST | HOURS_ONLY_POST | {"portal:give_back", "portal:cancellation", "set_language"}
)
ALSO_POST = (
    ONLY_POST
    | SETTINGS_ALSO_POST
    | BOOK_ALSO_POST
    | HOURS_ALSO_POST
    | {"portal:details", "portal:hold", "portal:times", "scheduling:cancellation"}
    | {name for name in WITHOUT_VISITOR if name.startswith("account_")}
)


@pytest.mark.parametrize("person", ["anonymous", "secretary"])
def test_other_methods_are_refused(cast: Cast, person: str) -> None:
    client, found = client_of(cast, person), {}
    for name, address in addresses(cast).items():
        methods = ["PUT", "DELETE", "PATCH", "TRACE"]
        methods += ["GET", "HEAD"] if name in ONLY_POST - {"set_language"} else []
        methods += [] if name in ALSO_POST else ["POST"]
        if name in WITHOUT_VISITOR and name != "health":
            continue
        for method in methods:
            found[name, method] = client.generic(method, address).status_code
    assert {key: status for key, status in found.items() if status != 405} == {}
    assert len(found) > 50


@pytest.mark.own_database
@pytest.mark.req("BOO-6", "AUD-2")
def test_looking_changes_nothing(cast: Cast, own_database: Databases) -> None:
    """GET and HEAD of every address, as everybody: no row but sessions and, in the log, readings."""
    everything = addresses(cast)
    clients = {person: client_of(cast, person) for person in PEOPLE}
    superuser = own_database.url("superuser")
    before = fingerprints(superuser)
    entries = log_operations(cast)
    seen = set()
    for person, client in clients.items():
        for name, address in everything.items():
            for call in (client.get, client.head):
                seen.add((person, name, call(address, {"day": "2026-11-23"}).status_code))
    # A form that is sent by its address, and was sent incomplete.
    seen -= {(person, "scheduling:explain", 422) for person in PEOPLE}
    assert {status for *_, status in seen} <= {200, 302, 403, 404, 405}
    assert ("secretary", "scheduling:appointment", 200) in seen
    assert changed(before, fingerprints(superuser)) == ["audit_entry"]
    added = log_operations(cast)[len(entries) :]
    assert set(added) == {"read"}


def log_operations(cast: Cast) -> list[str]:
    with acting(cast.albers.system):
        return list(Entry.objects.order_by("id").values_list("operation", flat=True))
