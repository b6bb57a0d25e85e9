"""Sessions: from an appointment or without; what a secretary does with them and cannot see (DOC-1, ACC-1, ACC-22)."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Area
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import share_patients
from sprechzeit.records.actions.sessions import change_session, document_appointment
from sprechzeit.records.errors import NotDocumentable
from sprechzeit.records.models import Session
from sprechzeit.records.policy import visible_notes, visible_sessions
from sprechzeit.records.queries import list_sessions, open_note
from sprechzeit.records.session_page import rows_of
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.errors import NotYet
from tests.support.cast import Cast, book
from tests.support.databases import Databases
from tests.support.delegates import delegate, terms
from tests.support.routes import DELEGATE, client_of
from tests.support.together import together
from tests.support.treated import MARKER, documented, over, session_of, treated, written


def numbers(page: bytes) -> str:
    """A page without what is drawn anew each time."""
    return re.sub(r'csrf[^>]*value="[^"]*"|X-CSRFToken[^}]*|[0-9a-f-]{36}', "", page.decode())


@pytest.mark.req("DOC-1", "DOC-2", "PRI-1")
def test_from_an_appointment_to_what_is_written_about_it(cast: Cast) -> None:
    """Jonas documents: the whole way through the pages, once by the button, and again to the same session."""
    visit = over(cast.albers)
    client = client_of(cast, "practitioner")
    assert reverse("records:documentation", args=[visit.pk]) in page(client, "scheduling:appointment", visit.pk)
    answers = [client.post(reverse("records:documentation", args=[visit.pk])) for _time in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert answers[0]["Location"] == answers[1]["Location"]
    with acting(cast.albers.system):
        session = Session.objects.get(appointment=visit)
    assert (session.patient_id, session.duration_minutes, session.kind) == (visit.patient_id, 50, "Gespräch")
    shown = client.get(answers[0]["Location"]).content.decode()
    pad = re.search(r'name="pad" value="([^"]+)"', shown)
    assert pad
    sent = {"pad": pad[1], "based_on": "0", "shape": "free", "field": "Notiz", "text": f"{MARKER}\r\n"}
    saved = client.post(reverse("records:note", args=[session.pk]), sent)
    assert saved.status_code == 303
    assert MARKER in client.get(saved["Location"]).content.decode()
    with connection.cursor() as cursor, acting(cast.albers.system):
        cursor.execute("SELECT text FROM records_noteversion")
        ((sealed,),) = cursor.fetchall()
        reads = set(Entry.objects.filter(row_id=session.pk, operation="read").values_list("table_name", flat=True))
    assert MARKER.encode() not in bytes(sealed)
    assert {"records_session", "records_note"} <= reads


def page(client: Client, name: str, *arguments: object) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.req("DOC-1", "ACC-1", "ACC-6", "ACC-22")
def test_a_secretary_moves_date_and_price_and_cannot_see_that_there_is_a_note(cast: Cast) -> None:
    """The same session before and after something is written about it: every answer is the same."""
    session = treated(cast.albers)
    client = client_of(cast, "secretary")
    addresses = [
        reverse("records:sessions", args=[session.patient_id]),
        *(reverse(f"records:{name}", args=[session.pk]) for name in OF_A_SESSION),
    ]
    before = [client.get(one) for one in addresses]
    written(cast.albers, session)
    after = [client.get(one) for one in addresses]
    assert [one.status_code for one in after] == [200, 200, 200, 404, 404, 404, 405, 405, 405]
    assert [numbers(one.content) for one in before] == [numbers(one.content) for one in after]
    posted = [client.post(one, {"amendment": "x", "text": "x", "field": "x"}) for one in addresses[4:]]
    assert {one.status_code for one in posted} == {404, 405}
    facts = {"day": "2026-01-07", "initial-day": "", "duration_minutes": "45", "price_cents": "100,55", "kind": "x"}
    assert client.post(addresses[2], facts).status_code == 303
    with acting(cast.albers.system):
        changed = Session.objects.get(pk=session.pk)
    assert (changed.duration_minutes, changed.price_cents, changed.kind) == (45, 10055, "Einzeltherapie")
    assert changed.starts_at.astimezone(cast.albers.practice.zone).date().isoformat() == "2026-01-07"
    jana = cast.albers.actor("jana")
    with acting(jana), pytest.raises(NotAllowed):
        change_session(jana, session.pk, {"kind": "Gruppe"})
    with acting(jana), pytest.raises(NotFound):
        open_note(jana, session.pk)
    with acting(jana):
        assert visible_sessions(jana).count() == 1
        assert visible_notes(jana).count() == 0


OF_A_SESSION = ("session", "facts", "versions", "writers", "signature", "note", "draft", "amendments")


def sees(actor: Actor, session: Session) -> tuple[bool, bool]:
    """Whether somebody sees a session, and whether its note."""
    with acting(actor):
        return visible_sessions(actor).filter(pk=session.pk).exists(), visible_notes(actor).filter(
            pk=session.pk
        ).exists()


def in_area(actor: Actor, area: Area, member: UUID) -> Actor:
    """The same office with another access."""
    return replace(actor, granted=((area, frozenset({member})),))


@pytest.mark.req("DOC-1", "ACC-1", "ACC-4", "ACC-20", "ACC-22", "ACC-6")
def test_who_sees_a_session_and_who_its_note(cast: Cast) -> None:
    house, session = cast.albers, treated(cast.albers, "miriam")
    written(house, session, who="miriam")
    documenting = delegate(house, terms(house, "miriam", areas=[Area.DOCUMENTATION]))
    seen = {name: sees(house.actor(name), session) for name in ("miriam", "jonas", "jana")}
    assert seen == {"miriam": (True, True), "jonas": (False, False), "jana": (True, False)}
    assert sees(cast.brandt.actor("berta"), session) == (False, False)
    assert sees(documenting, session) == (True, True)
    assert sees(in_area(documenting, Area.DOCUMENTATION, house.members["jonas"].pk), session) == (False, False)
    expected = {Area.INVOICING: (True, False), Area.REPORTS: (True, True), Area.SCHEDULING: (False, False)}
    for area, told in expected.items():
        assert sees(in_area(documenting, area, house.members["miriam"].pk), session) == told
    with acting(house.actor("miriam")):
        share_patients(house.actor("miriam"), [session.patient_id], [house.members["jonas"].pk])
    assert sees(house.actor("jonas"), session) == (True, True)
    with acting(house.actor("jonas")), pytest.raises(NotAllowed):
        change_session(house.actor("jonas"), session.pk, {"kind": "x"})


@pytest.mark.req("DOC-1", "ACC-4")
def test_a_long_list_asks_no_more_than_a_short_one(cast: Cast) -> None:
    """Also of another's sessions, whose fields one sees by a share."""
    house, session = cast.albers, treated(cast.albers, "miriam")
    with acting(house.actor("miriam")):
        share_patients(house.actor("miriam"), [session.patient_id], [house.members["jonas"].pk])

    def statements() -> int:
        with acting(house.actor("jonas")), CaptureQueriesContext(connection) as asked:
            rows_of(house.actor("jonas"), list_sessions(house.actor("jonas"), session.patient))
        return len(asked)

    statements()  # plans are kept with the first
    one = statements()
    for days_ago in range(2, 8):
        session_of(house, session.patient_id, "miriam", days_ago=days_ago)
    assert statements() == one


@pytest.mark.own_database
@pytest.mark.req("DOC-1")
def test_an_appointment_has_one_session_however_many_ask_at_once(cast: Cast, own_database: Databases) -> None:
    visit, jonas = over(cast.albers), cast.albers.actor("jonas")

    def ask() -> UUID:
        with acting(jonas):
            return document_appointment(jonas, visit.pk).pk

    made = together(*[ask] * 4)
    assert len(set(made)) == 1


@pytest.mark.req("DOC-1")
def test_the_database_refuses_a_second_session(cast: Cast) -> None:
    session = documented(cast.albers)
    with acting(cast.albers.system), pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.create(
            practice_id=session.practice_id, patient_id=session.patient_id, practitioner_id=session.practitioner_id,
            appointment_id=session.appointment_id, starts_at=timezone.now(), duration_minutes=1,
        )  # fmt: skip


@pytest.mark.req("DOC-1", "ACC-1")
def test_what_is_not_documented(cast: Cast) -> None:
    """Before its day, cancelled, another's, or by somebody who treats nobody."""
    house = cast.albers
    later, gone, theirs = book(house, "09:00", who="jonas"), over_and_gone(cast), over(house, "miriam", last_name="M")
    jonas, jana = house.actor("jonas"), house.actor("jana")
    for actor, visit, error in (
        (jonas, later.pk, NotYet), (jonas, gone, NotDocumentable), (jonas, theirs.pk, NotFound),
        (jana, theirs.pk, NotAllowed), (jonas, new_id(), NotFound),
    ):  # fmt: skip
        with acting(actor), pytest.raises(error):
            document_appointment(actor, visit)


def over_and_gone(cast: Cast) -> UUID:
    visit = book(cast.albers, "11:00", who="jonas", last_name="Weg")
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, visit.pk)
        type(visit).objects.filter(pk=visit.pk).update(
            starts_at=timezone.now() - timedelta(days=1), ends_at=timezone.now() - timedelta(days=1)
        )
    return visit.pk


@pytest.mark.req("DOC-1", "ACC-1", "ACC-6")
@pytest.mark.parametrize(
    ("person", "entering", "documenting"),
    [
        ("administrator", 303, 303),
        ("practitioner", 303, 303),
        ("secretary", 403, 403),
        ("stranger", 404, 404),
        (DELEGATE, 404, 403),  # books for Jonas, and documents nothing
        ("anonymous", 302, 302),
    ],
)
def test_who_enters_sessions(cast: Cast, person: str, entering: int, documenting: int) -> None:
    visit, client = over(cast.albers), client_of(cast, person)
    sent = {
        "key": "k" * 24, "practitioner": str(cast.albers.members["jonas"].pk), "day": "2026-01-07", "clock": "9",
        "duration_minutes": "50", "price_cents": "100,55", "kind": "Einzel",
    }  # fmt: skip
    url = reverse("records:new_session", args=[visit.patient_id])
    assert client.post(url, sent).status_code == entering
    assert client.post(url, sent).status_code == entering  # the same form once more is the same session
    assert client.post(reverse("records:documentation", args=[visit.pk])).status_code == documenting
    with acting(cast.albers.system):
        made = sorted(Session.objects.values_list("price_cents", "appointment_id"), key=str)
    assert made == ([(10055, None), (None, visit.pk)] if entering == 303 else [])
