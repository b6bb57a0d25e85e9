"""The words of each message, in the recipient's language and the practice's time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.mime.base import MIMEBase

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from sprechzeit.access.actor import system
from sprechzeit.messages.calendar_event import attached, entry_of
from sprechzeit.messages.delivered import Words, delivered
from sprechzeit.messages.models import Message
from sprechzeit.messages.placeholders import Paragraph, Values, filled, filled_line, plain
from sprechzeit.messages.queries import words_of
from sprechzeit.messages.template_events import EVENTS, Channel, TemplateKey, event_of
from sprechzeit.messages.values import facts_of, values_of
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.models import Appointment

MOST_SUBJECT = Message._meta.get_field("subject").max_length or 0
_WITH_ENTRY = (Message.Kind.BOOKED, Message.Kind.MOVED, Message.Kind.CANCELLED)


@dataclass(frozen=True, slots=True)
class Text:
    """A message, ready to be sent; of an SMS `plain` alone."""

    subject: str
    plain: str
    html: str
    calendar: MIMEBase | None = None


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Words and dates in a recipient's language; in that of the installation if it is none of ours."""
    with translation.override(known_language(code)):
        yield


def known_language(code: str) -> str:
    """The language that this code names, else that of the installation."""
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def compose(message: Message, practice: Practice, appointment: Appointment) -> Text | None:
    """What is sent. None where the practice's template suppresses it (NOT-3), or there is nobody to tell.

    Values are text: they are never read as templates or markup.
    """
    event, language, facts = event_of(message.kind, appointment), appointment.language, facts_of(practice, appointment)
    if message.is_to_staff:
        member = appointment.calendar.member
        if member is None:
            return None
        language, facts = member.user.language or practice.language, facts.to_practitioner(member.name)
    key = TemplateKey(event, message.channel, known_language(language), appointment.type_id)
    words = words_of(system(practice.id), key)
    if words is None:
        return None
    with in_language(language):
        values = values_of(practice, facts)
        if message.channel == Channel.SMS:
            return Text("", sms(key, words, values), "")
        entry = attached(practice, entry_of(practice, appointment)) if message.kind in _WITH_ENTRY else None
        return mail(practice, key, words, values, entry)


@dataclass(frozen=True, slots=True)
class Said:
    """Words with their values: the subject on one line, and the paragraphs."""

    subject: str
    paragraphs: Sequence[Paragraph]


def said(key: TemplateKey, words: Words, values: Values) -> Said:
    """What these words say with these values; of those, what its event may speak of."""
    known = {name: values[name] for name in EVENTS[key.event].placeholders}
    usual = delivered(key.event, key.channel, key.language)
    # It becomes a header: of one line, and no longer than is kept of it.
    subject = (filled_line(words.subject, known) or filled_line(usual.subject, known))[:MOST_SUBJECT].rstrip()
    return Said(subject, filled(words.text, known))


def mail(practice: Practice, key: TemplateKey, words: Words, values: Values, entry: MIMEBase | None = None) -> Text:
    """A mail of these words: they are its body; head and foot are always there, and what is said of the attachment."""
    told = said(key, words, values)
    context = {
        "practice": practice,
        "paragraphs": told.paragraphs,
        "body": plain(told.paragraphs),
        "note": entry_note(key.event) if entry else "",
    }
    return Text(
        subject=told.subject,
        plain=render_to_string("messages/mail.txt", context).strip() + "\n",
        html=render_to_string("messages/mail.html", context),
        calendar=entry,
    )


def sms(key: TemplateKey, words: Words, values: Values) -> str:
    """An SMS of these words. A no-break space would make it one of half as many letters (3GPP TS 23.038)."""
    return plain(said(key, words, values).paragraphs).replace("\u00a0", " ")


def entry_note(event: str) -> str:
    """What a mail says of the calendar entry that comes with it."""
    match event:
        case "booked_online" | "booked_by_staff":
            return _("The calendar entry is attached.")
        case "moved":
            return _("The calendar entry is attached; it replaces the former one.")
        case _:
            return ""
