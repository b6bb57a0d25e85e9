"""Every address of members as every visitor: who is let in, who is told 'not found' (ACC-6, ACC-7).

What is expected is computed from the one table of `access`, not from the policies.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from sprechzeit.access.table import TABLE, Area, Column, Data, Reach, Role, Use
from sprechzeit.core.acting import acting
from sprechzeit.practice.visitors import Staff, StaffAndDelegates
from tests.laws.walked_elsewhere import (
    ABOUT_THE_PRACTICE,
    BY_FORM,
    OF_A_DIARY,
    OF_A_RECORDS_LOG,
    OF_ACCESSES,
    OF_ADMINISTRATORS,
    OF_COMMUNITIES,
    OF_CONSENTS,
    OF_CONSULTATIONS,
    OF_ONES_BACKUP,
    OF_ONESELF,
    OF_TWO_RECORDS,
    OF_WHO_TREATS,
)
from tests.support.cast import Cast, book
from tests.support.routes import (
    DELEGATE,
    FOR_ADMINISTRATORS,
    OF_THE_LOG,
    OF_WHO_DOCUMENTS,
    OF_WHO_GIVES,
    PEOPLE,
    ROLES,
    VIEWS,
    client_of,
)
from tests.support.things import (
    Thing,
    absences,
    appointments,
    blocks,
    calendars,
    documents,
    failed_messages,
    members,
    note_templates,
    patients,
    proposals,
    pushed,
    records,
    report_templates,
    reports,
    rooms,
    sessions,
    shifts,
    types,
)

Table = Mapping[Data, Mapping[Column, tuple[Reach, Reach]]]


def expected(person: str, data: Data, thing: Thing, use: Use, granted: int, table: Table = TABLE) -> int:
    """The status by the one table."""
    if person == "anonymous":
        return 302
    if person == "without practice":
        return 403
    if person == DELEGATE:
        return of_the_delegate(data, thing, use, granted, table)
    house, name = ROLES[person]
    role = Role.ADMINISTRATOR if person == "stranger" else Role(person)
    own, lent = name == thing.calendar, name == thing.patient_of

    def reaches(how: Use, is_own: bool) -> bool:
        reach = table[data][role][how is Use.WRITE]
        return reach is Reach.ALL or (reach is Reach.OWN and is_own)

    if house != thing.house or not reaches(Use.READ, own or lent):
        return 404
    return granted if use is Use.READ or reaches(Use.WRITE, own) else 403


def of_the_delegate(data: Data, thing: Thing, use: Use, granted: int, table: Table) -> int:
    """What the area opens, of Jonas alone."""

    def reaches(how: Use) -> bool:
        reach = table[data][Area.SCHEDULING][how is Use.WRITE]
        return reach is Reach.ALL or (reach is Reach.GRANTED and thing.calendar == "jonas")

    if thing.house != "albers" or not reaches(Use.READ):
        return 404
    return granted if use is Use.READ or reaches(Use.WRITE) else 403


@dataclass(frozen=True)
class Address:
    """A route for members about one thing."""

    name: str
    things: Callable[[Cast], dict[str, Thing]]
    data: Data
    use: Use = Use.READ
    granted: int = 200

    def expected(self, person: str, thing: Thing, table: Table = TABLE) -> int:
        """The status. A page for members alone refuses delegates whatever is asked for, before it is looked for."""
        if person == DELEGATE and VIEWS[self.name].visitor is Staff:
            return 403
        return expected(person, self.data, thing, self.use, self.granted, table)


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
    Address("scheduling_settings:room_retirement", rooms, Data.PRACTICE, Use.WRITE, 303),
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
    Address("practice:member", members, Data.PRACTICE),
    Address("practice:member", members, Data.PRACTICE, Use.WRITE, 422),
    # To be confirmed by a fresh sign-in first.
    Address("practice:suspension", members, Data.PRACTICE, Use.WRITE, 302),
    Address("scheduling_settings:departure", members, Data.PRACTICE, Use.WRITE, 302),
    Address("scheduling_settings:member_calendars", members, Data.PRACTICE),
]
ABOUT_ONE_THING += [
    Address("scheduling:place", appointments, Data.APPOINTMENTS),
    Address("scheduling:place", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:swap", appointments, Data.APPOINTMENTS, Use.WRITE, 409),
    Address("scheduling:attendance", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:remark", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:location", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:told", appointments, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:block", blocks, Data.APPOINTMENTS),
    Address("scheduling:block_place", blocks, Data.APPOINTMENTS),
    Address("scheduling:block_place", blocks, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("scheduling:block_removal", blocks, Data.APPOINTMENTS, Use.WRITE, 303),
    Address("video_side:pushed", pushed, Data.APPOINTMENTS),
    Address("visit_messages", pushed, Data.MESSAGES),
    Address("visit_telling", pushed, Data.MESSAGES, Use.WRITE, 303),
]
ABOUT_ONE_THING += [
    Address(f"scheduling_bookings:{name}", proposals, Data.MASTER_DATA, Use.WRITE, 303)
    for name in ("acceptance", "refusal", "reopening")
]
ABOUT_ONE_THING += [Address("messages:message", failed_messages, Data.MESSAGES)]
ABOUT_ONE_THING += [Address("appointment_messages", appointments, Data.MESSAGES)]
ABOUT_ONE_THING += [Address("messages:again", failed_messages, Data.MESSAGES, Use.WRITE, 303)]
ABOUT_ONE_THING += [
    Address("patients:record", records, Data.MASTER_DATA),
    Address("patients:record", records, Data.MASTER_DATA, Use.WRITE, 422),
    Address("patients:archiving", records, Data.MASTER_DATA, Use.WRITE, 303),
    Address("patients:merging", records, Data.MASTER_DATA),
    Address("scheduling:record_appointments", records, Data.APPOINTMENTS),
    Address("record_messages", records, Data.MESSAGES),
    Address("records:sessions", patients, Data.SESSIONS),
    Address("records:session", sessions, Data.SESSIONS),
    Address("records:facts", sessions, Data.SESSIONS, Use.WRITE, 422),
    Address("records:writers", sessions, Data.NOTES),
    Address("records:versions", sessions, Data.NOTES),
    Address("records:draft", sessions, Data.NOTES, Use.WRITE),
    Address("records:note", sessions, Data.NOTES, Use.WRITE, 422),
    Address("records:signature", sessions, Data.NOTES, Use.WRITE, 409),
    Address("records:amendments", sessions, Data.NOTES, Use.WRITE, 422),
    Address("records:documents", patients, Data.DOCUMENTS),
    Address("records:document", documents, Data.DOCUMENTS),
    Address("records:document", documents, Data.DOCUMENTS, Use.WRITE, 422),
    Address("records:document_file", documents, Data.DOCUMENTS),
    Address("records:document_preview", documents, Data.DOCUMENTS),
    Address("records:document_removal", documents, Data.DOCUMENTS, Use.WRITE, 422),
    Address("records:reports", patients, Data.REPORTS),
    Address("records:report", reports, Data.REPORTS),
    Address("records:report_pdf", reports, Data.REPORTS),
    Address("records:report", reports, Data.REPORTS, Use.WRITE, 409),
    Address("records:report_draft", reports, Data.REPORTS, Use.WRITE, 409),
    Address("records:report_filing", reports, Data.REPORTS, Use.WRITE, 303),
    Address("records:report_withdrawal", reports, Data.REPORTS, Use.WRITE, 409),
    Address("records:report_correction", reports, Data.REPORTS, Use.WRITE, 303),
    Address("records_settings:report_template", report_templates, Data.TEMPLATES),
    Address("records_settings:report_template", report_templates, Data.TEMPLATES, Use.WRITE, 422),
    Address("records_settings:report_template_retirement", report_templates, Data.TEMPLATES, Use.WRITE, 303),
    Address("records_settings:template", note_templates, Data.TEMPLATES),
    Address("records_settings:template", note_templates, Data.TEMPLATES, Use.WRITE, 422),
    Address("records_settings:template_retirement", note_templates, Data.TEMPLATES, Use.WRITE, 303),
]


def test_every_route_for_staff_is_walked() -> None:
    """A new page must say here what it is about."""
    own = (
        OF_ONESELF
        | OF_ONES_BACKUP
        | BY_FORM
        | OF_ADMINISTRATORS
        | OF_ACCESSES
        | OF_WHO_TREATS
        | OF_TWO_RECORDS
        | OF_CONSENTS
        | OF_CONSULTATIONS
    )
    # The log is for administrators alone, whatever it is about: tests/privacy/test_log_roles.py.
    walked = (
        {one.name for one in ABOUT_ONE_THING}
        | set(ABOUT_THE_PRACTICE)
        | own
        | OF_THE_LOG
        | OF_A_DIARY
        | OF_COMMUNITIES
        | OF_A_RECORDS_LOG
    )
    of_staff = {name for name, view in VIEWS.items() if getattr(view, "visitor", None) in (Staff, StaffAndDelegates)}
    assert of_staff == walked


@pytest.mark.req("CAL-16", "ACC-7")
@pytest.mark.parametrize("person", PEOPLE)
def test_who_changed_nothing_has_nothing_to_undo(cast: Cast, person: str) -> None:
    status = {"anonymous": 302, "without practice": 403, DELEGATE: 403}.get(person, 422)
    assert client_of(cast, person).post(reverse("scheduling:undo")).status_code == status


def send(client: Client, address: str, use: Use) -> Any:
    return client.get(address) if use is Use.READ else client.post(address)


@dataclass(frozen=True)
class Told:
    """What somebody was answered about one thing at one address."""

    address: Address
    key: str
    thing: Thing
    answer: Any

    def as_expected(self, person: str, table: Table = TABLE) -> bool:
        """By the one table, or another."""
        one = self.address
        return bool(self.answer.status_code == one.expected(person, self.thing, table))


@contextmanager
def undone() -> Iterator[None]:
    """What is done in here has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


_told: dict[str, list[Told]] = {}


@pytest.fixture
def told(cast: Cast, person: str) -> list[Told]:
    """What somebody is answered about everything, everywhere: asked once, the answers are kept."""
    if person not in _told:
        _told[person] = [
            one for things in dict.fromkeys(one.things for one in ABOUT_ONE_THING) for one in ask(cast, person, things)
        ]
    return _told[person]


def ask(cast: Cast, person: str, make: Callable[[Cast], dict[str, Thing]]) -> list[Told]:
    """Every address about one kind of things; each in a browser of its own and as if it were the first."""
    found = []
    with undone():
        things = make(cast)
        for address in (one for one in ABOUT_ONE_THING if one.things is make):
            with undone():
                client = client_of(cast, person)
                wanted = {key: address.expected(person, thing) for key, thing in things.items()}
                # What is hidden first: after a success the next page would say so.
                for key in sorted(wanted, key=lambda key: wanted[key] != 404):
                    answer = send(client, reverse(address.name, args=[things[key].id]), address.use)
                    found.append(Told(address, key, things[key], answer))
    return found


@pytest.mark.req("ACC-6", "ACC-7", "ACC-1", "ACC-11")
@pytest.mark.parametrize("person", PEOPLE)
def test_each_thing_is_there_for_whom_the_table_says(person: str, told: list[Told]) -> None:
    """And what is not visible answers like what never was, byte for byte, headers and all."""
    wrong = [(one.address.name, one.key, one.answer.status_code) for one in told if not one.as_expected(person)]
    assert wrong == []
    hidden: dict[Address, set[str]] = {address: set() for address in ABOUT_ONE_THING}
    for one in told:
        if one.answer.status_code == 404:
            hidden[one.address].add(shown(one.answer))
    looked_for = {
        address: person in ROLES or (person == DELEGATE and VIEWS[address.name].visitor is not Staff)
        for address in ABOUT_ONE_THING
    }
    assert {address: len(pages) for address, pages in hidden.items()} == looked_for
    for page in set().union(*hidden.values()):
        assert all(word not in page for word in ("Sommer", "Praxis", "Miriam", "Jonas"))


# A practitioner finds no records but their own to change; nothing of the practice or in its calendars is a secretary's.
UNREAD = (Data.NOTES, Data.DOCUMENTS, Data.REPORTS, Data.TEMPLATES)
SAME = {
    Role.PRACTITIONER: {(Data.MASTER_DATA, Reach.ALL)},
    # Of what a secretary may not read it makes no difference what she might write.
    Role.SECRETARY: {(Data.PRACTICE, Reach.OWN), (Data.CALENDARS, Reach.OWN)}
    | {(data, reach) for data in UNREAD for reach in (Reach.OWN, Reach.ALL)},
}


@pytest.mark.req("ACC-7")
@pytest.mark.parametrize("person", ["administrator", "practitioner", "secretary"])
def test_another_sign_for_writing_is_another_expectation(person: str, told: list[Told]) -> None:
    """The control: what was answered fits the table as it is and no other."""
    role, unnoticed = Role(person), set()
    for data in {one.data for one in ABOUT_ONE_THING if one.use is Use.WRITE}:
        read, write = TABLE[data][role]
        for sign in {Reach.NONE, Reach.OWN, Reach.ALL} - {write}:
            table = {**TABLE, data: {**TABLE[data], role: (read, sign)}}
            if all(one.as_expected(person, table) for one in told):
                unnoticed.add((data, sign))
    assert unnoticed == SAME.get(role, set())


def shown(answer: Any) -> str:
    """All that it says, but for the request's own id."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "X-Request-Id")
    return f"{answer.status_code} {headers} {answer.content.decode()}"


@pytest.mark.req("ACC-7", "ACC-10")
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", ABOUT_THE_PRACTICE)
def test_each_page_of_the_practice_is_for_its_members(cast: Cast, name: str, person: str) -> None:
    status = {"anonymous": 302, "without practice": 403}.get(person, 200)
    if name in FOR_ADMINISTRATORS and person in ("practitioner", "secretary"):
        status = 403
    if person == "secretary" and name in OF_WHO_GIVES | OF_WHO_DOCUMENTS:
        status = 403
    if person == DELEGATE and VIEWS[name].visitor is Staff:
        status = 403
    answer = client_of(cast, person).get(reverse(name))
    assert answer.status_code == status
    other = b"Praxis Brandt" if person != "stranger" else b"Praxis Albers"
    assert other not in answer.content


@pytest.mark.req("ACC-10", "COM-3", "CAL-13")
@pytest.mark.parametrize("person", [*ROLES, DELEGATE])
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
        DELEGATE: {"Jonaspatient"},
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
