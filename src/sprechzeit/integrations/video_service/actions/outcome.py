"""What came of telling the video service: link and TAN, or what is wrong (PUSH-5, PUSH-7, PUSH-8)."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.jobs import LONGEST, is_last_attempt, wait_after
from sprechzeit.core.rows import fetch
from sprechzeit.integrations.video_service.actions.former import forget_formers
from sprechzeit.integrations.video_service.contract import UNKNOWN, NotTaken, Taken
from sprechzeit.integrations.video_service.errors import ToldByLaterPush
from sprechzeit.integrations.video_service.events import PushWanted, VideoLinkArrived
from sprechzeit.integrations.video_service.models import Push, Why
from sprechzeit.integrations.video_service.policy import get_push, visible_pushes
from sprechzeit.integrations.video_service.queries import (
    pushes_shown,
    told_services,
    troubled_pushes,
    video_service,
    waiting_appointments,
)
from sprechzeit.integrations.video_service.reaching import target
from sprechzeit.practice.models import VideoService
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.scheduling.models import VideoAppointment

State = Push.State

REFUSALS = (Why.PRACTITIONER, Why.REFUSED)
"""What the service said no to, having looked at it."""
OF_ONE = (Why.PRACTITIONER, Why.REFUSED, Why.ANSWER, Why.NO_REFERENCE)
"""What is wrong with one appointment, not with the service."""


@action
def mark_taken(actor: Actor, push_id: UUID, taken: Taken | None, *, was_unknown: bool = False) -> None:
    """The service has it. Link and TAN are kept, sealed (PUSH-7); None: it was cancelled there, and its link is dead.

    Whatever was wrong is over: what waits for the service is tried at once. `was_unknown`: it knew no such appointment,
    as with another token than that with which it was entered there; the practice is told to look. Raises `NotFound`,
    `NotAllowed`.
    """
    require(actor.role is Role.SYSTEM, NotAllowed)
    push, now = _locked(actor, push_id), timezone.now()
    if push.state != State.SENT:
        Push.objects.filter(pk=push.pk).update(
            state=State.SENT, in_doubt=False, error="", next_at=None, sent_at=now,
            status=UNKNOWN if was_unknown else None, overlaps=taken is not None and taken.overlaps,
        )  # fmt: skip
        _tells_for(push)
    if taken is None:
        _forget_link(push)
        forget_formers(actor)
    elif _is_chosen(actor, push) and _keep_link(push, taken):
        publish(VideoLinkArrived(push.practice_id, push.appointment_id))
    _works_again(actor, push)


@action
def mark_not_taken(actor: Actor, push_id: UUID, error: NotTaken, *, in_doubt: bool = False) -> timedelta | None:
    """The service did not take it. In how long it is tried again; None where it has failed for good.

    `in_doubt`: an earlier attempt may have arrived, whatever this one met. The practice sees either. Raises `NotFound`,
    `NotAllowed`.
    """
    require(actor.role is Role.SYSTEM, NotAllowed)
    push = _locked(actor, push_id)
    if push.state != State.WAITING:
        return None
    tried = push.attempts - 1
    again_in = None if error.is_final or is_last_attempt(tried) else wait_after(tried, error.later)
    now = timezone.now()
    Push.objects.filter(pk=push.pk).update(
        state=State.WAITING if again_in is not None else State.FAILED,
        in_doubt=error.in_doubt or in_doubt,
        error=error.why,
        status=error.status,
        refusals=push.refusals + (error.why in REFUSALS),
        next_at=now + again_in if again_in is not None else None,
    )
    service = video_service(actor)
    if service is not None and push.target == target(service):
        note_fault(actor, error)
    return again_in


@action
def note_fault(actor: Actor, error: NotTaken) -> None:
    """What is wrong with the service as a whole stands on its page from its first time on. Raises `NotAllowed`."""
    require(actor.role is Role.SYSTEM or may_change_practice(actor), NotAllowed)
    service = video_service(actor)
    if service is None or error.why in OF_ONE:
        return
    now = timezone.now()
    service.fault, service.fault_at = error.why, service.fault_at if service.fault else now
    if error.later:
        service.quiet_until = now + min(error.later, LONGEST)
    service.save(update_fields=["fault", "fault_at", "quiet_until"])


@action
def note_well(actor: Actor) -> None:
    """The service answered as it should: what waits is tried at once if something was wrong. Raises `NotAllowed`."""
    require(actor.role is Role.SYSTEM or may_change_practice(actor), NotAllowed)
    found = VideoService.objects.filter(practice_id=actor.practice_id).exclude(fault="", quiet_until=None)
    if found.update(fault="", fault_at=None, quiet_until=None):
        for appointment_id in waiting_appointments(actor):
            publish(PushWanted(actor.practice_id, appointment_id))


@action
def send_push_again(actor: Actor, push_id: UUID) -> Push:
    """What failed is tried for another day, what waits is tried now. Harmless for what was taken.

    Raises `NotFound`, and `ToldByLaterPush` where a later change of the appointment goes there.
    """
    push = get_push(actor, push_id)
    if push.state not in (State.FAILED, State.WAITING):
        return push
    later = Push.objects.filter(practice_id=push.practice_id, appointment=push.appointment, number__gt=push.number)
    require(push.state == State.WAITING or not later.exclude(state=State.LEFT_OUT).exists(), ToldByLaterPush)
    require(push.target in told_services(actor), ToldByLaterPush)
    Push.objects.filter(pk=push.pk).update(state=State.WAITING, attempts=0, next_at=None)
    publish(PushWanted(push.practice_id, push.appointment_id))
    return push


@action
def try_failed_again(actor: Actor) -> int:
    """What failed for good waits again, since the service can be reached otherwise now. How many they were.

    What a later change has told is left as it is. Raises `NotAllowed`.
    """
    require(actor.role is Role.SYSTEM, NotAllowed)
    service = video_service(actor)
    if service is None:
        return 0
    failed = pushes_shown(actor).filter(pk__in=troubled_pushes(actor).values("pk"), state=State.FAILED, is_last=True)
    ids = [one.pk for one in failed.filter(target=target(service))]
    return Push.objects.filter(pk__in=ids).update(state=State.WAITING, attempts=0, next_at=None)


@action
def put_pushes_aside(actor: Actor) -> int:
    """Leave at that what the service did not take for good: it is not warned of any more. How many they were.

    Raises `NotAllowed`.
    """
    require(may_change_practice(actor), NotAllowed)
    failed = visible_pushes(actor).filter(pk__in=troubled_pushes(actor).values("pk"), state=State.FAILED)
    return failed.update(state=State.LEFT_OUT, error=Why.PUT_ASIDE)


def _tells_for(push: Push) -> None:
    """What failed before it is no trouble any more: this one has told all that it did. Not so where it left something
    behind by another reference.
    """
    before = Push.objects.filter(practice_id=push.practice_id, appointment_id=push.appointment_id, state=State.FAILED)
    never_there = Q(kind=Push.Kind.CREATE, in_doubt=False)
    before.filter(Q(reference=push.reference) | never_there, target=push.target, number__lt=push.number).update(
        state=State.LEFT_OUT, in_doubt=False, error=Why.LATER
    )


def _locked(actor: Actor, push_id: UUID) -> Push:
    Push.objects.select_for_update().filter(practice_id__in=actor.practices, pk=push_id).first()
    return get_push(actor, push_id)


def _is_chosen(actor: Actor, push: Push) -> bool:
    """Whether the practice still has the service that answered: else another one gives the link, or gave it already.

    Who chooses another one at this moment waits, or is waited for.
    """
    fetch("SELECT id FROM practice_videoservice WHERE practice_id = %s FOR SHARE", [actor.practice_id])
    service = video_service(actor)
    return service is not None and push.target == target(service)


def _keep_link(push: Push, taken: Taken) -> bool:
    """Whether link or TAN are others than before. New ones are a new row: by it a message says which one it brought."""
    former = VideoAppointment.objects.filter(practice_id=push.practice_id, appointment_id=push.appointment_id).first()
    if former is not None:
        same = (former.join_url, former.tan, former.calendar_id) == (taken.join_url, taken.tan, push.calendar_id)
        if same:
            return False
        former.delete()
    VideoAppointment.objects.create(
        practice_id=push.practice_id,
        appointment_id=push.appointment_id,
        calendar_id=push.calendar_id,
        join_url=taken.join_url,
        tan=taken.tan,
    )
    return True


def _forget_link(push: Push) -> None:
    """The link of what was cancelled there; not one that was given since, there or by another service."""
    entered = Push.objects.filter(practice_id=push.practice_id, appointment_id=push.appointment_id, state=State.SENT)
    last = entered.exclude(kind=Push.Kind.CANCEL).order_by("-number").first()
    if last is not None and last.reference != push.reference:
        return
    elsewhere = VideoAppointment.objects.filter(practice_id=push.practice_id, link_hash=None)
    elsewhere.filter(appointment_id=push.appointment_id, calendar_id=push.calendar_id).delete()


def _works_again(actor: Actor, push: Push) -> None:
    service = video_service(actor)
    if service is not None and push.target == target(service):
        note_well(actor)
