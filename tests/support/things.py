"""What addresses name: an own one, a colleague's, another practice's, and what never was, of each kind."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.messages.actions import mark_attempt, message_due
from sprechzeit.patients.actions import NewPatient, add_patient, share_patients
from sprechzeit.patients.models import ContactProposal
from sprechzeit.records.actions.report_templates import add_report_template
from sprechzeit.records.actions.templates import add_template
from sprechzeit.records.models import Session
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.hours import add_shift
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.absence import Away
from sprechzeit.video.actions.visits import cancel_visit, create_visit
from sprechzeit.video.models import Visit
from tests.support.cast import Cast, at, book
from tests.support.documents import filed
from tests.support.pusher import Pusher
from tests.support.reported import drafted, filed_as
from tests.support.treated import treated, written


@dataclass(frozen=True)
class Thing:
    """What an address names: whose calendar it stands in, whose patient it is about, or with whom shared."""

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


def members(cast: Cast) -> dict[str, Thing]:
    """Of both practices. What somebody may do about themselves, tests/practice/test_team.py tries."""
    return {
        "Miriam": Thing(str(cast.albers.members["miriam"].pk), "albers"),
        "other practice's": Thing(str(cast.brandt.members["berta"].pk), "brandt", "berta"),
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
    given = book(cast.albers, "11:00", who="miriam", first_name="Gi", email="gi@example.org")
    with acting(cast.albers.actor("miriam")):
        share_patients(cast.albers.actor("miriam"), [given.patient_id], [cast.albers.members["jonas"].pk])
    berta = book(cast.brandt, "11:00", first_name="Be", email="be@example.org")
    return {
        "in Jonas' calendar": Thing(str(jonas.pk), "albers", "jonas", "jonas"),
        "in Miriam's calendar": Thing(str(miriam.pk), "albers", "miriam", "miriam"),
        "Jonas' patient with Miriam": Thing(str(lent.pk), "albers", "miriam", "jonas"),
        "shared with Jonas": Thing(str(given.pk), "albers", "miriam", "jonas"),
        "of the other practice": Thing(str(berta.pk), "brandt", "berta", "berta"),
    } | NOTHING


def records(cast: Cast) -> dict[str, Thing]:
    """A record for each relation somebody may have to one; with whom it is shared, those change it too (ACC-4)."""
    found = {}
    owners = (("Jonas'", "albers", "jonas"), ("Miriam's", "albers", "miriam"), ("the other's", "brandt", "berta"))
    for key, name, who in owners:
        house = getattr(cast, name)
        with acting(house.system):
            made = add_patient(house.system, NewPatient("Re", who), belongs_to=house.members[who].pk)
        found[key] = Thing(str(made.pk), name, who, who)
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        given = add_patient(miriam, NewPatient("Re", "Gegeben"), belongs_to=miriam.identity)
        share_patients(miriam, [given.pk], [cast.albers.members["jonas"].pk])
    return found | {"shared with Jonas": Thing(str(given.pk), "albers", "jonas", "jonas")} | NOTHING


def failed_messages(cast: Cast) -> dict[str, Thing]:
    """A message that could not be delivered, about each appointment."""
    found = {}
    for key, thing in appointments(cast).items():
        if thing.house:
            house = getattr(cast, thing.house)
            with acting(house.system):
                message = message_due(house.system, get_appointment(house.system, UUID(thing.id)), "booked")
                mark_attempt(house.system, message, "OSError", final=True)
            found[key] = replace(thing, id=str(message.pk))
    return found | NOTHING


def proposals(cast: Cast) -> dict[str, Thing]:
    """Another e-mail address for a patient of each practitioner."""
    found = {}
    for name, who in (("albers", "jonas"), ("albers", "miriam"), ("brandt", "berta")):
        house = getattr(cast, name)
        for clock, email in (("14:00", "first@example.org"), ("15:00", "second@example.org")):
            book(house, clock, who=who, first_name=who, email=email)
        with acting(house.system):
            proposal = ContactProposal.objects.get(patient__first_name=who)
        found[who] = Thing(str(proposal.pk), name, who, who)
    return found | NOTHING


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


def patients(cast: Cast) -> dict[str, Thing]:
    """A record of each practitioner, and one that is shared."""
    return {
        key: replace(thing, id=str(session.patient_id)) for key, (session, thing) in _treated(cast).items()
    } | NOTHING


def sessions(cast: Cast) -> dict[str, Thing]:
    """A session of each of them, with a note."""
    return {key: thing for key, (_session, thing) in _treated(cast).items()} | NOTHING


def _treated(cast: Cast) -> dict[str, tuple[Session, Thing]]:
    found = {}
    for key, name, who, shared in (
        ("Jonas'", "albers", "jonas", ""),
        ("Miriam's", "albers", "miriam", ""),
        ("Miriam's, shared", "albers", "miriam", "jonas"),
        ("of the other practice", "brandt", "berta", ""),
    ):
        house = getattr(cast, name)
        session = treated(house, who, last_name=f"Sommer {key}")
        written(house, session, who=who)
        if shared:
            with acting(house.actor(who)):
                share_patients(house.actor(who), [session.patient_id], [house.members[shared].pk])
        found[key] = (session, Thing(str(session.pk), name, who, shared or who))
    return found


def documents(cast: Cast) -> dict[str, Thing]:
    """A picture in each of their records."""
    return {
        key: replace(thing, id=str(filed(getattr(cast, thing.house), session.patient_id, thing.calendar).pk))
        for key, (session, thing) in _treated(cast).items()
    } | NOTHING


WHOSE_TEMPLATES = (
    ("Jonas'", "albers", "jonas", False),
    ("Miriam's", "albers", "miriam", False),
    ("Miriam's, for everyone", "albers", "miriam", True),
    ("of the other practice", "brandt", "berta", True),
)


def note_templates(cast: Cast) -> dict[str, Thing]:
    """A template of each practitioner, and one that is open to everyone."""
    found = NOTHING.copy()
    for key, name, who, everyones in WHOSE_TEMPLATES:
        actor = getattr(cast, name).actor(who)
        with acting(actor):
            made = add_template(actor, new_id(), f"Vorlage {key}", ["Feld"], for_everyone=everyones)
        found[key] = Thing(str(made.pk), name, who, "jonas" if everyones and name == "albers" else who)
    return found


def report_templates(cast: Cast) -> dict[str, Thing]:
    """The same of reports."""
    found = NOTHING.copy()
    for key, name, who, everyones in WHOSE_TEMPLATES:
        actor = getattr(cast, name).actor(who)
        with acting(actor):
            made = add_report_template(actor, new_id(), f"Vorlage {key}", "Text", for_everyone=everyones)
        found[key] = Thing(str(made.pk), name, who, "jonas" if everyones and name == "albers" else who)
    return found


def reports(cast: Cast) -> dict[str, Thing]:
    """A filed report of each treatment."""
    found = NOTHING.copy()
    for key, (session, thing) in _treated(cast).items():
        house = getattr(cast, thing.house)
        report = drafted(house, session.patient_id, thing.calendar)
        with acting(house.system):
            filed_as(house, report, b"%PDF-1.7")
        found[key] = replace(thing, id=str(report.pk))
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


def pushed(cast: Cast) -> dict[str, Thing]:
    """The block of an appointment that was pushed, in each calendar."""
    found = NOTHING.copy()
    for name, house in (("albers", cast.albers), ("brandt", cast.brandt)):
        pusher = Pusher(house)
        for who in house.calendars:
            made = pushed_by(pusher, f"ref-{who}", at("17:00"), who=who)
            found[f"{name} {who}"] = Thing(str(made.block_id), name, who)
    return found


def pushed_by(
    pusher: Pusher, reference: str, starts_at: datetime, *, who: str = "", cancelled: bool = False, **facts: Any
) -> Visit:
    """An appointment of a booking system's, as it stands here; perhaps cancelled again."""
    with acting(pusher.actor):
        made = create_visit(pusher.actor, reference, pusher.push(starts_at, who=who, **facts))
        return cancel_visit(pusher.actor, reference) if cancelled else made
