"""What becomes of the video side's own messages: due, sent, failed (VID-5)."""

from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.events import PushedChanged
from sprechzeit.video.errors import NothingToTell
from sprechzeit.video.models import Visit, VisitMessage
from sprechzeit.video.policy import get_visit, may_write_messages, visible_visits

Kind = VisitMessage.Kind


@action
def visit_message_due(actor: Actor, block_id: UUID) -> VisitMessage | None:
    """The message that who comes to a pushed appointment is to get now, made at the first call; None for none.

    It tells how the appointment is now, not what happened: changed twice before the mail server took the first message
    it is told once, changed and changed back not at all. What was sent last says what is known. Raises `NotAllowed`.
    """
    require(may_write_messages(actor), NotAllowed)
    visit = visible_visits(actor).filter(block_id=block_id).first()
    if visit is None:
        return None
    visit = get_visit(actor, visit.pk)
    own = VisitMessage.objects.filter(practice_id=actor.practice_id, visit=visit)
    waiting = own.filter(sent_at=None, failed_at=None, withdrawn_at=None).order_by("-number").first()
    kind = _wanted(visit, own.filter(sent_at__isnull=False).order_by("-number").first())
    if kind is None or not practice_of(actor).video_mails:
        # What could not be delivered says nothing any more that somebody is to know.
        own.filter(sent_at=None, withdrawn_at=None).update(failed_at=None, withdrawn_at=timezone.now())
        return None
    facts = {
        "kind": kind,
        "address": visit.email,
        "starts_at": visit.block.starts_at,
        "ends_at": visit.block.ends_at,
        "member": visit.holder,
    }
    if waiting is None:
        return VisitMessage.objects.create(practice_id=actor.practice_id, visit=visit, number=own.count() + 1, **facts)
    for name, value in facts.items():
        setattr(waiting, name, value)
    waiting.save(update_fields=list(facts))
    return waiting


def _wanted(visit: Visit, last: VisitMessage | None) -> str | None:
    """The kind of message that makes known what is so; None if that is known, or over."""
    knows = last is not None and last.kind != Kind.CANCELLED
    if visit.block.ends_at <= timezone.now():
        return None
    if not visit.is_live:
        return Kind.CANCELLED if knows else None
    if last is None or not knows or last.address != visit.email:
        return Kind.BOOKED
    told = (last.starts_at, last.ends_at, last.member_id)
    is_now = (visit.block.starts_at, visit.block.ends_at, visit.holder.pk)
    return Kind.MOVED if told != is_now else None


@action
def mark_visit_sent(actor: Actor, message: VisitMessage, subject: str, text: str) -> None:
    """The mail server has it. What was sent is kept, sealed."""
    require(may_write_messages(actor), NotAllowed)
    message.attempts += 1
    message.sent_at = timezone.now()
    message.subject, message.text, message.error = subject, text, ""
    message.save(update_fields=["attempts", "sent_at", "subject", "text", "error"])


@action
def mark_visit_attempt(actor: Actor, message: VisitMessage, error: str, *, final: bool) -> None:
    """It could not be sent; `final`: and is not tried again, which the practice sees."""
    require(may_write_messages(actor), NotAllowed)
    message.attempts += 1
    message.error = error[:250]
    message.failed_at = timezone.now() if final else None
    message.save(update_fields=["attempts", "error", "failed_at"])


@action
def tell_visit_again(actor: Actor, block_id: UUID) -> None:
    """A message that failed for good is tried anew, as the appointment is now: also that it is cancelled.

    Raises `NotFound`, `NotAllowed`, and `NothingToTell` where it is over, or the booking system alone writes.
    """
    visit = visible_visits(actor).select_related("block").filter(block_id=block_id).first()
    if visit is None:
        raise NotFound
    require(may_write_messages(actor), NotAllowed)
    require(visit.block.ends_at > timezone.now() and practice_of(actor).video_mails, NothingToTell)
    publish(PushedChanged(actor.practice_id, visit.block_id))
