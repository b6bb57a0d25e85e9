"""The work list of new bookings: what nobody in the practice has seen or decided yet (BOO-12, PAT-11, PAT-14)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.rows import count_each
from sprechzeit.patients.likeness import Likeness, Person, likeness, mistyped
from sprechzeit.patients.models import ContactPoint, ContactProposal, Patient
from sprechzeit.patients.policy import visible_patients, visible_proposals
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import visible_calendars, visible_new_bookings

SHOWN = 100
LOOKED_THROUGH = 2_000


@dataclass(frozen=True, slots=True)
class Proposed:
    """A contact point that a booking gave. `former`: what the record has of its kind."""

    proposal: ContactProposal
    former: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """A new patient's booking, and an older record that may be the same person's."""

    booking: Appointment
    other: Patient
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class WorkList:
    """Each booking stands in exactly one of `alike`, `new`, `known`.

    `bookings_in_all`, `proposed_in_all`: how many there are, of which the latest are here; `since`: when the oldest of
    all came.
    """

    alike: Sequence[Alike]
    proposed: Sequence[Proposed]
    new: Sequence[Appointment]
    known: Sequence[Appointment]
    bookings_in_all: int
    proposed_in_all: int
    since: datetime | None

    @property
    def total(self) -> int:
        """How much there is."""
        return self.bookings_in_all + self.proposed_in_all

    @property
    def bookings(self) -> list[Appointment]:
        """All bookings that it shows."""
        alike = {one.booking.pk: one.booking for one in self.alike}
        return [*alike.values(), *self.new, *self.known]

    def __len__(self) -> int:
        return len(self.bookings) + len(self.proposed)


def unseen_bookings(actor: Actor) -> QuerySet[Appointment]:
    """Which new bookings nobody has seen, to be counted no further than it is said."""
    return visible_new_bookings(actor).filter(seen_at=None).only("pk")[: SHOWN + 1]


def open_proposals(actor: Actor) -> QuerySet[ContactProposal]:
    """Which proposed contact points nobody has decided on, likewise."""
    return visible_proposals(actor).filter(decided_at=None).only("pk")[: SHOWN + 1]


def work_count(actor: Actor) -> int:
    """How much there is to look at."""
    return sum(count_each(actor, unseen_bookings, open_proposals))


def work_list(actor: Actor, *, mine: bool = False) -> WorkList:
    """What is new, the latest first; the first hundred of each kind. What it likens are records that the actor sees.

    `mine`: in the actor's own calendars, and of the patients that belong to them.
    """
    bookings, proposals = visible_new_bookings(actor).filter(seen_at=None), visible_proposals(actor)
    if mine:
        bookings = bookings.filter(calendar__member_id=actor.identity)
        proposals = proposals.filter(patient__created_by_id=actor.id)
    open_ones = proposals.filter(decided_at=None)
    unseen = list(_told(bookings).order_by("-created_at")[:SHOWN])
    made = [one for one in unseen if one.made_patient]  # type: ignore[attr-defined]  # an annotation
    alike = _alike(actor, made)
    likened = {one.booking.pk for one in alike}
    booked = bookings.aggregate(count=Count("pk"), since=Min("created_at"))
    proposed = open_ones.aggregate(count=Count("pk"), since=Min("proposed_at"))
    return WorkList(
        alike=alike,
        proposed=_proposed(actor, open_ones),
        new=[one for one in made if one.pk not in likened],
        known=[one for one in unseen if not one.made_patient],  # type: ignore[attr-defined]
        bookings_in_all=booked["count"],
        proposed_in_all=proposed["count"],
        since=min((one["since"] for one in (booked, proposed) if one["since"]), default=None),
    )


def has_own_and_others(actor: Actor) -> bool:
    """Whether the actor has a calendar, and new bookings of other calendars on the list too."""
    own = visible_calendars(actor).filter(member_id=actor.identity)
    return actor.reach(Data.APPOINTMENTS, Use.WRITE) is Reach.ALL and own.exists()


def seen_bookings(actor: Actor, limit: int = 30, *, mine: bool = False) -> list[Appointment]:
    """What was seen last, and by whom. `mine`: in the actor's own calendars."""
    seen = visible_new_bookings(actor).exclude(seen_at=None)
    if mine:
        seen = seen.filter(calendar__member_id=actor.identity)
    return list(_told(seen).order_by("-seen_at", "-created_at")[:limit])


def _told(bookings: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """With all that the list says of a booking, and whether it made its patient's record."""
    earlier = Appointment.objects.filter(
        practice_id=OuterRef("practice_id"), patient_id=OuterRef("patient_id"), created_at__lt=OuterRef("created_at")
    )
    made = Q(patient__made_online=True) & ~Q(Exists(earlier))
    facts = bookings.select_related("patient", "type", "calendar", "booker", "partner")
    facts = facts.prefetch_related("patient__contact_points")
    return facts.annotate(made_patient=made)


def _proposed(actor: Actor, open_ones: QuerySet[ContactProposal]) -> list[Proposed]:
    proposals = list(open_ones.select_related("patient").order_by("-proposed_at")[:SHOWN])
    points = ContactPoint.objects.filter(
        practice_id__in=actor.practices, patient__in={one.patient_id for one in proposals}
    )
    of: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    for point in points.order_by("id"):
        of[point.patient_id, point.kind].append(point.value)
    return [Proposed(one, tuple(of[one.patient_id, one.kind])) for one in proposals]


# --- Likely duplicates ----------------------------------------------------------------------------------------------


def _alike(actor: Actor, bookings: Sequence[Appointment]) -> list[Alike]:
    if not bookings:
        return []
    others = [(other, _person(other)) for other in _candidates(actor, [_person(one.patient) for one in bookings])]
    found = []
    for booking in bookings:
        new, since = _person(booking.patient), (booking.patient.created_at, booking.patient_id)
        for other, older in others:
            # Of two new records each is the other's double: the later one says so.
            if (other.created_at, other.pk) < since and (why := likeness(new, older)):
                found.append(Alike(booking, other, why))
    return found


def _candidates(actor: Actor, people: Sequence[Person]) -> list[Patient]:
    """Records that have something in common with one of these, by what an index answers; archived ones too.

    Where there are too many, the latest: a double is mostly made soon after the record that it doubles.
    """
    born = {day for one in people for day in ({one.born_on} | mistyped(one.born_on)) if day}
    contacts = {key for one in people for key in one.contact_keys}
    names = {name for one in people for name in (one.last_key, one.first_key)}
    ways = (
        Q(date_of_birth__in=born),
        Q(date_of_birth=None, last_key__in=names),
        Q(pk__in=_with_contact(actor, contacts)),
    )
    visible = visible_patients(actor.by_role()).prefetch_related("contact_points").order_by("-created_at", "-pk")
    found = {one.pk: one for way in ways for one in visible.filter(way)[:LOOKED_THROUGH]}
    return list(found.values())


def _with_contact(actor: Actor, keys: Iterable[str]) -> list[UUID]:
    points = ContactPoint.objects.filter(practice_id__in=actor.practices, key__in=list(keys))
    return list(points.order_by("-patient_id").values_list("patient_id", flat=True)[:LOOKED_THROUGH])


def _person(patient: Patient) -> Person:
    keys = frozenset(point.key for point in patient.contact_points.all())
    return Person(patient.first_key, patient.last_key, patient.date_of_birth, keys)
