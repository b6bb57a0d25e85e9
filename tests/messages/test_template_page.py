"""The page of the texts: everybody of the practice reads it, administrators write, nothing typed is kept unasked."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.messages.models import MessageTemplate
from sprechzeit.messages.template_events import EVENTS
from sprechzeit.scheduling.actions.settings import change_type
from tests.support.cast import Cast
from tests.support.routes import PEOPLE, client_of

pytestmark = [pytest.mark.req("NOT-2", "NOT-3")]

PAGE = reverse("messages:template", args=["booked_online"])
PREVIEW = reverse("messages:template_preview", args=["booked_online"])
SAMPLE = reverse("messages:template_sample", args=["booked_online"])
RESET = reverse("messages:template_reset", args=["booked_online"])
WORDS = {"subject": "Am %DATE%", "text": "Guten Tag %FIRSTNAME%"}
ENGLISH = {"headers": {"accept-language": "en"}}


def staff(cast: Cast, who: str) -> Client:
    client = Client(**ENGLISH)  # type: ignore[arg-type]  # the client's own keyword arguments
    client.force_login(cast.albers.user(who))
    return client


def kept(cast: Cast) -> list[tuple[str, str, Any]]:
    with acting(cast.albers.system):
        return list(MessageTemplate.objects.order_by("type_id").values_list("language", "text", "type_id"))


@pytest.mark.req("ACC-7")
@pytest.mark.parametrize("person", PEOPLE)
def test_members_read_and_administrators_write(cast: Cast, person: str) -> None:
    sees = person in ("administrator", "practitioner", "secretary", "stranger")
    writes = person in ("administrator", "stranger")
    client = client_of(cast, person)
    no = 302 if person == "anonymous" else 403
    assert client.get(PAGE).status_code == (200 if sees else no)
    assert client.post(PREVIEW, WORDS).status_code == (200 if sees else no)
    assert client.post(PAGE, WORDS).status_code == (303 if writes else no)
    assert bool(kept(cast)) is (person == "administrator"), "a stranger writes their own practice's"
    assert client.post(SAMPLE).status_code == (303 if writes else no)
    assert client.post(RESET).status_code == (303 if writes else no)
    assert kept(cast) == []


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_each_text_has_its_page(cast: Cast, event: str, language: str) -> None:
    client = staff(cast, "miriam")
    for channel in EVENTS[event].channels:
        asked = {"channel": str(channel), "language": language, "type": str(cast.albers.types["talk"].pk)}
        page = client.get(reverse("messages:template", args=[event]), asked)
        assert page.status_code == 200 and page.context["misspelt"] == []
        shown = {one["channel"]: one for one in page.context["shown"]}
        assert channel in shown and not any(one.get("suppressed") for one in shown.values())


def test_what_was_saved_is_shown_and_can_be_taken_back(cast: Cast) -> None:
    client, talk = staff(cast, "miriam"), cast.albers.types["talk"].pk
    of_type = f"{PAGE}?language=de&type={talk}"
    client.post(f"{PAGE}?language=de", {"subject": "S", "text": "für alle"})
    assert client.get(of_type).context["form"]["text"].value() == "für alle", "to be written on"
    client.post(of_type, {"subject": "S", "text": "für Gespräche"})
    assert kept(cast) == [("de", "für Gespräche", talk), ("de", "für alle", None)]
    assert client.get(of_type).context["form"]["text"].value() == "für Gespräche"
    assert "exception" in client.get(f"{PAGE}?language=de").content.decode()
    client.post(f"{RESET}?language=de&type={talk}")
    assert kept(cast) == [("de", "für alle", None)]
    client.post(f"{RESET}?language=de")
    assert kept(cast) == [] and "usual text" in client.get(f"{PAGE}?language=de").content.decode()


def test_a_placeholder_that_there_is_not_is_refused_by_name_and_nothing_typed_is_lost(cast: Cast) -> None:
    client = staff(cast, "miriam")
    answer = client.post(PAGE, {"subject": "S", "text": "Tel. %TELEFONNR%"})
    shown = answer.content.decode()
    assert answer.status_code == 422 and kept(cast) == []
    assert "<b>%TELEFONNR%</b> does not exist." in shown and 'data-with="%PRACTICEPHONE%"' in shown
    assert "Tel. %TELEFONNR%</textarea>" in shown
    answer = client.post(PAGE, {"subject": "S", "text": "%REASON%"})
    assert "<b>%REASON%</b> cannot be used in this message." in answer.content.decode()


@pytest.mark.parametrize(("field", "sent"), [("subject", {"text": "T"}), ("text", {"subject": "S"})])
def test_what_is_missing_is_said_beside_it(cast: Cast, field: str, sent: dict[str, str]) -> None:
    answer = staff(cast, "miriam").post(PAGE, sent)
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [field]
    long = staff(cast, "miriam").post(PAGE, {"subject": "S" * 201, "text": "T" * 5001})
    assert long.status_code == 422 and set(long.context["form"].errors) == {"subject", "text"} and kept(cast) == []


def test_the_preview_reads_what_is_typed_as_text(cast: Cast) -> None:
    sent = {"subject": "<b>%DATE%</b>", "text": "<script>alert(1)</script> {{ practice.id }} %FIRSTNAME%\n%XQJ%"}
    shown = staff(cast, "miriam").post(PREVIEW, sent).content.decode()
    assert "<script" not in shown and "&lt;script&gt;" in shown and "{{ practice.id }} Paula" in shown
    assert "<b>%XQJ%</b> does not exist." in shown
    assert kept(cast) == []


@pytest.mark.parametrize(
    ("sample", "shown", "hidden"),
    [("video", "482619", "50667 Köln"), ("child", "für Mia", "482619"), ("late", "ansehen:", "absagen")],
)
def test_samples_show_what_depends_on_the_appointment(cast: Cast, sample: str, shown: str, hidden: str) -> None:
    words = {"subject": "S", "text": "%CHANGENOTE%\n%FORWHOM%\n%LOCATION%\n%MEETINGPASSWORD%", "sample": sample}
    page = staff(cast, "miriam").post(f"{PREVIEW}?language=de&channel=sms", words).content.decode()
    told = page.split("sms-preview")[1].split("hx-partial")[0]
    assert shown in told and hidden not in told


def test_a_type_by_video_begins_with_the_example_for_video(cast: Cast) -> None:
    talk = cast.albers.types["talk"].pk
    with acting(cast.albers.system):
        change_type(cast.albers.system, talk, {"location": "video"})
    client, address = staff(cast, "miriam"), f"{PAGE}?language=de&type={talk}"
    page = client.get(f"{address}&example=1")
    assert page.context["form"]["subject"].value().startswith("Ihr Videotermin")
    assert page.context["sample"] == "video" and kept(cast) == []
    assert client.get(f"{PAGE}?language=de&example=1").context["form"]["subject"].value().startswith("Ihr Termin")


def test_noemail_is_said_in_the_preview(cast: Cast) -> None:
    shown = staff(cast, "miriam").post(PREVIEW, {"subject": "", "text": "NOEMAIL"})
    assert "This e-mail is not sent." in shown.content.decode()
    assert "mail-preview" not in shown.content.decode() and "sms-preview" in shown.content.decode()


@pytest.mark.parametrize(
    "asked", ["type=no-such-type", "type=01989898-0000-7000-8000-000000000000", "channel=fax&language=xx"]
)
def test_odd_addresses(cast: Cast, asked: str) -> None:
    answer = staff(cast, "miriam").get(f"{PAGE}?{asked}")
    assert answer.status_code == (404 if "type" in asked else 200)
    assert staff(cast, "miriam").get(reverse("messages:template", args=["birthday"])).status_code == 404
