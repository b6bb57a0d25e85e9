"""What the patient of an appointment was told, and whom else a booking concerns."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.rows import count_each
from sprechzeit.messages.delivered import Words, delivered
from sprechzeit.messages.models import Message, MessageTemplate
from sprechzeit.messages.placeholders import suppresses
from sprechzeit.messages.policy import visible_messages, visible_templates
from sprechzeit.messages.template_events import Channel, TemplateKey
from sprechzeit.practice.models import Member, VideoService
from sprechzeit.practice.policy import visible_members
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.models import BOOKED_OUTSIDE, Appointment, AppointmentType
from sprechzeit.scheduling.policy import visible_appointments
from sprechzeit.scheduling.queries.appointment import who_writes
from sprechzeit.scheduling.queries.video import video_of
from sprechzeit.scheduling.video_links import OPENS_BEFORE
from sprechzeit.video.queries.messages import failed_visit_messages


def last_sent(actor: Actor, appointment_id: UUID) -> str | None:
    """The kind of the last message about the appointment that went out to the patient; None if none did."""
    sent = visible_messages(actor).filter(appointment_id=appointment_id, sent_at__isnull=False)
    sent = sent.exclude(kind__in=Message.TO_STAFF)
    return sent.order_by("-sent_at").values_list("kind", flat=True).first()


def writes_to_patients(actor: Actor, appointment: Appointment) -> bool:
    """Whether the practice writes to the patient of an appointment: neither has it switched that off (NOT-6), nor does
    a partner write instead (OTV-13).
    """
    return practice_of(actor).patient_messages and who_writes(actor, appointment) is None


def is_confirmed(appointment: Appointment) -> bool:
    """Whether whoever booked is sent a confirmation: from outside as its type says, what staff send (BOO-10)."""
    return appointment.source not in BOOKED_OUTSIDE or appointment.type.confirms_to_patient


def link_wait(actor: Actor, message: Message, appointment: Appointment) -> timedelta:
    """For how long a message to the patient waits for the link to the video call, which is not there yet (PUSH-8).

    None where there is a link, or none will come: the appointment is not held by video, or no service is asked for one.
    Nor any longer than until the link would open: by then the patient is to know that there is an appointment.
    """
    if message.is_to_staff or message.kind == Message.Kind.CANCELLED or not _lacks_link(actor, appointment):
        return timedelta(0)
    service = VideoService.objects.filter(practice_id=appointment.practice_id, is_on=True).first()
    if service is None or service.is_here:
        return timedelta(0)
    set_time = message.created_at + timedelta(minutes=service.link_wait_minutes)
    until = min(set_time, appointment.starts_at - OPENS_BEFORE)
    return max(timedelta(0), until - timezone.now())


def _lacks_link(actor: Actor, appointment: Appointment) -> bool:
    return appointment.location == AppointmentType.Location.VIDEO and video_of(actor, appointment) is None


def waiting_for_link(actor: Actor, appointment_id: UUID) -> list[Message]:
    """Messages about an appointment that are held back for its link, the oldest first."""
    found = visible_messages(actor).filter(appointment_id=appointment_id, waits_for_link=True, sent_at=None)
    return list(found.filter(failed_at=None, withdrawn_at=None).order_by("created_at", "pk"))


def last_told(actor: Actor, appointment: Appointment) -> Message | None:
    """The last message by which the patient knows of the appointment as it is to take place; None if there is none."""
    told = visible_messages(actor).filter(appointment=appointment, sent_at__isnull=False)
    told = told.exclude(kind__in=[*Message.TO_STAFF, Message.Kind.CANCELLED])
    return told.order_by("-sent_at", "-created_at").first()


def words_of(actor: Actor, key: TemplateKey) -> Words | None:
    """What is said: the type's own text, else the practice's, else the one that the program brings along (NOT-2).

    None: it is not said. An e-mail that one language's text of a type suppresses is suppressed in every language in
    which the type has no text of its own (NOT-3).
    """
    of_event = visible_templates(actor).filter(event=key.event, channel=key.channel)
    own = list(of_event.filter(Q(type=None) | Q(type_id=key.type_id)))
    for group in ([one for one in own if one.type_id], [one for one in own if not one.type_id]):
        found = next((one for one in group if one.language == key.language), None)
        if found:
            return None if _is_suppressed(found) else Words(found.subject, found.text)
        if any(_is_suppressed(one) for one in group):
            return None
    return delivered(key.event, key.channel, key.language)


def _is_suppressed(template: MessageTemplate) -> bool:
    return template.channel == Channel.EMAIL and suppresses(template.subject, template.text)


def own_templates(actor: Actor) -> QuerySet[MessageTemplate]:
    """Every text of the practice's own."""
    return visible_templates(actor).select_related("type")


def practitioner_to_tell(actor: Actor, appointment: Appointment) -> Member | None:
    """Who is told of a booking that the practice did not make: whose calendar it stands in, if the type says so and
    they may see it.
    """
    if appointment.source not in BOOKED_OUTSIDE or not appointment.type.tells_practitioner:
        return None
    if not practice_of(actor).practitioner_messages:
        return None
    members = visible_members(actor).select_related("user")
    member = members.filter(pk=appointment.calendar.member_id, user__is_active=True).first()
    if member is None:
        return None
    themselves = Actor(ActorKind.MEMBER, actor.practices, Role(member.role), member.pk)
    return member if visible_appointments(themselves).filter(pk=appointment.pk).exists() else None


def failed_messages(actor: Actor) -> QuerySet[Message]:
    """Messages that were given up."""
    return visible_messages(actor).filter(failed_at__isnull=False).only("pk")


def count_failed(actor: Actor) -> int:
    """How many were given up, of the video side's own too: what the page shows beside its name."""
    return sum(count_each(actor, failed_messages, failed_visit_messages))


def messages_to(actor: Actor, patient_id: UUID) -> QuerySet[Message]:
    """What a patient was sent, or is to be, the latest first."""
    found = visible_messages(actor).filter(appointment__patient_id=patient_id).exclude(kind__in=Message.TO_STAFF)
    return found.select_related("appointment", "appointment__type").defer("text").order_by("-created_at", "-pk")
