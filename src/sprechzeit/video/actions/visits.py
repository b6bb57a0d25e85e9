"""What a booking system pushes: an appointment by video is booked, changed and cancelled by it alone (VID-1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.pushed import end_pushed, enter_pushed, move_pushed
from sprechzeit.scheduling.events import PushedChanged
from sprechzeit.scheduling.models import Calendar
from sprechzeit.video.errors import PushCancelled, ReferenceTaken, UnknownPractitioner
from sprechzeit.video.models import Visit
from sprechzeit.video.policy import get_visit, visible_visits
from sprechzeit.video.queries.visits import Practitioner, practitioners


@dataclass(frozen=True, slots=True)
class Push:
    """What it tells of an appointment (PUSH-6). `practitioner`: a user id; `starts_at`: aware."""

    practitioner: str
    starts_at: datetime
    minutes: int
    first_name: str
    email: str
    last_name: str = ""
    mobile: str = ""

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def title(self) -> str:
        """How it stands in the book."""
        return f"{self.first_name} {self.last_name}".strip()


@action
def create_visit(actor: Actor, reference: str, push: Push) -> Visit:
    """Book it with the practitioner, over whatever has the time there (PUSH-10); link and TAN are made with it.

    Raises `NotAllowed`, `UnknownPractitioner`, `ReferenceTaken`.
    """
    require(actor.kind is ActorKind.VIDEO, NotAllowed)
    whom = _practitioner(actor, push)
    block = enter_pushed(actor, Place(whom.calendar, push.starts_at, push.ends_at), push.title)
    with refused_by("visit_reference_once", ReferenceTaken):
        visit = Visit.objects.create(
            practice_id=actor.practice_id,
            block=block,
            member=whom.member,
            token_id=actor.identity,
            reference=reference,
            first_name=push.first_name,
            last_name=push.last_name,
            email=push.email,
            mobile=push.mobile,
        )
    publish(PushedChanged(actor.practice_id, block.pk))
    return get_visit(actor, visit.pk)


@action
def change_visit(actor: Actor, reference: str, push: Push) -> Visit:
    """As the booking system has it now: another time, length, practitioner or name. Link and TAN stay (VID-4).

    What staff did to it here is undone by that: the booking system leads. Raises `NotAllowed`, `NotFound`,
    `UnknownPractitioner`, `PushCancelled`, `ChangedMeanwhile`.
    """
    visit = _own(actor, reference)
    require(visit.cancelled_at is None, PushCancelled)
    whom = _practitioner(actor, push)
    calendar = _calendar(visit, whom)
    move_pushed(actor, visit.block_id, Place(calendar, push.starts_at, push.ends_at), push.title)
    visit.member, visit.email, visit.mobile = whom.member, push.email, push.mobile
    visit.first_name, visit.last_name = push.first_name, push.last_name
    visit.sequence, visit.changed_at = visit.sequence + 1, timezone.now()
    visit.save(update_fields=["member", "email", "mobile", "first_name", "last_name", "sequence", "changed_at"])
    publish(PushedChanged(actor.practice_id, visit.block_id))
    return get_visit(actor, visit.pk)


@action
def cancel_visit(actor: Actor, reference: str) -> Visit:
    """Its time is free and its link dead at once (VID-4). Once more it changes nothing.

    Raises `NotAllowed`, `NotFound`, `ChangedMeanwhile`.
    """
    visit = _own(actor, reference)
    if visit.cancelled_at is None:
        end_pushed(actor, visit.block_id)
        visit.cancelled_at = visit.changed_at = timezone.now()
        visit.sequence += 1
        visit.save(update_fields=["cancelled_at", "changed_at", "sequence"])
        publish(PushedChanged(actor.practice_id, visit.block_id))
    return get_visit(actor, visit.pk)


def _own(actor: Actor, reference: str) -> Visit:
    """What the booking system pushed last by this reference; nobody else changes it meanwhile. Raises `NotFound`."""
    require(actor.kind is ActorKind.VIDEO, NotAllowed)
    named = visible_visits(actor).filter(reference=reference).select_for_update(of=("self",))
    visit = named.select_related("block__calendar").order_by("-created_at", "-pk").first()
    if visit is None:
        raise NotFound
    return visit


def _practitioner(actor: Actor, push: Push) -> Practitioner:
    found = next((one for one in practitioners(actor) if one.user_id == push.practitioner), None)
    if found is None:
        raise UnknownPractitioner
    return found


def _calendar(visit: Visit, whom: Practitioner) -> Calendar:
    """Where it stands, if that is a column of theirs: staff may have put it into another one."""
    stands: Calendar = visit.block.calendar
    return stands if stands.member_id == whom.member.pk and stands.retired_at is None else whom.calendar
