"""The TAN of a consultation's link: right, wrong, locked, opened again (VID-3, VID-4)."""

import hmac
import time
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.scheduling.video_links import CLOSES_AFTER, OPENS_BEFORE
from sprechzeit.video.actions import consultation
from sprechzeit.video.actions.consultation import try_tan, unlock_tan
from sprechzeit.video.errors import TanLocked
from sprechzeit.video.models import Consultation
from sprechzeit.video.models.consultations import MOST_TRIES
from sprechzeit.video.opening import GOES_ON
from sprechzeit.video.queries.consultation import Meeting
from sprechzeit.video.visitors import COOKIE, guest_of
from tests.support.cast import Cast, House, at
from tests.support.consultations import Held, by_video, came_in
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = pytest.mark.req("VID-4")


def type_tan(one: Held, tan: str, client: Client | None = None) -> int:
    answer = (client or Client()).post(reverse("video:tan", args=[one.link]), {"tan": tan})
    return answer.status_code


def tries(house: House, one: Held) -> int:
    with acting(house.system):
        return Consultation.objects.get(video=one.video).wrong_tries


@pytest.mark.req("VID-3")
def test_link_and_tan_open_the_room_for_this_browser_alone(cast: Cast) -> None:
    one, other = by_video(cast.albers), by_video(cast.albers, "10:00", email="o@example.org")
    with time_machine.travel(at("09:00")):
        client = came_in(one)
        cookie = client.cookies["consultation"]
        assert cookie["path"] == one.page and cookie["httponly"] and cookie["samesite"] == "Lax"
        assert one.tan not in cookie.value
        room = client.get(one.page).content.decode()
        assert "data-room" in room and "Jonas Petersen" in room
        before = Client().get(one.page).content.decode()
        assert "data-room" not in before and "Jonas" not in before and "Paula" not in before
        # The other link's room does not open by it.
        client.cookies["consultation"]["path"] = "/"
        assert "data-room" not in client.get(other.page).content.decode()
        with time_machine.travel(at("15:01")):
            assert "data-room" not in client.get(one.page).content.decode()


@pytest.mark.parametrize("spelt", ["{0}{1}", " {0} {1} ", "{0}-{1}"])
def test_a_tan_may_be_typed_as_one_reads_it(cast: Cast, spelt: str) -> None:
    one = by_video(cast.albers)
    with time_machine.travel(at("09:00")):
        assert type_tan(one, spelt.format(one.tan[:3], one.tan[3:])) == 303


def test_the_fifth_wrong_one_locks_the_link_and_the_right_one_no_longer_helps(cast: Cast) -> None:
    one = by_video(cast.albers)
    with time_machine.travel(at("09:00")):
        client = Client()
        pages = [client.post(reverse("video:tan", args=[one.link]), {"tan": one.wrong}) for _ in range(MOST_TRIES)]
        assert [page.status_code for page in pages] == [422] * MOST_TRIES
        assert "noch 4 Versuche" in pages[0].content.decode() and "noch einen Versuch" in pages[3].content.decode()
        assert type_tan(one, one.tan) == 422
        page = Client().get(one.page).content.decode()
        assert "gesperrt" in page and "0221 555 0100" in page and 'name="tan"' not in page


@pytest.mark.parametrize("part", ["", "abc", "12345", "1234567", "😀"])
def test_what_is_no_whole_tan_does_not_count(cast: Cast, part: str) -> None:
    """A patient whose thumb slipped is not locked out for it."""
    one = by_video(cast.albers)
    with time_machine.travel(at("09:00")):
        page = Client().post(reverse("video:tan", args=[one.link]), {"tan": part})
        assert page.status_code == 422 and 'id="tan-error"' in page.content.decode()
        assert "noch" not in page.content.decode()
        for _ in range(MOST_TRIES):
            type_tan(one, part)
        assert type_tan(one, one.tan) == 303
        for _ in range(MOST_TRIES):
            type_tan(one, one.wrong)
        assert type_tan(one, part) == type_tan(one, one.tan) == 422


def test_who_was_in_already_stays_in(cast: Cast) -> None:
    one = by_video(cast.albers)
    with time_machine.travel(at("09:00")):
        client = came_in(one)
        for _ in range(MOST_TRIES):
            type_tan(one, one.wrong)
        assert "data-room" in client.get(one.page).content.decode()


def test_a_right_one_forgets_those_before_it(cast: Cast) -> None:
    one = by_video(cast.albers)
    with time_machine.travel(at("09:00")):
        assert [type_tan(one, tan) for tan in [one.wrong] * 4 + [one.tan] + [one.wrong] * 4] == [422] * 4 + [303] + [
            422
        ] * 4
        assert tries(cast.albers, one) == 4


def test_the_practice_opens_it_again(cast: Cast) -> None:
    one = by_video(cast.albers)
    with time_machine.travel(at("09:00")):
        for _ in range(MOST_TRIES):
            type_tan(one, one.wrong)
        secretary = Client()
        secretary.force_login(cast.albers.user("jana"))
        listed = secretary.get(reverse("video:list")).content.decode()
        assert "TAN gesperrt" in listed and "5 falsche Versuche um 09:00" in listed
        assert secretary.post(one.address("unlocking")).status_code == 303
        assert type_tan(one, one.tan) == 303


@pytest.mark.parametrize(("who", "refused"), [("jonas", None), ("miriam", None), ("jana", None), ("berta", NotFound)])
def test_who_may_open_it_again(cast: Cast, who: str, refused: type[Exception] | None) -> None:
    one, house = by_video(cast.albers), cast.brandt if who == "berta" else cast.albers
    actor = house.actor(who)
    with acting(actor):
        if refused is None:
            unlock_tan(actor, one.id)
        else:
            with pytest.raises(refused):
                unlock_tan(actor, one.id)


def test_a_colleague_who_sees_the_patient_does_not(cast: Cast) -> None:
    """Jonas' patient is with Miriam too: he sees the appointment, and enters nothing there."""
    by_video(cast.albers, who="jonas")
    lent = by_video(cast.albers, "11:00", who="miriam")
    jonas = cast.albers.actor("jonas")
    with acting(jonas), pytest.raises(NotAllowed):
        unlock_tan(jonas, lent.id)


def test_the_database_does_not_count_past_the_last_try(cast: Cast) -> None:
    one = by_video(cast.albers)
    with acting(cast.albers.system):
        row = Consultation.objects.create(practice_id=one.video.practice_id, video=one.video)
        for change in ({"wrong_tries": MOST_TRIES}, {"wrong_tries": 6}, {"locked_at": at("09:00")}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Consultation.objects.filter(pk=row.pk).update(**change)


@pytest.mark.own_database
@pytest.mark.parametrize("locks", [True, False])
def test_tries_at_the_same_time_are_counted_each(
    cast: Cast, own_database: Databases, monkeypatch: pytest.MonkeyPatch, locks: bool
) -> None:
    """Twelve guesses at once: five are judged and no more. The control: without the lock more are."""
    one = by_video(cast.albers)
    judged: list[bytes] = []
    compare = hmac.compare_digest

    def slow(typed: bytes, right: bytes) -> bool:
        judged.append(typed)
        # All who are not held up by the lock are here by now.
        time.sleep(0 if locks else 0.3)
        return compare(typed, right)

    monkeypatch.setattr(hmac, "compare_digest", slow)
    if not locks:
        monkeypatch.setattr(consultation, "lock_consultation", _unlocked)
    with acting(cast.albers.system):
        Consultation.objects.create(practice_id=one.video.practice_id, video=one.video)

    def guess() -> bool:
        with acting(one.patient):
            return try_tan(one.patient, one.wrong).is_right

    with time_machine.travel(at("09:00")):
        answers = together(*[partial(guess)] * 12)
    assert not any(answer is True for answer in answers)
    if locks:
        assert len(judged) == MOST_TRIES
        assert sum(isinstance(answer, TanLocked) for answer in answers) == 12 - MOST_TRIES
        assert tries(cast.albers, one) == MOST_TRIES
    else:
        assert len(judged) > MOST_TRIES


def test_a_long_call_that_goes_on_keeps_its_patient(cast: Cast) -> None:
    """Three hours of consultation, the TAN typed as soon as it can be, and on for as long as a relay serves it."""
    one = by_video(cast.albers)
    with time_machine.travel(at("08:31"), tick=False):
        cookie = came_in(one).cookies[COOKIE].value
    length = OPENS_BEFORE + timedelta(hours=3) + CLOSES_AFTER + GOES_ON
    with time_machine.travel(at("08:31") + length, tick=False):
        assert guest_of(one.link, cookie).identity == one.id


def _unlocked(actor: Actor, meeting: Meeting) -> Consultation:
    return Consultation.objects.get(video=meeting.video)
