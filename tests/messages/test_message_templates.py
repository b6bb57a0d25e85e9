"""What the practice says in its own words reaches people, and nothing else does (NOT-2, NOT-3)."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotFound
from sprechzeit.messages.actions import ask_for_sample, reset_template, save_template
from sprechzeit.messages.errors import PlaceholderUnknown, TextMissing
from sprechzeit.messages.jobs import send_cancelled
from sprechzeit.messages.models import Message, MessageTemplate
from sprechzeit.messages.sample_jobs import send_sample
from sprechzeit.messages.template_events import TemplateKey
from sprechzeit.messages.texts import Text, compose
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.models import Appointment, Source, VideoAppointment
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.video import joining_of
from tests.messages.test_sending import posting_to, send
from tests.support.cast import Cast, book
from tests.support.mailbox import Mailbox

pytestmark = [pytest.mark.req("NOT-2", "NOT-3")]

ONLINE = TemplateKey("booked_online", "email", "de")


def says(cast: Cast, key: TemplateKey, subject: str, text: str) -> MessageTemplate:
    with acting(cast.albers.actor("miriam")):
        return save_template(cast.albers.actor("miriam"), key, subject, text)


def change(cast: Cast, row: Any, **facts: Any) -> None:
    with acting(cast.albers.system):
        type(row).objects.filter(pk=row.pk).update(**facts)


def told(cast: Cast, found: Appointment, kind: str = "booked", channel: str = "email") -> Text | None:
    """What goes out about it, with the text as it is now."""
    with acting(cast.albers.system):
        message = Message(kind=kind)
        message.channel = channel
        return compose(message, cast.albers.practice, get_appointment(cast.albers.system, found.pk))


def plain(cast: Cast, found: Appointment, kind: str = "booked", channel: str = "email") -> str:
    text = told(cast, found, kind, channel)
    assert text is not None
    return text.plain


# --- Which text -------------------------------------------------------------------------------------------------------


def test_the_types_text_then_the_practices_then_the_programs(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    usual = plain(cast, found)
    of_type = ONLINE._replace(type_id=cast.albers.types["talk"].pk)
    says(cast, ONLINE._replace(language="en"), "S", "in English")
    says(cast, ONLINE._replace(event="moved"), "S", "of another event")
    says(cast, ONLINE._replace(channel="sms"), "", "by SMS")
    says(cast, ONLINE._replace(type_id=cast.albers.types["call"].pk), "S", "of another type")
    assert plain(cast, found) == usual
    says(cast, ONLINE, "S", "der Praxis")
    assert plain(cast, found).startswith("der Praxis\n")
    says(cast, of_type, "S", "der Terminart")
    assert plain(cast, found).startswith("der Terminart\n")
    for key, begin in ((of_type, "der Praxis"), (ONLINE, usual[:20])):
        with acting(cast.albers.actor("miriam")):
            reset_template(cast.albers.actor("miriam"), key)
        assert plain(cast, found).startswith(begin)


def test_who_booked_decides_which_text(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    says(cast, ONLINE, "S", "online")
    says(cast, ONLINE._replace(event="booked_by_staff"), "S", "in der Praxis")
    assert plain(cast, found).startswith("online")
    change(cast, found, source=Source.STAFF)
    assert plain(cast, found).startswith("in der Praxis")


def test_saved_twice_it_is_one_text(cast: Cast) -> None:
    says(cast, ONLINE, "S", "einmal")
    says(cast, ONLINE, "S", "zweimal")
    with acting(cast.albers.system):
        assert MessageTemplate.objects.get().text == "zweimal"
        with pytest.raises(IntegrityError), transaction.atomic():
            MessageTemplate.objects.create(practice=cast.albers.practice, **ONLINE._asdict(), text="zwei Zeilen")


def test_another_practices_texts_are_its_own(cast: Cast) -> None:
    says(cast, ONLINE, "S", "Praxis Albers schreibt")
    found = book(cast.brandt, "09:00")
    with acting(cast.brandt.system):
        text = compose(Message(kind="booked"), cast.brandt.practice, get_appointment(cast.brandt.system, found.pk))
    assert text is not None and "schreibt" not in text.plain
    foreign = ONLINE._replace(type_id=next(iter(cast.brandt.types.values())).pk)
    with pytest.raises(NotFound):
        says(cast, foreign, "S", "T")


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_every_event_can_be_said_in_every_channel(cast: Cast, channel: str) -> None:
    found = book(cast.albers, "09:00", who="jonas")
    for kind in ("booked", "moved", "cancelled", "reminder"):
        text = plain(cast, found, kind, channel)
        assert "Praxis Albers" in text and "%" not in text
        assert ("\u00a0" not in text) or channel == "email", "it would halve what an SMS has room for"
    assert "Sommer, Paula" in plain(cast, found, "new_booking")


# --- %NOEMAIL% --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("subject", "text"), [("", "NOEMAIL"), ("", "%NOEMAIL%"), ("Betreff", "Text\n%NOEMAIL%")])
def test_noemail_suppresses_it_for_that_type(cast: Cast, mailbox: Mailbox, subject: str, text: str) -> None:
    key = ONLINE._replace(type_id=cast.albers.types["talk"].pk)
    says(cast, key, subject, text)
    talk, call = book(cast.albers, "09:00"), book(cast.albers, "11:00", kind="call")
    with posting_to(mailbox):
        send(talk)
        send(call)
        send(talk)
        assert len(mailbox.mails()) == 1
        with acting(cast.albers.system):
            kept = Message.objects.get(appointment_id=talk.pk)
            assert kept.withdrawn_at is not None and kept.sent_at is None
            cancel_appointment(cast.albers.system, talk.pk)
        send(talk, job=send_cancelled)
        assert len(mailbox.mails()) == 2, "of that event alone"


def test_noemail_holds_for_every_language_without_a_text_of_its_own(cast: Cast) -> None:
    found = book(cast.albers, "09:00", language="en")
    key = ONLINE._replace(type_id=cast.albers.types["talk"].pk)
    says(cast, ONLINE._replace(language="en"), "S", "the practice says")
    says(cast, key, "", "NOEMAIL")
    assert told(cast, found) is None
    says(cast, key._replace(language="en"), "S", "the type says")
    assert plain(cast, found).startswith("the type says")


def test_noemail_is_about_emails(cast: Cast) -> None:
    with pytest.raises(PlaceholderUnknown):
        says(cast, ONLINE._replace(channel="sms"), "", "%NOEMAIL%")
    with pytest.raises(PlaceholderUnknown):
        says(cast, TemplateKey("calendar", "calendar", "de"), "%NOEMAIL%", "")


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "subject", "text", "written", "meant"),
    [
        (ONLINE, "Am %DATUM%", "Text", "%DATUM%", "DATE"),
        (ONLINE, "Betreff", "Tel. %TELEFONNR%", "%TELEFONNR%", "PRACTICEPHONE"),
        (ONLINE._replace(event="new_booking"), "S", "%CANCELLINK%", "%CANCELLINK%", ""),
        (ONLINE._replace(event="cancelled"), "S", "%MEETINGPASSWORD%", "%MEETINGPASSWORD%", ""),
        (TemplateKey("calendar", "calendar", "de"), "Titel", "%REASON%", "%REASON%", ""),
    ],
)
def test_a_placeholder_that_nobody_fills_in_is_refused_by_name(
    cast: Cast, key: TemplateKey, subject: str, text: str, written: str, meant: str
) -> None:
    with pytest.raises(PlaceholderUnknown) as refused:
        says(cast, key, subject, text)
    (fault,) = refused.value.details["faults"]
    assert (fault.written, fault.meant) == (written, meant)
    with acting(cast.albers.system):
        assert not MessageTemplate.objects.exists()


def test_what_says_nothing_is_refused(cast: Cast) -> None:
    for key, subject, text in (
        (ONLINE, " ", "Text"), (ONLINE, "S", "\n"), (ONLINE._replace(channel="sms"), "S", " "),
        (TemplateKey("calendar", "calendar", "de"), "", "Text"),
    ):  # fmt: skip
        with pytest.raises(TextMissing):
            says(cast, key, subject, text)
    for key in (ONLINE._replace(language="fr"), ONLINE._replace(channel="fax"), TemplateKey("calendar", "sms", "de")):
        with pytest.raises(NotFound):
            says(cast, key, "S", "Text")


# --- Values -----------------------------------------------------------------------------------------------------------

NASTY = '%MEETINGPASSWORD% {{ x }} <b id="x">\r\nBcc: all@example.org'


def test_a_name_is_a_name_whatever_it_says(cast: Cast, mailbox: Mailbox) -> None:
    """As a patient may type it on the booking page."""
    found = book(cast.albers, "09:00")
    change(cast, found, typed_first_name=NASTY[:100], typed_last_name="%NOEMAIL%")
    says(cast, ONLINE, "%FIRSTNAME% %LASTNAME% um %TIME%", "%LASTNAME%\n\n%FIRSTNAME%")
    with posting_to(mailbox):
        send(found)
    (mail,) = mailbox.mails()
    shown = " ".join(NASTY.split())
    assert mail["subject"] == f"{shown} %NOEMAIL% um 09:00 Uhr"
    assert mail["bcc"] is None and mail.get_all("to") == ["paula@example.org"]
    assert part(mail, "plain").startswith(f"%NOEMAIL%\n\n{shown}\n")
    assert "&lt;b id=&quot;x&quot;&gt;" in part(mail, "html") and "<b id" not in part(mail, "html")


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def test_a_subject_is_one_line_no_longer_than_is_kept_of_it(cast: Cast, mailbox: Mailbox) -> None:
    """Longer than the column it could not be marked as sent, and would be sent again."""
    found = book(cast.albers, "09:00")
    change(cast, cast.albers.types["talk"], name="lang " * 23)
    saved = says(cast, ONLINE, "%SERVICE% %SERVICE%\r\nX-Evil: 1 %SERVICE%", "Text")
    assert saved.subject == "%SERVICE% %SERVICE% X-Evil: 1 %SERVICE%"
    with posting_to(mailbox):
        send(found)
        send(found)
    (mail,) = mailbox.mails()
    assert mail["x-evil"] is None and 240 < len(mail["subject"]) <= 250
    with acting(cast.albers.system), pytest.raises(IntegrityError), transaction.atomic():
        MessageTemplate.objects.update(subject="zwei\nZeilen")


def test_a_subject_that_says_nothing_is_the_usual_one(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.pk)
    says(cast, ONLINE._replace(event="cancelled"), "%REASON%", "Text")
    text = told(cast, found, "cancelled")
    assert text is not None and text.subject.startswith("Abgesagt: ")


# --- What a text may say ----------------------------------------------------------------------------------------------


def test_every_placeholder_of_the_catalogue_has_its_value(cast: Cast) -> None:
    found = book(cast.albers, "09:00", who="jonas")
    names = ["FIRSTNAME", "LASTNAME", "DATE", "TIME", "SERVICE", "PRACTITIONER", "PRACTICE", "PRACTICEPHONE"]
    names.append("LOCATION")
    says(cast, ONLINE, "S", "|".join(f"%{name}%" for name in names) + "\n%CANCELLINK%")
    line, link = plain(cast, found).split("\n")[:2]
    day = found.starts_at.strftime("%Y")
    assert line.startswith("Paula|Sommer|") and day in line
    assert line.split("|")[3:] == [
        "09:00\u00a0Uhr", "Gespräch", "Jonas Petersen", "Praxis Albers", "0221 555 0100", "Hauptstraße 1, 50667 Köln",
    ]  # fmt: skip
    assert "/appointment/" in link


@pytest.mark.req("BOO-6")
def test_who_is_too_late_is_not_told_to_cancel(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    for moment, may in ((timedelta(days=3), True), (timedelta(minutes=5), False)):
        change(cast, found, starts_at=timezone.now() + moment, ends_at=timezone.now() + moment + timedelta(minutes=50))
        text = told(cast, found)
        assert text is not None
        assert ("verschieben oder absagen" in text.plain) is may and ("verschieben oder absagen" in text.html) is may


@pytest.mark.parametrize(
    ("location", "said"),
    [("practice", "Hauptstraße 1, 50667 Köln"), ("phone", "telefonisch"), ("home", "bei Ihnen zu Hause")],
)
def test_where_it_takes_place(cast: Cast, location: str, said: str) -> None:
    found = book(cast.albers, "09:00")
    change(cast, found, location=location)
    says(cast, ONLINE, "S", "Ort: %LOCATION%\nTAN: %MEETINGPASSWORD%\nVideo: %VIDEOLINK%")
    assert plain(cast, found).startswith(f"Ort: {said}\n\n"), "of TAN and link there is nothing to say"


def by_video(cast: Cast, found: Appointment, **facts: Any) -> VideoAppointment:
    change(cast, found, location="video")
    with acting(cast.albers.system):
        of = {"practice": cast.albers.practice, "appointment": get_appointment(cast.albers.system, found.pk)}
        elsewhere = facts and facts | {"calendar_id": found.calendar_id}
        video = VideoAppointment(**of, **elsewhere) if facts else VideoAppointment.here(**of)
        video.save()
        return video


@pytest.mark.req("PUSH-7")
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_link_and_tan_stand_apart(cast: Cast, channel: str) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        joining = joining_of(by_video(cast, found))
    for text in (plain(cast, found, "booked", channel), plain(cast, found, "reminder", channel)):
        assert joining.url in text and f"TAN: {joining.tan}" in text and joining.tan not in joining.url
    for name, alone in (("LOCATION", joining.url), ("MEETINGPASSWORD", joining.tan), ("VIDEOLINK", joining.url)):
        says(cast, ONLINE, "S", f"%{name}%")
        assert plain(cast, found).split("\n")[0] == alone


@pytest.mark.req("PUSH-8")
def test_a_link_that_is_not_there_yet_follows(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    change(cast, found, location="video")
    text = plain(cast, found)
    assert "Der Link zum Videogespräch folgt." in text and "TAN: folgt mit dem Link" in text


def test_a_cancelled_consultation_has_no_link(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        joining = joining_of(by_video(cast, found))
        cancel_appointment(cast.albers.system, found.pk)
    says(cast, ONLINE._replace(event="cancelled"), "S", "%LOCATION%")
    assert plain(cast, found, "cancelled").startswith("per Video\n")
    assert joining.url not in plain(cast, found, "cancelled")


def test_what_another_service_calls_a_link_is_followed_only_if_it_is_one(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    by_video(cast, found, join_url='javascript:alert(1)//"><script>', tan="<b>1</b>")
    text = told(cast, found)
    assert text is not None and "javascript:" not in "".join(
        piece.split("</")[0] for piece in text.html.split("href=")[1:]
    )
    assert "<script" not in text.html and "&lt;b&gt;1" in text.html


@pytest.mark.req("PUSH-4")
def test_a_link_of_another_calendar_is_none(cast: Cast) -> None:
    """The service was told of another practitioner and has not answered yet."""
    found = book(cast.albers, "09:00")
    by_video(cast, found, join_url="https://video.example/old", tan="111111")
    assert "https://video.example/old" in plain(cast, found)
    change(cast, found, calendar=cast.albers.calendars["jonas"])
    assert "video.example" not in plain(cast, found) and "111111" not in plain(cast, found)


# --- A sample by mail ------------------------------------------------------------------------------------------------


def test_a_sample_goes_to_who_asks_with_the_data_of_nobody(cast: Cast, mailbox: Mailbox) -> None:
    saved = says(cast, ONLINE, "Am %DATE%", "Guten Tag %FIRSTNAME%")
    with acting(cast.albers.actor("miriam")):
        ask_for_sample(cast.albers.actor("miriam"), ONLINE)
    (asked,) = ProcrastinateJob.objects.filter(task_name="messages.send_sample").values_list("args", flat=True)
    assert asked["template_id"] == str(saved.pk)
    with posting_to(mailbox):
        send_sample.work(0, **asked)
        (mail,) = mailbox.mails()
        assert mail["to"] == "miriam@albers.example.org" and "Am " in mail["subject"]
        assert part(mail, "plain").startswith("Guten Tag Paula\n")
        with acting(cast.albers.system):
            assert not Message.objects.exists()
            MessageTemplate.objects.all().delete()
        send_sample.work(0, **asked)
        assert len(mailbox.mails()) == 1


# --- The calendar entry -----------------------------------------------------------------------------------------------


@pytest.mark.req("STD-1")
def test_the_calendar_entry_says_what_the_practice_says(cast: Cast, mailbox: Mailbox) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        joining = joining_of(by_video(cast, found))
    change(cast, found, typed_first_name=NASTY[:100], typed_last_name="Sommer")
    key = TemplateKey("calendar", "calendar", "de", cast.albers.types["talk"].pk)
    says(cast, key, "%SERVICE% mit %PRACTITIONER%", "Für %FIRSTNAME%\nTAN: %MEETINGPASSWORD%")
    with posting_to(mailbox):
        send(found)
    (mail,) = mailbox.mails()
    attached = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    (event,) = icalendar.Calendar.from_ical(attached.get_content()).walk("VEVENT")
    assert str(event["summary"]) == "Gespräch mit Miriam Albers"
    assert str(event["description"]) == f"Für {' '.join(NASTY.split())}\nTAN: {joining.tan}"
    assert str(event["location"]) == joining.url


def test_the_entry_is_named_though_its_title_says_nothing(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    says(cast, TemplateKey("calendar", "calendar", "de"), "%FORWHOM%", "")
    text = told(cast, found)
    assert text is not None and text.calendar is not None
    payload = text.calendar.get_payload(decode=True)
    assert isinstance(payload, bytes) and "SUMMARY:Gespräch" in payload.decode()
