"""A database as the version before roles, sharing and the sealed log left it: its schema, and practices in it.

Rows are written by the models as the migrations had them then, and logged by the trigger of then.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sprechzeit.access.actor import Actor, ActorKind, system
from sprechzeit.access.table import Role
from sprechzeit.core import crypto
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.matching import email_key, name_key
from sprechzeit.scheduling.actions.book import manage_token
from tests.support.cast import PASSWORD, WEEK, at, monday

BEFORE = [
    ("core", "0002_taken_in_spaces"),
    ("accounts", "0001_initial"),
    ("audit", "0001_initial"),
    ("practice", "0004_online_booking_settings"),
    ("patients", "0004_made_online"),
    ("scheduling", "0010_typed_names"),
    ("messages_room", "0003_new_booking"),
]
OURS = {app for app, _number in BEFORE}
LOG = Path(__file__).parent / "log_before_subjects.sql"


@dataclass
class OldPractice:
    """What was made of a practice: the ids by name, and the secret of each appointment's link."""

    id: UUID
    slug: str
    members: dict[str, UUID] = field(default_factory=dict)
    calendars: dict[str, UUID] = field(default_factory=dict)
    patients: dict[str, UUID] = field(default_factory=dict)
    appointments: dict[str, UUID] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def actor(self, name: str, role: Role) -> Actor:
        """One of the people."""
        return Actor(ActorKind.MEMBER, (self.id,), role, self.members[name])


def schema_before() -> Any:
    """Bring an empty database, as its owner, to where that version had it; the models of then."""
    executor = MigrationExecutor(connection)
    leaves = [key for key in executor.loader.graph.leaf_nodes() if key[0] not in OURS]
    # What does not stand on a later migration of ours.
    ours = {(app, name) for app, name in executor.loader.graph.nodes if app in OURS}
    later = ours - {key for target in BEFORE for key in executor.loader.graph.forwards_plan(target)}
    targets = BEFORE + [key for key in leaves if not later & set(executor.loader.graph.forwards_plan(key))]
    executor.migrate(targets)
    with connection.cursor() as cursor:
        cursor.execute(LOG.read_text())
    return executor.loader.project_state(targets).apps


def schema_now() -> None:
    """And on to the newest, whatever that is."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


class Filler:
    """Writes one practice's rows."""

    def __init__(self, models: Any, slug: str) -> None:
        self.models = models
        self.made = OldPractice(new_id(), slug)

    def add(self, model: str, **facts: Any) -> Any:
        """A row of the practice."""
        app, name = model.split(".")
        rows = self.models.get_model(app, name)._default_manager
        return rows.create(id=facts.pop("id", None) or new_id(), practice_id=self.made.id, **facts)

    def found(self, name: str, people: list[tuple[str, str, Role]], *, location: str = "practice") -> None:
        """The practice with its people, each with a calendar but the secretaries; two rooms, one type, hours."""
        self.models.get_model("practice", "Practice")._default_manager.create(
            id=self.made.id, name=name, slug=self.made.slug, phone="0221 555 0100", region=""
        )
        key = crypto.DataKey(new_id(), bytes(range(32)))
        self.add("practice.DataKey", id=key.id, wrapped=crypto.wrap(key))
        self.rooms = [self.room(f"Raum {number}", number) for number in (1, 2)]
        facts = {"duration": 50, "buffer_after": 10, "grid": 30, "location": location}
        self.kind = self.add("scheduling.AppointmentType", name="Gespräch", **facts)
        for number, (who, full_name, role) in enumerate(people):
            self.member(who, full_name, role, number)

    def room(self, name: str, position: int) -> Any:
        space = self.models.get_model("practice", "Space")._default_manager.create(id=new_id())
        return self.add("practice.Room", name=name, position=position, space=space)

    def member(self, who: str, full_name: str, role: Role, number: int) -> None:
        email = f"{who}@{self.made.slug}.example.org"
        user = self.models.get_model("accounts", "User")._default_manager.create(
            id=new_id(), email=email, name=full_name, password=make_password(PASSWORD), language="de"
        )
        addresses = self.models.get_model("account", "EmailAddress")._default_manager
        addresses.create(user_id=user.pk, email=email, verified=True, primary=True)
        initials = "".join(part[0] for part in full_name.split())
        facts = {"name": full_name, "initials": initials, "account_number": 100 + number}
        member = self.add("practice.Member", user=user, role=str(role), **facts)
        self.made.members[who] = member.pk
        if role is Role.SECRETARY:
            return
        calendar = self.add("scheduling.Calendar", name=full_name, initials=initials, member=member, position=number)
        self.made.calendars[who] = calendar.pk
        for weekday, starts, ends in WEEK:
            self.add("scheduling.WorkingHours", calendar=calendar, weekday=weekday, starts=starts, ends=ends)
        offering = self.add("scheduling.Offering", calendar=calendar, type=self.kind)
        for position, room in enumerate(self.rooms):
            self.add("scheduling.OfferingRoom", offering=offering, room=room, position=position)

    def visit(self, who: str, clock: str, last_name: str, *, room: int = 0, cancelled: str = "") -> None:
        """An online booking with its link and its confirmation, which was sent."""
        patient = self.patient(who, last_name)
        starts_at = at(clock, monday(2))
        occupancy = self.occupancy(who, starts_at, room, active=not cancelled)
        facts = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=50), "told_starts_at": starts_at}
        appointment = self.add(
            "scheduling.Appointment", occupancy=occupancy, calendar_id=self.made.calendars[who],
            room=self.rooms[room], type=self.kind, patient=patient, source="online", email=f"{last_name}@example.org",
            remark=f"Bemerkung {last_name}", **facts,
        )  # fmt: skip
        token = manage_token(appointment.pk)
        self.add("scheduling.AppointmentLink", appointment=appointment, token_hash=crypto.token_hash(token))
        self.add(
            "messages_room.Message", appointment=appointment, kind="booked", address=appointment.email,
            subject="Ihr Termin", sent_at=starts_at,
        )  # fmt: skip
        if cancelled:
            by = f"member:{self.made.members[who]}"
            self.add("scheduling.Cancellation", appointment=appointment, reason=cancelled, cancelled_by=by)
        self.made.appointments[last_name], self.made.links[last_name] = appointment.pk, token

    def patient(self, who: str, last_name: str) -> Any:
        keys = {"first_key": name_key("Vera"), "last_key": name_key(last_name)}
        patient = self.add(
            "patients.Patient", first_name="Vera", last_name=last_name, date_of_birth=date(1980, 1, 2),
            created_by_id=self.made.members[who], **keys,
        )  # fmt: skip
        value = f"{last_name}@example.org"
        self.add("patients.ContactPoint", patient=patient, kind="email", value=value, key=email_key(value))
        self.made.patients[last_name] = patient.pk
        return patient

    def occupancy(self, who: str, starts_at: datetime, room: int, *, active: bool) -> Any:
        return self.add(
            "scheduling.Occupancy", calendar_id=self.made.calendars[who], space_id=self.rooms[room].space_id,
            starts_at=starts_at, ends_at=starts_at + timedelta(minutes=60), kind="appointment", active=active,
        )  # fmt: skip


def old_practices(models: Any) -> tuple[OldPractice, OldPractice]:
    """Albers with three people, and Brandt, by video; Jonas' patient moved, Miriam's second one cancelled."""
    albers, brandt = Filler(models, "albers"), Filler(models, "brandt")
    people = [
        ("miriam", "Miriam Albers", Role.ADMINISTRATOR),
        ("jonas", "Jonas Petersen", Role.PRACTITIONER),
        ("jana", "Jana Albrecht", Role.SECRETARY),
    ]
    with acting(system(albers.made.id)):
        albers.found("Praxis Albers", people)
        albers.visit("jonas", "09:00", "Jonaspatient")
        albers.visit("miriam", "09:00", "Miriampatient", room=1)
        albers.visit("miriam", "11:00", "Abgesagt", cancelled="krank")
    with acting(albers.made.actor("jonas", Role.PRACTITIONER)):
        albers.models.get_model("scheduling", "Appointment")._default_manager.filter(
            pk=albers.made.appointments["Jonaspatient"]
        ).update(remark="Geändert")
    with acting(system(brandt.made.id)):
        brandt.found("Praxis Brandt", [("berta", "Berta Brandt", Role.ADMINISTRATOR)], location="video")
        brandt.visit("berta", "09:00", "Fremd")
        brandt.kind.location = "video"
        brandt.kind.save(update_fields=["location"])
    return albers.made, brandt.made
