"""The work list: online bookings until seen, proposed contact changes, likely duplicates (BOO-12)."""

import re
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient, accept_contact, add_patient, decline_contact, reopen_proposal
from sprechzeit.patients.models import ContactPoint, ContactProposal, Patient
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.seen import mark_seen, undo_seen, unmark_seen
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.queries import new_bookings
from sprechzeit.scheduling.queries.new_bookings import WorkList, work_count, work_list
from tests.scheduling.test_appoint import enter, wish
from tests.support.cast import Cast, House, book
from tests.support.together import together

pytestmark = [pytest.mark.req("BOO-12")]


def the_list(house: House, who: str = "jana") -> WorkList:
    actor = house.actor(who)
    with acting(actor):
        found = work_list(actor)
        assert work_count(actor) == len(found)
        return found


def known(house: House, first: str = "Paula", last: str = "Sommer", **facts: Any) -> Patient:
    """A record that the practice made."""
    born = facts.pop("born", date(1985, 3, 24))
    with acting(house.system):
        patient = add_patient(house.system, NewPatient(first, last, born, **facts), belongs_to=None)
        Patient.objects.filter(pk=patient.pk).update(created_at=timezone.now() - timedelta(days=300))
        return patient


def contacts(house: House, patient_id: Any) -> set[str]:
    with acting(house.system):
        return set(ContactPoint.objects.filter(patient_id=patient_id).values_list("value", flat=True))


# --- What stands on it ----------------------------------------------------------------------------------------------


@pytest.mark.req("PAT-12")
def test_a_new_patients_booking_is_new_until_somebody_saw_it(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    listed = the_list(cast.albers)
    assert [one.pk for one in listed.new] == [found.pk] and not listed.known and not listed.alike
    jana = cast.albers.actor("jana")
    with acting(jana):
        mark_seen(jana, [found.pk])
    assert len(the_list(cast.albers)) == 0
    assert len(the_list(cast.albers, "miriam")) == 0, "seen for the whole practice"


@pytest.mark.req("PAT-11")
def test_the_next_booking_of_a_patient_is_of_a_known_one(cast: Cast) -> None:
    first, second = book(cast.albers, "09:00"), book(cast.albers, "10:00")
    listed = the_list(cast.albers)
    assert [one.pk for one in listed.new] == [first.pk]
    assert [one.pk for one in listed.known] == [second.pk]
    record = known(cast.albers, "Karl", "Kurz", email="karl@example.org")
    third = book(cast.albers, "11:00", first_name="Karl", last_name="Kurz", email="karl@example.org")
    assert third.patient_id == record.pk
    assert third.pk in [one.pk for one in the_list(cast.albers).known]


def test_what_the_practice_enters_or_cancels_is_not_on_it(cast: Cast) -> None:
    enter(cast, wish(cast, "09:00"))
    gone = book(cast.albers, "11:00")
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, gone.pk)
    assert len(the_list(cast.albers)) == 0


@pytest.mark.req("ACC-1", "ACC-11")
def test_a_practitioner_has_what_stands_in_their_own_calendar(cast: Cast) -> None:
    book(cast.albers, "09:00", who="miriam", first_name="Mia", email="mia@example.org")
    own = book(cast.albers, "09:00", who="jonas", first_name="Jo", email="jo@example.org")
    book(cast.brandt, "11:00", first_name="Fremd", email="f@example.org")
    assert [one.pk for one in the_list(cast.albers, "jonas").bookings] == [own.pk]
    assert len(the_list(cast.albers, "miriam")) == 2
    assert len(the_list(cast.brandt, "berta")) == 1


# --- Seen -----------------------------------------------------------------------------------------------------------


def test_seen_is_undone_by_its_moment_and_by_booking(cast: Cast) -> None:
    first = book(cast.albers, "09:00")
    second = book(cast.albers, "10:00")
    jana = cast.albers.actor("jana")
    with acting(jana):
        mark_seen(jana, [first.pk])
        at = mark_seen(jana, [first.pk, second.pk])
        undo_seen(jana, at)
        assert [one.pk for one in work_list(jana).bookings] == [second.pk], "what was seen before stays seen"
        unmark_seen(jana, [first.pk])
        assert len(work_list(jana)) == 2


def test_nobody_undoes_what_somebody_else_marked_at_that_moment(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    jana, miriam = cast.albers.actor("jana"), cast.albers.actor("miriam")
    with acting(jana):
        at = mark_seen(jana, [found.pk])
    with acting(miriam):
        undo_seen(miriam, at)
        assert len(work_list(miriam)) == 0


@pytest.mark.req("ACC-6")
def test_who_may_not_see_a_booking_marks_none_of_the_form(cast: Cast) -> None:
    own = book(cast.albers, "09:00", who="jonas")
    other = book(cast.albers, "09:00", who="miriam", first_name="Mia", email="mia@example.org")
    foreign = book(cast.brandt, "11:00")
    jonas = cast.albers.actor("jonas")
    with acting(jonas):
        for unknown in (other.pk, foreign.pk, new_id()):
            with pytest.raises(NotFound):
                mark_seen(jonas, [own.pk, unknown])
            with pytest.raises(NotFound):
                unmark_seen(jonas, [own.pk, unknown])
        assert len(work_list(jonas)) == 1


def test_the_database_knows_when_and_by_whom_or_neither(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system), pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=found.pk).update(seen_at=timezone.now())


# --- Proposed contact changes ---------------------------------------------------------------------------------------


def proposal(cast: Cast, **given: Any) -> ContactProposal:
    """Paula, known with an e-mail address and a mobile, books with other ones."""
    known(cast.albers, email="paula@example.org", phone="0171 2345678")
    book(cast.albers, "09:00", **given)
    (found,) = the_list(cast.albers).proposed
    return found.proposal


@pytest.mark.req("PAT-11")
@pytest.mark.parametrize(
    ("beside", "after"),
    [(False, {"new@example.org", "0171 2345678"}), (True, {"paula@example.org", "new@example.org", "0171 2345678"})],
)
def test_a_proposal_is_taken_in_place_of_the_former_or_beside_it(cast: Cast, beside: bool, after: set[str]) -> None:
    found = proposal(cast, email="new@example.org")
    jana = cast.albers.actor("jana")
    with acting(jana):
        for _ in range(2):
            accept_contact(jana, found.pk, beside=beside)
    assert contacts(cast.albers, found.patient_id) == after
    assert not the_list(cast.albers).proposed
    with acting(jana):
        reopen_proposal(jana, found.pk)
    assert contacts(cast.albers, found.patient_id) == {"paula@example.org", "0171 2345678"}, "as it was"
    assert the_list(cast.albers).proposed[0].former == ("paula@example.org",)


@pytest.mark.req("PAT-11")
def test_a_declined_proposal_changes_nothing_and_is_not_made_again(cast: Cast) -> None:
    found = proposal(cast, email="new@example.org")
    jana = cast.albers.actor("jana")
    with acting(jana):
        decline_contact(jana, found.pk)
        accept_contact(jana, found.pk)
    book(cast.albers, "10:00", email="new@example.org")
    assert contacts(cast.albers, found.patient_id) == {"paula@example.org", "0171 2345678"}
    assert not the_list(cast.albers).proposed
    with acting(jana):
        assert reopen_proposal(jana, found.pk).decision == ""
        assert accept_contact(jana, found.pk).decision == "replaced"


@pytest.mark.req("PAT-11")
def test_what_the_practice_entered_meanwhile_is_not_entered_twice(cast: Cast) -> None:
    found = proposal(cast, email="new@example.org")
    jana = cast.albers.actor("jana")
    with acting(jana):
        ContactPoint.objects.create(
            practice_id=found.practice_id, patient_id=found.patient_id, kind="email", value="NEW@example.org",
            key="new@example.org",
        )  # fmt: skip
        assert accept_contact(jana, found.pk).decision == "known"
        reopen_proposal(jana, found.pk)
    assert "NEW@example.org" in contacts(cast.albers, found.patient_id), "it is not taken away with the decision"


@pytest.mark.req("ACC-6")
def test_proposals_of_records_that_one_does_not_see_are_not_found(cast: Cast) -> None:
    found = proposal(cast, email="new@example.org")
    for house, who in ((cast.albers, "jonas"), (cast.brandt, "berta")):
        actor = house.actor(who)
        with acting(actor):
            assert not work_list(actor).proposed
            for decide in (accept_contact, decline_contact, reopen_proposal):
                with pytest.raises(NotFound):
                    decide(actor, found.pk)


# --- Likely duplicates ----------------------------------------------------------------------------------------------


@pytest.mark.req("PAT-14", "PAT-13")
@pytest.mark.parametrize(
    ("record", "same"),
    [
        ({"first": "Paulah"}, {"last_name", "date_of_birth", "email"}),
        ({"born": None}, {"first_name", "last_name", "email"}),
        ({"born": date(1958, 3, 24), "email": ""}, set()),
        ({"born": date(1984, 3, 24)}, {"first_name", "last_name", "email"}),
        ({"last": "Winter"}, {"first_name", "date_of_birth", "email"}),
        ({"first": "Sommer", "last": "Paula", "email": ""}, {"date_of_birth"}),
        ({"first": "Otto", "email": "paula@example.org"}, set()),
    ],
)
def test_a_new_record_that_may_be_an_older_one_is_shown_with_the_reasons(
    cast: Cast, record: dict[str, Any], same: set[str]
) -> None:
    older = known(cast.albers, **{"email": "paula@example.org"} | record)
    booked = book(cast.albers, "09:00")
    assert booked.patient_id != older.pk
    found = the_list(cast.albers)
    assert {str(sign) for one in found.alike for sign in one.likeness.same} == same
    assert [one.other.pk for one in found.alike] == ([older.pk] if same else [])
    assert len(found.new) == (0 if same else 1), "each booking stands once"


@pytest.mark.req("PAT-14")
def test_an_archived_record_is_shown_as_a_likely_double(cast: Cast) -> None:
    older = known(cast.albers, email="paula@example.org")
    with acting(cast.albers.system):
        Patient.objects.filter(pk=older.pk).update(archived_at=timezone.now())
    book(cast.albers, "09:00")
    assert [one.other.pk for one in the_list(cast.albers).alike] == [older.pk]


@pytest.mark.req("ACC-1", "PAT-14")
def test_it_likens_only_to_records_that_the_reader_sees(cast: Cast) -> None:
    known(cast.albers, "Paulah")
    known(cast.brandt, "Paulah")
    book(cast.albers, "09:00", who="jonas")
    assert len(the_list(cast.albers).alike) == 1
    assert not the_list(cast.albers, "jonas").alike, "the older record is not his patient's"


# --- The page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def jana(cast: Cast) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(cast.albers.user("jana"))
    return client


def page(client: Client, **query: str) -> str:
    return client.get(reverse("scheduling_bookings:bookings"), query).content.decode()


def test_the_page_counts_shows_and_marks(cast: Cast, jana: Client) -> None:
    known(cast.albers, "Paulah")
    booked = book(cast.albers, "09:00")
    book(cast.albers, "10:00", first_name="Lars", last_name="Nord", email="lars@example.org")
    shown = page(jana)
    assert "Sommer, Paulah" in shown and "Nord, Lars" in shown and "Possible duplicates" in shown
    assert re.search(r'id="count-bookings".*?>2<', shown, re.S)
    assert "Nord, Lars" not in page(jana, show="duplicates")
    marked: Any = jana.post(reverse("scheduling_bookings:seen"), {"booking": str(booked.pk)})
    assert marked.status_code == 303
    after = jana.get(marked.url).content.decode()
    assert "Paulah" not in after and 'name="at"' in after
    (at,) = re.findall(r'name="at" value="([^"]+)"', after)
    assert jana.post(reverse("scheduling_bookings:unseen"), {"at": at.replace("&#x2B;", "+")}).status_code == 303
    assert "Paulah" in page(jana)


def test_all_are_marked_that_were_shown_and_nothing_that_came_since(cast: Cast, jana: Client) -> None:
    book(cast.albers, "09:00")
    ids = re.findall(r'name="booking" value="([^"]+)"', page(jana).partition("Mark all")[0])
    late = book(cast.albers, "10:00", first_name="Lars", email="lars@example.org")
    jana.post(reverse("scheduling_bookings:seen"), {"booking": ids})
    assert [one.pk for one in the_list(cast.albers).bookings] == [late.pk]
    seen = page(jana, show="seen")
    assert "Sommer, Paula" in seen and "seen by Jana Albrecht" in seen


def test_more_than_are_listed_are_counted(cast: Cast, jana: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_bookings, "SHOWN", 1)
    book(cast.albers, "09:00")
    book(cast.albers, "10:00", first_name="Lars", last_name="Nord", email="lars@example.org")
    shown = page(jana)
    assert "2 since today" in shown and "The latest one is listed" in shown
    assert "Nord, Lars" in shown and "Sommer, Paula" not in shown
    with acting(cast.albers.system):
        Appointment.objects.filter(patient__last_name="Nord").update(seen_at=timezone.now(), seen_by="member:x")
    shown = page(jana)
    assert "1 since today" in shown and "is listed" not in shown and "Sommer, Paula" in shown


@pytest.mark.own_database
@pytest.mark.req("PAT-11")
def test_two_proposals_accepted_at_once_follow_one_another(cast: Cast) -> None:
    """Each says what it replaced, so that both can be taken back."""
    first = proposal(cast, email="one@example.org")
    book(cast.albers, "10:00", email="two@example.org")
    ids = [one.proposal.pk for one in the_list(cast.albers).proposed]
    jana = cast.albers.actor("jana")
    found = together(*(partial(run_as, jana, partial(accept_contact, jana, one)) for one in ids))
    assert not any(isinstance(one, Exception) for one in found)
    with acting(cast.albers.system):
        replaced = set(ContactProposal.objects.values_list("former_value", flat=True))
    now = contacts(cast.albers, first.patient_id) - {"0171 2345678"}
    assert replaced | now == {"paula@example.org", "one@example.org", "two@example.org"}


def test_contact_changes_are_decided_on_the_page(cast: Cast, jana: Client) -> None:
    found = proposal(cast, email="new@example.org")
    shown = page(jana, show="contacts")
    assert "<s>paula@example.org</s>" in shown and "new@example.org" in shown
    for name, values in (("acceptance", {"beside": "1"}), ("reopening", {}), ("refusal", {})):
        answer: Any = jana.post(reverse(f"scheduling_bookings:{name}", args=[found.pk]), values)
        assert answer.status_code == 303 and jana.get(answer.url).status_code == 200
    assert contacts(cast.albers, found.patient_id) == {"paula@example.org", "0171 2345678"}


@pytest.mark.parametrize(
    "query",
    [{"show": "nonsense"}, {"seen": "yesterday"}, {"contact": "../x"}, {"seen": "2026-11-22"}],
)
def test_an_address_that_is_none_of_ours_shows_the_list(cast: Cast, jana: Client, query: dict[str, str]) -> None:
    book(cast.albers, "09:00")
    answer = jana.get(reverse("scheduling_bookings:bookings"), query)
    assert answer.status_code == 200 and b"Sommer, Paula" in answer.content


@pytest.mark.req("ACC-6")
def test_ids_that_are_none_of_ours_are_not_found(cast: Cast, jana: Client) -> None:
    foreign = book(cast.brandt, "11:00")
    for name in ("seen", "unseen"):
        for one in (str(foreign.pk), str(new_id()), "x", "9" * 500):
            assert jana.post(reverse(f"scheduling_bookings:{name}"), {"booking": one}).status_code == 404
    for at in ("x", "2026-11-22T10:00"):
        assert jana.post(reverse("scheduling_bookings:unseen"), {"at": at}).status_code == 404


def test_a_script_gets_the_list_alone_and_the_count(cast: Cast, jana: Client) -> None:
    book(cast.albers, "09:00")
    part = jana.get(reverse("scheduling_bookings:bookings"), headers={"HX-Request": "true"}).content.decode()
    assert 'id="work-list"' in part and "<html" not in part
    count = jana.get(reverse("scheduling_bookings:count")).content.decode()
    assert re.search(r'id="count-bookings"[^>]*><span class="badge warn num">1<', count)


def test_however_many_there_are_the_statements_stay_the_same(
    cast: Cast, jana: Client, django_assert_max_num_queries: Any
) -> None:
    known(cast.albers, "Paulah")
    for number, clock in enumerate(("08:00", "09:00", "10:00", "11:00", "13:00", "14:00")):
        book(cast.albers, clock, first_name=f"Paula{number}", email=f"p{number}@example.org")
    page(jana)
    with django_assert_max_num_queries(34):
        page(jana)
