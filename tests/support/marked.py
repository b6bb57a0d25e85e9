"""Books in which every value is a word of its own: who sees what can be read off whatever the program answers."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.utils import timezone

from sprechzeit.community.actions import renew_code
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.messages.actions import mark_attempt, message_due
from sprechzeit.patients.actions import NewPatient, add_patient, share_patients
from sprechzeit.patients.models import ContactProposal
from sprechzeit.records.actions.notes import Typed, write_note
from sprechzeit.records.content import Content, Field
from sprechzeit.records.files import new_secret
from sprechzeit.records.models import Document, NoteTemplate, Report, ReportTemplate, Session
from sprechzeit.records.report_text import Letter
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.absence import Away
from sprechzeit.video.actions.messages import mark_visit_attempt, visit_message_due
from tests.support.cast import Cast, House, at, book, hold, monday
from tests.support.communities import Together, code_of, sharing
from tests.support.pusher import Pusher
from tests.support.reported import filed_as
from tests.support.scene import change
from tests.support.things import pushed_by

BORN = date(1985, 3, 24)


@dataclass(frozen=True)
class Mark:
    """A word that stands in one place of the books alone: what kind of value it is, and whose.

    `house`: who may read it; of 'neighbour' who is told of the other practice, as of nothing else of it (COM-3).
    `calendar`: whose it stands in. `patient_of`: who sees the record it is of. `by_link`: a part of the appointment
    of which somebody holds the link.
    """

    kind: str
    word: str
    house: str
    calendar: str = ""
    patient_of: frozenset[str] = frozenset()
    by_link: bool = False


@dataclass
class Books:
    """Both practices' books: the marks, and the ids by which addresses name what they stand in."""

    day: date
    community: Together = field(init=False)
    marks: list[Mark] = field(default_factory=list)
    appointments: dict[str, Appointment] = field(default_factory=dict)
    patients: dict[str, UUID] = field(default_factory=dict)
    blocks: dict[str, UUID] = field(default_factory=dict)
    pushed: dict[str, UUID] = field(default_factory=dict)
    absences: dict[str, UUID] = field(default_factory=dict)
    sessions: dict[str, UUID] = field(default_factory=dict)
    templates: dict[str, UUID] = field(default_factory=dict)
    documents: dict[str, UUID] = field(default_factory=dict)
    reports: dict[str, UUID] = field(default_factory=dict)
    starts: dict[str, UUID] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The patients' names, to search for."""
        return [mark.word for mark in self.marks if mark.kind == "name"]


# Appointment: the practice, in whose calendar, whose patient, when; at the second time another one, cancelled.
VISITS = {
    "jj": ("albers", "jonas", "jonas", "09:00", "11:00"),
    "jm": ("albers", "miriam", "jonas", "10:00", "14:00"),
    "mm": ("albers", "miriam", "miriam", "09:00", "11:00"),
    "mj": ("albers", "jonas", "miriam", "10:00", "14:00"),
    "gm": ("albers", "miriam", "miriam", "08:00", "15:00"),
    "bb": ("brandt", "berta", "berta", "13:00", "11:00"),
}
# When blocks begin, and visitors' holds: all in the room that both practices share, so never two at once.
BLOCKS = {"jonas": "17:00", "miriam": "16:00", "berta": "16:30"}
HOLDS = {"albers": "14:00", "brandt": "15:00"}
LINKED = "jj"
SHARED = {"gm": "jonas", "mm": "jana"}  # with whom the record is shared


def marked_books(cast: Cast) -> Books:
    """Everything there is today, once in each relation that somebody may have to it."""
    books, numbers = Books(monday(2)), count()
    for key, (name, calendar, owner, clock, later) in VISITS.items():
        visit(books, name, getattr(cast, name), (key, calendar, owner), (clock, later), next(numbers))
    for name in ("albers", "brandt"):
        furniture(books, name, getattr(cast, name))
        for who in getattr(cast, name).calendars:
            entries(books, name, getattr(cast, name), who)
        for who in getattr(cast, name).members:
            template(books, name, getattr(cast, name), who)
    community(books, cast)
    return books


def community(books: Books, cast: Cast) -> None:
    """The room in which most of it stands becomes one that both share; a visitor of each holds a time there."""
    books.community = sharing(cast, name="Gemeinhaus", room="Gemeinraum")
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        renew_code(miriam, books.community.id)
    for name, other in (("albers", cast.brandt), ("brandt", cast.albers)):
        house = getattr(cast, name)
        kept = hold(house, HOLDS[name], day=books.day)
        with acting(house.system):
            occupancy = kept.occupancy
            house.rooms["own"].refresh_from_db()
            assert occupancy.space_id == house.rooms["own"].space_id
        # The books outlive a hold: they are made once for all tests.
        change(house.system, occupancy, expires_at=timezone.now() + timedelta(days=1))
        books.marks += [
            Mark("neighbour", other.practice.name, name),
            Mark("community", "Gemeinhaus", name),
            Mark("space", "Gemeinraum", name),
        ]
    books.marks.append(Mark("code", code_of(cast.albers, books.community.id), "albers"))


def furniture(books: Books, name: str, house: House) -> None:
    """Names of what everybody in the practice sees."""
    letter = name[0]
    books.marks += [
        Mark("practice", house.practice.name, name, by_link=True),
        Mark("room", f"Zimmer{letter}o", name, by_link=True),
        Mark("type", f"Leistung{letter}", name, by_link=True),
    ]
    change(house.system, house.rooms["own"], name=f"Zimmer{letter}o")
    change(house.system, house.types["talk"], name=f"Leistung{letter}")
    with acting(house.system):
        closed = Away(None, at("08:00", books.day), at("12:00", books.day), all_day=False, reason=f"Schluss{letter}")
        books.absences[name] = enter_absence(house.system, closed).absence.pk
    books.marks.append(Mark("absence", f"Schluss{letter}", name))


def template(books: Books, name: str, house: House, who: str) -> None:
    """Templates of notes and of reports that somebody made; the secretary's are of when she treated."""
    with acting(house.system):
        made = NoteTemplate.objects.create(
            practice_id=house.practice.pk, name=f"Vorlage{who}", fields=["Feld"], created_by=house.members[who]
        )
        start = ReportTemplate.objects.create(
            practice_id=house.practice.pk, name=f"Briefvorlage{who}", body="Text", created_by=house.members[who]
        )
    books.templates[who], books.starts[who] = made.pk, start.pk
    books.marks += [Mark("template", made.name, name, who), Mark("start", start.name, name, who)]


def entries(books: Books, name: str, house: House, who: str) -> None:
    """What stands in somebody's calendar besides appointments."""
    calendar, day = house.calendars[who], books.day
    change(house.system, calendar, name=f"Spalte{who}")
    with acting(house.system):
        begin = at(BLOCKS[who], day)
        place = Place(calendar, begin, begin + timedelta(minutes=30), room=house.rooms["own"])
        books.blocks[who] = add_block(house.system, place, f"Sperre{who}", key=str(new_id())).pk
        off = Away(calendar.pk, at("08:00", day), at("14:00", day), all_day=False, reason=f"Urlaub{who}")
        books.absences[who] = enter_absence(house.system, off).absence.pk
    pusher = Pusher(house, f"Portal {who}")
    guest: dict[str, Any] = {"first_name": f"Gast{who}", "last_name": "", "email": f"gast-{who}@example.org"}
    visit = pushed_by(pusher, who, at("18:00", day), who=who, **guest)
    books.blocks[f"{who} pushed"] = books.pushed[who] = visit.block_id
    with acting(house.system):
        message = visit_message_due(house.system, visit.block_id)
        assert message
        mark_visit_attempt(house.system, message, "OSError", final=True)
    books.marks += [
        Mark("guest", guest["first_name"], name, who),
        Mark("contact", guest["email"], name, who),
        Mark("calendar", f"Spalte{who}", name, who, by_link=VISITS[LINKED][1] == who),
        Mark("block", f"Sperre{who}", name, who),
        Mark("absence", f"Urlaub{who}", name, who),
    ]


def visit(
    books: Books, name: str, house: House, whose: tuple[str, str, str], clocks: tuple[str, str], number: int
) -> None:
    """A patient, their appointment, a cancelled one, a message that did not arrive and another address.

    That the appointment was cancelled for a while, and why, stands in its history alone.
    """
    key, calendar, owner = whose
    words = {
        "name": f"Zuname{key}", "mail": f"post-{key}@example.org", "phone": f"0171 55500{number}7",
        "remark": f"Bemerkung{key}", "reason": f"Absage{key}", "former": f"Irrtum{key}",
        "proposal": f"neu-{key}@example.org",
    }  # fmt: skip
    person = NewPatient("Vor", words["name"], BORN, words["phone"], words["mail"])
    with acting(house.system):
        patient = add_patient(house.system, person, belongs_to=house.members[owner].pk)
        ContactProposal.objects.create(
            practice_id=house.practice.pk, patient=patient, kind="email", value=words["proposal"],
            key=words["proposal"],
        )  # fmt: skip
    known: dict[str, Any] = {
        "first_name": "Vor",
        "last_name": words["name"],
        "email": words["mail"],
        "date_of_birth": BORN,
    }
    made, gone = (book(house, clock, who=calendar, day=books.day, **known) for clock in clocks)
    assert {made.patient_id, gone.patient_id} == {patient.pk}
    change(house.system, made, remark=words["remark"])
    by = house.actor("jana" if "jana" in house.members else owner)
    with acting(by):
        cancel_appointment(by, gone.pk, reason=words["reason"])
        cancel_appointment(by, made.pk, reason=words["former"])
        undo(by)
    with acting(house.system):
        made = get_appointment(house.system, made.pk)
        mark_attempt(house.system, message_due(house.system, made, "booked"), "OSError", final=True)
    books.appointments |= {key: made, f"{key} gone": gone}
    books.patients[key] = patient.pk
    if key in SHARED:
        giver = house.actor(owner)
        with acting(giver):
            share_patients(giver, [patient.pk], [house.members[SHARED[key]].pk])
    owners, linked = frozenset({owner, SHARED.get(key, owner)}), key == LINKED
    books.marks += [Mark(kind, word, name, calendar, owners, linked) for kind, word in words.items()]
    paper(books, name, house, key, owner)
    treatment(books, name, house, (key, calendar, owner), number)
    if key == "mm":  # who treats nobody any more, and is a secretary now
        treatment(books, name, house, (f"{key}j", "jana", owner), number + len(VISITS))


def paper(books: Books, name: str, house: House, key: str, owner: str) -> None:
    """A document in a patient's record; its file was never there: what it is called stands in the row."""
    with acting(house.system):
        document = Document(
            practice_id=house.practice.pk, patient_id=books.patients[key], dated_on=books.day, media_type="image/png",
            size_bytes=1, pages=1, preview=False, added_by=house.actor(owner).name,
        )  # fmt: skip
        document.title, document.remark, document.secret = f"Scan{key}", "", new_secret()
        document.save()
    books.documents[key] = document.pk
    books.marks.append(Mark("document", f"Scan{key}", name, "", frozenset({owner, SHARED.get(key, owner)})))


def treatment(books: Books, name: str, house: House, whose: tuple[str, str, str], number: int) -> None:
    """A session of a patient with somebody, what they wrote about it, and a report that they filed."""
    key, who, owner = whose
    patient = books.patients.get(key) or books.patients[key[:2]]
    euros = 700 + number
    words = {"treatment": f"Behandlung{key}", "price": f"{euros},37", "note": f"Befund{key}", "report": f"Brief{key}"}
    with acting(house.system):
        session = Session.objects.create(
            practice_id=house.practice.pk, patient_id=patient, practitioner_id=house.members[who].pk,
            starts_at=timezone.now() - timedelta(days=1), duration_minutes=50, kind=words["treatment"],
            price_cents=euros * 100 + 37,
        )  # fmt: skip
        note = Content("free", (Field("Notiz", words["note"]),))
        write_note(house.system, session.pk, Typed(note, pad=new_id()))
        report = Report(
            practice_id=house.practice.pk, patient_id=patient, practitioner_id=house.members[who].pk, language="de",
            pad=new_id(), begun_by=house.system.name, kept_by=house.system.name, kept_at=timezone.now(),
        )  # fmt: skip
        report.content = Letter(words["report"], (), words["report"]).as_json()
        report.save(force_insert=True)
        filed_as(house, report, words["report"].encode())
    books.sessions[key], books.reports[key] = session.pk, report.pk
    owners = frozenset({owner, SHARED.get(key, owner)})
    books.marks += [Mark(kind, word, name, who, owners) for kind, word in words.items()]
