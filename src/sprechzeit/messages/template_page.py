"""What the page of the texts of messages shows (NOT-2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.messages.calendar_event import ENTRY_FILE, described
from sprechzeit.messages.delivered import Words, delivered
from sprechzeit.messages.models import MessageTemplate
from sprechzeit.messages.placeholders import NO_EMAIL, Fault, faults, suppresses
from sprechzeit.messages.queries import own_templates, words_of
from sprechzeit.messages.samples import EMAIL, SAMPLES, is_by_video, sample_of
from sprechzeit.messages.sms_size import Size, size_of
from sprechzeit.messages.template_events import EVENTS, LABELS, Channel, TemplateEvent, TemplateKey
from sprechzeit.messages.texts import entry_note, in_language, said, sms
from sprechzeit.messages.values import values_of
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.models import AppointmentType
from sprechzeit.scheduling.policy import get_type
from sprechzeit.scheduling.queries.settings import types_in_order


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which text the page shows, with its event and the type of appointments; None: all. `by_video`: that type is."""

    key: TemplateKey
    event: TemplateEvent
    type: AppointmentType | None
    by_video: bool = False

    @property
    def url(self) -> str:
        """Its page."""
        return address_of(self.key)

    @property
    def is_mail(self) -> bool:
        """Whether it is an e-mail."""
        return self.key.channel == Channel.EMAIL


class Way(NamedTuple):
    """A tab or an entry of a list: where it leads, whether one is there."""

    label: str
    url: str
    current: bool
    icon: str = ""
    detail: str = ""


class Misspelt(NamedTuple):
    """A placeholder that cannot be filled in; `code` and `label` of the one that is probably meant."""

    written: str
    code: str
    label: str
    elsewhere: bool


def address_of(key: TemplateKey, name: str = "template") -> str:
    """The address of a text's page, or of what is done with it."""
    asked = {"channel": key.channel, "language": key.language} | ({"type": str(key.type_id)} if key.type_id else {})
    return f"{reverse(f'messages:{name}', args=[key.event])}?{urlencode(asked)}"


def chosen_of(actor: Actor, practice: Practice, event_key: str, asked: QueryDict) -> Chosen:
    """What an address asks for; what it does not say, or says wrongly, is what the event begins with.

    Raises `NotFound` for an event or a type that there is not.
    """
    event = EVENTS.get(event_key)
    if event is None:
        raise NotFound
    channel = asked.get("channel", "")
    language = asked.get("language", "")
    type_ = get_type(actor, parse_id(asked.get("type", "")), retired=True) if asked.get("type") else None
    key = TemplateKey(
        event.key,
        str(channel if channel in event.channels else event.channels[0]),
        language if language in dict(settings.LANGUAGES) else practice.language,
        type_.pk if type_ else None,
    )
    return Chosen(key, event, type_, is_by_video(practice, type_))


def kept_words(actor: Actor, key: TemplateKey) -> Words:
    """The words to begin with: one's own, else those of which they would be another version."""
    own = own_templates(actor).filter(event=key.event, channel=key.channel, language=key.language)
    for type_id in (key.type_id, None):
        found = own.filter(type_id=type_id).first()
        if found:
            return Words(found.subject, found.text)
    return delivered(key.event, key.channel, key.language)


def page_context(actor: Actor, chosen: Chosen) -> dict[str, Any]:
    """The list of texts, the tabs, the types, the placeholders."""
    key, own = chosen.key, list(own_templates(actor))
    languages = [code for code, _name in settings.LANGUAGES]
    return {
        "chosen": chosen,
        "events": [_entry(event, key, own) for event in EVENTS.values()],
        "channels": [
            Way(str(Channel(one).label), address_of(key._replace(channel=str(one))), one == key.channel)
            for one in chosen.event.channels
        ],
        "languages": [
            Way(code.upper(), address_of(key._replace(language=code)), code == key.language) for code in languages
        ],
        "types": _types(actor, own),
        "is_own": any(_key_of(one) == key for one in own),
        "placeholders": [(f"%{name}%", LABELS[name]) for name in LABELS if name in chosen.event.placeholders],
        "reset_url": address_of(key, "template_reset"),
        "sample_url": address_of(key, "template_sample") if chosen.is_mail else "",
        "preview_url": address_of(key, "template_preview"),
        "no_email": f"%{NO_EMAIL}%",
        "samples": [(one, SAMPLES[one]) for one in chosen.event.samples],
    }


def _key_of(template: MessageTemplate) -> TemplateKey:
    return TemplateKey(template.event, template.channel, template.language, template.type_id)


def _types(actor: Actor, own: Sequence[MessageTemplate]) -> list[AppointmentType]:
    """Those in use, and those of which something is said though they are not offered any more."""
    found = {one.pk: one for one in types_in_order(actor)}
    return list((found | {one.type.pk: one.type for one in own if one.type}).values())


def _entry(event: TemplateEvent, key: TemplateKey, own: Sequence[MessageTemplate]) -> Way:
    of_event = [one for one in own if one.event == event.key]
    others = len({one.type_id for one in of_event if one.type_id})
    detail = ", ".join(str(Channel(one).label) for one in event.channels if one != Channel.CALENDAR)
    told = [detail] if detail else []
    if others:
        told.append(ngettext("%(count)s exception", "%(count)s exceptions", others) % {"count": others})
    elif of_event:
        told.append(_("own text"))
    first = key._replace(event=event.key, channel=str(event.channels[0]), type_id=None)
    return Way(str(event.name), address_of(first), event.key == key.event, event.icon, " · ".join(told))


# --- Preview ----------------------------------------------------------------------------------------------------------


def preview_context(actor: Actor, practice: Practice, chosen: Chosen, words: Words, sample: str) -> Mapping[str, Any]:
    """What the words give for a patient who does not exist; beside an e-mail the SMS of the event, and the other way
    round.
    """
    which = sample if sample in chosen.event.samples else _first_sample(chosen)
    with in_language(chosen.key.language):
        facts = sample_of(actor, practice, which, chosen.type, chosen.key.event)
        values = values_of(practice, facts)
        shown = [_shown(actor, practice, chosen, channel, words, values) for channel in chosen.event.channels]
    return {
        "shown": [one for one in shown if one],
        "sample": which,
        "misspelt": misspelt(chosen, words),
        "to": EMAIL if chosen.key.event != "new_booking" else "",
        "practice": practice,
    }


def _first_sample(chosen: Chosen) -> str:
    return "video" if chosen.by_video and "video" in chosen.event.samples else chosen.event.samples[0]


def _shown(
    actor: Actor, practice: Practice, chosen: Chosen, channel: Channel, words: Words, values: Mapping[str, Any]
) -> dict[str, Any]:
    key = chosen.key._replace(channel=str(channel))
    of_channel: Words | None = words if key == chosen.key else words_of(actor, key)
    if channel == Channel.EMAIL and of_channel and suppresses(of_channel.subject, of_channel.text):
        of_channel = None
    if of_channel is None:
        return {"channel": channel, "suppressed": True}
    if channel == Channel.CALENDAR:
        title, description = described(of_channel, values)
        return {"channel": channel, "subject": title, "description": description, "values": values}
    if channel == Channel.SMS:
        text = sms(key, of_channel, values)
        size: Size = size_of(text)
        return {"channel": channel, "text": text, "size": size}
    told = said(key, of_channel, values)
    note = entry_note(key.event)
    attached = ENTRY_FILE if note or key.event == "cancelled" else ""
    return {
        "channel": channel,
        "subject": told.subject,
        "paragraphs": told.paragraphs,
        "note": note,
        "phone": f"{_('Phone:')} {practice.shown_phone}" if practice.shown_phone else "",
        "attached": attached,
    }


def misspelt(chosen: Chosen, words: Words) -> list[Misspelt]:
    """The placeholders of these words that cannot be filled in, with what is probably meant."""
    found: list[Fault] = faults(f"{words.subject}\n{words.text}", chosen.event.usable(chosen.key.channel))
    return [
        Misspelt(
            one.written,
            f"%{one.meant}%" if one.meant else "",
            str(LABELS[one.meant]) if one.meant else "",
            one.written.strip("%").upper() in {*LABELS, NO_EMAIL} and one.written.endswith("%"),
        )
        for one in found
    ]
