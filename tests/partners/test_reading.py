"""What a partner reads of the book: who offers what, and when (OTV-4, OTV-8, BOO-11)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.core.versions import Memory
from sprechzeit.practice.models import Reading
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.hours import add_shift, set_open_holiday, set_week
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.settings import add_calendar, add_type, offer_type
from sprechzeit.scheduling.availability import Asker, Channel, instant_of
from sprechzeit.scheduling.queries import gathering
from sprechzeit.scheduling.queries.absence import Away
from sprechzeit.scheduling.queries.availability import free_times
from sprechzeit.scheduling.week import EVERY_WEEK, Stretch, Week, Window
from tests.support.cast import Cast, at, book, hold, monday
from tests.support.open_to_partners import called, opened
from tests.support.portal_client import Answer, Portal
from tests.support.scene import change

LISTS = ("/practitioners", "/rooms", "/types", "/offerings")


def items(portal: Portal, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = portal.get(path, **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def on(day: date, until: date | None = None) -> dict[str, Any]:
    return {"from_": day.isoformat(), "to": (until or day).isoformat()}


def clocks(found: list[dict[str, Any]], **where: Any) -> list[str]:
    """'09:00–10:00' of each that is as `where` says."""
    chosen = [one for one in found if all(one[name] == value for name, value in where.items())]
    return [f"{one['starts_at'][11:16]}–{one['ends_at'][11:16]}" for one in chosen]


@pytest.mark.req("OTV-4", "BOO-11")
def test_who_offers_what_to_partners_and_nothing_else(cast: Cast) -> None:
    """Both offer the call to partners, nobody the talk; a machine without a practitioner is called by its own name."""
    house, portal = cast.albers, Portal(cast.albers, reads=())
    assert [items(portal, path) for path in ("/practitioners", "/types", "/offerings")] == [[], [], []]
    opened(house, "call")
    with acting(house.system):
        machine = add_calendar(house.system, "Ultraschall", "US", position=9)
        offer_type(house.system, house.types["call"], machine)
        machine.offerings.update(duration=30)
    names = [(one["name"], one["practitioner"]) for one in items(portal, "/practitioners")]
    assert names == [
        ("Miriam Albers", called(portal, "practitioner", "miriam")),
        ("Jonas Petersen", called(portal, "practitioner", "jonas")),
        ("Ultraschall", None),
    ]
    change(house.system, house.types["call"], min_age=18, price_cents=2500, insurances=["private"], patients="new")
    assert items(portal, "/types") == [
        {
            "type": called(portal, "type", "call"), "name": "Telefonat", "duration_minutes": 20, "patients": "new",
            "least_age": 18, "most_age": None, "insurances": ["private"], "location": "practice", "price_cents": 2500,
        }
    ]  # fmt: skip
    found = {one["calendar"]: one for one in items(portal, "/offerings")}
    assert found[called(portal, "calendar", "jonas")] == {
        "type": called(portal, "type", "call"), "calendar": called(portal, "calendar", "jonas"), "duration_minutes": 20
    }  # fmt: skip
    assert sorted(one["duration_minutes"] for one in found.values()) == [20, 20, 30]
    change(house.system, house.types["call"], retired_at=timezone.now())
    assert items(portal, "/types") == items(portal, "/practitioners") == []


@pytest.mark.req("OTV-4", "OTV-12")
def test_what_the_practice_does_not_let_it_read_is_refused_and_says_who_can_change_that(cast: Cast) -> None:
    opened(cast.albers)
    person = {"first_name": "Paula", "last_name": "Sommer", "date_of_birth": "1985-03-24"}
    period = on(monday())
    ways: dict[Reading, Callable[[Portal], Answer]] = {
        Reading.ROOMS: lambda portal: portal.get("/rooms"),
        Reading.HOURS: lambda portal: portal.get("/hours", **period),
        Reading.BUSY: lambda portal: portal.get("/busy", **period),
        Reading.PATIENTS: lambda portal: portal.get("/patients"),
        Reading.MATCH: lambda portal: portal.post("/patients/match", person),
    }
    assert set(ways) == set(Reading)
    for one, ask in ways.items():
        assert ask(Portal(cast.albers, f"Nur {one}", reads=[one])).status == 200
        less = Portal(cast.albers, f"Ohne {one}", reads=[other for other in Reading if other is not one])
        answer = ask(less)
        assert (answer.status, answer.code) == (403, "not_allowed")
        assert "administrat" in answer.json["detail"].lower()
    nothing, all_of_it = Portal(cast.albers, "Ohne alles", reads=()), Portal(cast.albers)
    assert {frozenset(one) for one in items(nothing, "/offerings")} == {
        frozenset({"type", "calendar", "duration_minutes"})
    }
    rooms = {one["name"]: one["room"] for one in items(all_of_it, "/rooms")}
    assert [one["rooms"] for one in items(all_of_it, "/offerings")][:2] == [[rooms["Raum 1"], rooms["Raum 2"]]] * 2


@pytest.mark.req("OTV-4", "OTV-8")
def test_references_are_the_partners_own(cast: Cast) -> None:
    house, one, other = cast.albers, Portal(cast.albers), Portal(cast.albers, "Anderes")
    opened(house)
    for path in LISTS:
        mine, theirs = (
            {value for item in items(portal, path) for value in item.values() if isinstance(value, str)}
            for portal in (one, other)
        )
        assert not {value for value in mine & theirs if len(value) == 43}
    stranger = Portal(cast.brandt)
    opened(cast.brandt)
    for wrong in (called(one, "type", "talk"), called(stranger, "type", "talk"), str(house.types["talk"].pk), "x"):
        assert other.get("/free", type=wrong, **on(monday())).status == 404
    known = called(other, "type", "talk")
    assert other.get("/free", type=known, calendar=called(one, "calendar", "jonas"), **on(monday())).status == 404


@pytest.mark.req("OTV-4", "BOO-11", "CAL-5", "CAL-9")
def test_free_times_are_those_of_the_engine_for_partners(cast: Cast) -> None:
    house, portal, day = cast.albers, Portal(cast.albers, reads=()), monday()
    opened(house, "talk")
    talk = called(portal, "type", "talk")
    book(house, "09:00", who="jonas", day=day)
    hold(house, "14:00", who="jonas", day=day)
    found = items(portal, "/free", type=talk, **on(day, day + timedelta(days=6)))
    with acting(portal.actor):
        offers = free_times(
            portal.actor, house.types["talk"], day, day + timedelta(days=6), asker=Asker(Channel.PARTNERS)
        ).all()
    assert len(found) > 20
    assert [datetime.fromisoformat(one["starts_at"]) for one in found] == [instant_of(one.start) for one in offers]
    jonas = called(portal, "calendar", "jonas")
    mine = items(portal, "/free", type=talk, calendar=jonas, **on(day))
    assert clocks(mine, calendar=jonas) == clocks(
        [one for one in found if one["starts_at"][:10] == str(day)], calendar=jonas
    )
    assert {"09:00–09:50", "14:00–14:50"}.isdisjoint(clocks(mine)) and "10:00–10:50" in clocks(mine)
    since, until = at("10:00", day).isoformat(), at("11:00", day).isoformat()
    assert clocks(items(portal, "/free", type=talk, calendar=jonas, from_=since, to=until)) == [
        "10:00–10:50",
        "10:30–11:20",
    ]
    assert mine[0]["starts_at"].endswith(at("10:00", day).isoformat()[-6:]), "the practice's offset"


@pytest.mark.req("OTV-4", "BOO-11", "CAL-5")
def test_free_times_are_for_whom_the_type_is(cast: Cast) -> None:
    house, portal, day = cast.albers, Portal(cast.albers, reads=()), monday()
    opened(house, "call")
    change(house.system, house.types["call"], patients="new", min_age=18, insurances=["private"])
    asked = {"type": called(portal, "type", "call"), **on(day)}
    good = {"known": "false", "date_of_birth": "1985-03-24", "insurance": "private"}
    assert items(portal, "/free", **asked) and items(portal, "/free", **asked, **good)
    for wrong in (
        {"known": "true"},
        {"date_of_birth": str(day.replace(year=day.year - 10))},
        {"insurance": "statutory"},
    ):
        answer = portal.get("/free", **asked, **(good | wrong))
        assert (answer.status, answer.json) == (200, {"items": [], "next": []})


@pytest.mark.req("OTV-4", "CAL-11", "COM-4")
def test_where_nothing_is_free_the_next_ones_are_told_and_a_shared_room_counts(cast: Cast) -> None:
    """Both of Albers' rooms are taken at nine: one by Miriam, the other by another practice."""
    house, portal, day = cast.albers, Portal(cast.albers, reads=()), monday()
    opened(house, "talk")
    book(house, "09:00", who="miriam", day=day)
    asked = {
        "type": called(portal, "type", "talk"), "calendar": called(portal, "calendar", "jonas"),
        "from_": at("09:00", day).isoformat(), "to": at("09:20", day).isoformat(),
    }  # fmt: skip
    assert clocks(items(portal, "/free", **asked)) == ["09:00–09:50"]
    change(cast.brandt.system, cast.brandt.rooms["own"], retired_at=timezone.now())
    hold(cast.brandt, "09:00", day=day)
    answer = portal.get("/free", **asked)
    assert answer.json["items"] == []
    assert clocks(answer.json["next"])[:2] == ["10:00–10:50", "10:30–11:20"]
    assert len(answer.json["next"]) == 10
    weekend = portal.get("/free", **(asked | on(day + timedelta(days=5), day + timedelta(days=6))))
    assert weekend.json["next"][0]["starts_at"] == at("08:00", day + timedelta(days=7)).isoformat()


@pytest.mark.req("OTV-10", "OTV-12")
@pytest.mark.parametrize(
    ("since", "until", "status"),
    [
        ("2026-03-01", "2026-03-31", 200),
        ("2026-10-01", "2026-10-31", 200),  # the clock goes back
        ("2026-03-01", "2026-04-01", 422),
        ("2026-03-02", "2026-03-01", 422),
        ("2026-03-02T10:00:00+01:00", "2026-03-02T10:00:00+01:00", 422),
        ("0001-01-01", "0001-01-02", 422),
        ("9999-12-31", "9999-12-31", 422),
        ("2026-03-02T00:00:00Z", "2026-03-02T00:00:01Z", 200),
    ],
)
def test_a_period_is_a_month_at_most(cast: Cast, since: str, until: str, status: int) -> None:
    opened(cast.albers)
    portal = Portal(cast.albers)
    for path in ("/busy", "/hours"):
        answer = portal.get(path, from_=since, to=until)
        assert answer.status == status
        assert status == 200 or answer.code == "wrong_period"
    assert portal.get("/free", type=called(portal, "type", "call"), from_=since, to=until).status == status


@pytest.mark.req("OTV-4", "OTV-8")
def test_busy_is_time_and_calendar_merged_so_that_nobody_can_tell_what_and_how_many(cast: Cast) -> None:
    house, portal, day = cast.albers, Portal(cast.albers, reads=[Reading.BUSY]), monday()
    opened(house, "call")
    book(house, "09:00", who="jonas", day=day)  # until 9:50, and ten minutes after it
    held = hold(house, "10:00", who="jonas", day=day, kind="call")
    gone = book(house, "14:00", who="jonas", day=day, first_name="Andere", email="a@example.org")
    with acting(house.system):
        cancel_appointment(house.system, gone.pk)
        place = Place(house.calendars["jonas"], at("10:20", day), at("11:00", day))
        add_block(house.system, place, "Geheimes", key=str(new_id()))
    book(house, "11:00", who="miriam", kind="call", day=day, first_name="Dritte", email="d@example.org")
    found = items(portal, "/busy", **on(day))
    jonas, miriam = (called(portal, "calendar", one) for one in ("jonas", "miriam"))
    assert {frozenset(one) for one in found} == {frozenset({"calendar", "starts_at", "ends_at"})}
    assert (clocks(found, calendar=jonas), clocks(found, calendar=miriam)) == (["09:00–11:00"], ["11:00–11:20"])
    with acting(house.system):
        occupancy = held.occupancy
    change(house.system, occupancy, expires_at=timezone.now())
    assert clocks(items(portal, "/busy", **on(day)), calendar=jonas) == ["09:00–10:00", "10:20–11:00"]
    since, until = at("09:30", day).isoformat(), at("10:30", day).isoformat()
    cut = items(portal, "/busy", from_=since, to=until)
    assert clocks(cut) == ["09:30–10:00", "10:20–10:30"], "nothing beside what was asked for"
    with acting(house.system):
        for offering in house.calendars["jonas"].offerings.all():
            offering.delete()
    assert clocks(items(portal, "/busy", **on(day))) == ["11:00–11:20"], "of whom partners do not book nothing is told"


@pytest.mark.req("OTV-4", "CAL-2", "CAL-3", "CAL-4")
def test_hours_are_expanded_as_the_practice_works_times_only(cast: Cast) -> None:
    """Monday: a shift in place of the week, a morning off; windows of Jonas' and of all; Tuesday is a holiday."""
    house, portal = cast.albers, Portal(cast.albers, reads=[Reading.HOURS])
    opened(house, "call")
    day = date(2027, 10, 4)  # Unification Day 2026 and 2027 fall on a weekend; All Saints' is a Monday in 2027
    saints = date(2027, 11, 1)
    change(house.system, house.practice, region="DE-NW")
    jonas, call, talk = house.calendars["jonas"], house.types["call"].pk, house.types["talk"].pk
    with acting(house.system):
        add_shift(house.system, jonas.pk, day, 7 * 60, 26 * 60)
        enter_absence(house.system, Away(jonas.pk, at("08:00", day), at("10:00", day), all_day=False, reason="Kur"))
        enter_absence(house.system, Away(None, at("12:00", day), at("13:00", day), all_day=False, reason="Feier"))
        week = Week(
            EVERY_WEEK, (Stretch(0, 480, 720),), (Window(0, 480, 600, (call, talk)), Window(0, 600, 660, (talk,)))
        )
        set_week(house.system, jonas.pk, week, former=EVERY_WEEK, confirmed=True)
        set_week(house.system, None, Week(EVERY_WEEK, (), (Window(0, 840, 900, (call,)),)), confirmed=True)
    found = items(portal, "/hours", **on(day))
    mine = called(portal, "calendar", "jonas")
    assert clocks(found, calendar=mine, kind="working") == ["07:00–00:00"]
    assert found[0]["ends_at"][:10] <= str(day + timedelta(days=1))
    assert clocks(found, calendar=mine, kind="absence") == ["08:00–10:00"]
    assert clocks(found, calendar=None, kind="absence") == ["12:00–13:00"]
    name = called(portal, "type", "call")
    windows = [(one["calendar"], one["types"], clocks([one])[0]) for one in found if one["kind"] == "window"]
    assert windows == [(mine, [name], "08:00–10:00"), (mine, [], "10:00–11:00"), (None, [name], "14:00–15:00")]
    assert {name for one in found for name in one} == {"calendar", "kind", "starts_at", "ends_at", "types"}
    assert all("types" not in one for one in found if one["kind"] != "window")
    night = items(portal, "/hours", **on(day + timedelta(days=1)))
    assert clocks(night, calendar=mine, kind="working") == ["00:00–02:00"], "what began the day before"
    assert clocks(items(portal, "/hours", **on(saints)), calendar=None, kind="absence") == ["00:00–00:00"]
    with acting(house.system):
        set_open_holiday(house.system, saints, works=True)
    assert clocks(items(portal, "/hours", **on(saints)), calendar=None, kind="absence") == []


@pytest.mark.req("OTV-4", "OTV-10")
def test_statements_do_not_grow_with_the_book(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_memory", Memory(0))
    house, portal, day = cast.albers, Portal(cast.albers), monday()
    opened(house)

    def statements() -> list[int]:
        counts = []
        period = on(day, day + timedelta(days=27))
        for path in (*LISTS, "/hours", "/busy", f"/free?type={called(portal, 'type', 'talk')}&from={day}&to={day}"):
            with CaptureQueriesContext(connection) as asked:
                assert portal.get(path, **(period if path in ("/hours", "/busy") else {})).status == 200
            counts.append(len(asked))
        return counts

    statements()  # what is made once a connection, and the practice's key
    few = statements()
    book(house, "09:00", who="jonas", day=day)
    with acting(house.system):
        for number in range(4):
            calendar = add_calendar(house.system, f"Neu {number}", f"N{number}", position=5 + number)
            one = add_type(house.system, f"Art {number}", duration=20, partners=True)
            for kind in (one, house.types["talk"]):
                offer_type(house.system, kind, calendar, [house.rooms["own"], house.rooms["shared"]])
            enter_absence(house.system, Away(calendar.pk, at("08:00", day), at("10:00", day), all_day=False))
    assert statements() == few
