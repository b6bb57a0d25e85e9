"""A booking partner books: the same rules and writers as for everybody, its own and nobody else's (OTV-6…8)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import history_of
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient, Said, add_patient, archive_patient, record_consent
from sprechzeit.patients.models import ContactProposal, Patient
from sprechzeit.patients.policy import has_consents
from sprechzeit.practice.actions.partners import end_partner
from sprechzeit.practice.models import Practice
from sprechzeit.practice.records import record_information
from sprechzeit.scheduling.actions.attend import set_attendance
from sprechzeit.scheduling.actions.book import Contact
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.hold import release_hold
from sprechzeit.scheduling.actions.partner_book import PartnerBooking, book_for_partner
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from sprechzeit.scheduling.actions.settings import change_type
from sprechzeit.scheduling.bookings_page import page_of
from sprechzeit.scheduling.errors import (
    HasCome,
    HoldUsed,
    NotForThisPatient,
    NotOffered,
    OpenBookingsFull,
    PartnerHoldsFull,
    TimeTaken,
    TooLate,
)
from sprechzeit.scheduling.models import Appointment, Occupancy, Source
from sprechzeit.scheduling.policy import get_appointment
from tests.patients.test_merge import merge
from tests.support.cast import Cast, House, at, book, hold, identity, monday
from tests.support.partner_bookings import book_by, keep, offered
from tests.support.partners import SINCE, registered

pytestmark = pytest.mark.req("OTV-6")


@pytest.fixture
def house(cast: Cast) -> House:
    offered(cast.albers)
    return cast.albers


@pytest.fixture
def finder(house: House) -> Actor:
    return registered(house, reads=[])


def says(house: House, finder: Actor, patient: Patient, word: str) -> None:
    miriam = house.actor("miriam")
    with acting(miriam):
        record_consent(miriam, patient.pk, finder.identity, Said(word, "orally", SINCE))


@pytest.mark.req("OTV-7", "BOO-12", "AUD-4", "ACC-11")
def test_a_booking_stands_at_once_with_its_type_and_the_partner_as_source(house: House, finder: Actor) -> None:
    held = keep(house, finder, "09:00", who="jonas")
    with acting(finder):
        made = book_for_partner(finder, PartnerBooking(held.pk, identity(), remark="Knie"))
    jonas = house.actor("jonas")
    with acting(jonas):
        found = get_appointment(jonas, made.pk)
        assert (found.source, found.partner.name, found.type.name) == (Source.PARTNER, "TerminFinder", "Gespräch")
        assert (found.starts_at, found.calendar.name, found.remark) == (at("09:00"), "Jonas Petersen", "Knie")
        assert found.occupancy.kind == Occupancy.Kind.APPOINTMENT and found.occupancy.active
        assert found.patient.created_by_id == house.members["jonas"].pk, "the patient of whose calendar it is"
        information = record_information(jonas, history_of(jonas, found.practice_id, [found.pk]))
        assert information.created and "TerminFinder" in information.created.who
        (section,) = page_of(jonas, "all")["sections"]
        assert section["key"] == "new" and section["rows"][0]["partner"] == "TerminFinder"


@pytest.mark.req("PAT-20")
def test_with_the_first_booking_records_have_a_page_of_consents(house: House) -> None:
    miriam, finder = house.actor("miriam"), registered(house, opened=False)
    held = keep(house, finder, "09:00")
    with acting(miriam):
        known = book(house, "15:00", first_name="Otto").patient
        assert not has_consents(miriam, known), "a kept time is no booking"
    with acting(finder):
        book_for_partner(finder, PartnerBooking(held.pk, identity()))
    with acting(miriam):
        assert has_consents(miriam, known)


# --- Whom a booking means -------------------------------------------------------------------------------------------


@pytest.mark.req("PAT-10", "PAT-11", "PAT-12")
def test_found_or_made_by_name_birth_and_contact(house: House, finder: Actor) -> None:
    known = book(house, "09:00").patient
    found = book_by(house, finder, "10:00", first_name=" PAULA ", email="neu@example.org")
    made = book_by(house, finder, "11:00", first_name="Paul")
    assert found.patient_id == known.pk != made.patient_id
    with acting(house.system):
        assert ContactProposal.objects.get().value == "neu@example.org"
        assert Patient.objects.get(pk=made.patient_id).made_online


@pytest.mark.req("PAT-14", "PAT-21")
def test_who_said_no_or_is_archived_is_a_stranger_and_is_not_found_by_reference(house: House, finder: Actor) -> None:
    known = book(house, "09:00").patient
    says(house, finder, known, "no")
    other = book_by(house, finder, "10:00")
    assert other.patient_id != known.pk
    for wanted in (known.pk, new_id()):
        with pytest.raises(NotFound):
            book_by(house, finder, "11:00", patient=wanted)
    says(house, finder, known, "yes")
    assert book_by(house, finder, "11:00", patient=known.pk).patient_id == known.pk
    miriam = house.actor("miriam")
    with acting(miriam):
        archive_patient(miriam, known.pk)
    with pytest.raises(NotFound):
        book_by(house, finder, "13:00", patient=known.pk)


@pytest.mark.req("PAT-4", "PAT-14")
def test_a_merged_record_leads_to_the_kept_one_and_the_partner_learns_nothing_of_it(
    house: House, finder: Actor
) -> None:
    made = book_by(house, finder, "09:00", first_name="Paola")
    kept, miriam = book(house, "10:00").patient, house.actor("miriam")
    merge(miriam, kept.pk, made.patient_id)
    again = book_by(house, finder, "11:00", patient=made.patient_id)
    with acting(finder):
        first = get_appointment(finder, made.pk)
    assert again.patient_id == first.patient_id == kept.pk
    assert again.named_patient_id == first.named_patient_id == made.patient_id != kept.pk
    assert first.changed_at == made.changed_at, "that it was merged is no change of the appointment"
    says(house, finder, kept, "no")
    with pytest.raises(NotFound):
        book_by(house, finder, "13:00", patient=made.patient_id)


@pytest.mark.req("BOO-4")
def test_for_a_child_the_practice_writes_to_who_booked(house: House, finder: Actor) -> None:
    mother = Contact("child", "Eva", "Sommer", "eva@example.org", "0171 2345678")
    made = book_by(house, finder, "09:00", email="", booker=mother, date_of_birth=date(2019, 5, 1))
    with acting(house.system):
        found = get_appointment(house.system, made.pk)
        assert (found.email, found.booker.full_name) == ("eva@example.org", "Eva Sommer")


def test_a_known_patient_is_written_to_at_the_address_of_their_record(house: House, finder: Actor) -> None:
    known = book(house, "09:00").patient
    made = book_by(house, finder, "10:00", patient=known.pk)
    assert (made.email, made.typed_first_name) == ("paula@example.org", "")


# --- The rules of the type (BOO-11) ---------------------------------------------------------------------------------


def rules(house: House, kind: str = "talk", **facts: Any) -> None:
    with acting(house.system):
        change_type(house.system, house.types[kind].pk, facts)
        house.types[kind].refresh_from_db()


@pytest.mark.req("BOO-11", "CAL-5")
@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"min_age": 60}, "too_young"),
        ({"max_age": 17}, "too_old"),
        ({"insurances": ["private"]}, "other_insurance"),
        ({"patients": "known"}, "only_known_patients"),
    ],
)
def test_the_rules_of_the_type_hold_and_a_kept_time_stays_kept(
    house: House, finder: Actor, rule: dict[str, Any], reason: str
) -> None:
    held = keep(house, finder, "09:00")
    rules(house, **rule)
    with acting(finder), pytest.raises(NotForThisPatient) as refused:
        book_for_partner(finder, PartnerBooking(held.pk, identity()))
    assert refused.value.reasons == (reason,)
    with acting(finder):
        assert Occupancy.objects.get(pk=held.occupancy_id).active
        assert not Patient.objects.exists()


@pytest.mark.req("BOO-11", "PAT-14")
def test_who_is_known_is_judged_for_a_partner_alone_that_may_ask(house: House, finder: Actor) -> None:
    """Without that right known and new patients are answered alike; with it the rule holds for each."""
    with acting(house.system):
        add_patient(house.system, NewPatient("Paula", "Sommer", date(1985, 3, 24)), belongs_to=None)
    asks = registered(house, "Fragt", reads=["match"])

    def outcome(who: Actor, clock: str, first_name: str) -> str:
        try:
            book_by(house, who, clock, first_name=first_name)
        except NotForThisPatient as refused:
            return refused.reasons[0]
        return "booked"

    rules(house, patients="known")
    assert [outcome(finder, "09:00", name) for name in ("Paula", "Nora")] == ["only_known_patients"] * 2
    assert [outcome(asks, "09:00", name) for name in ("Nora", "Paula")] == ["only_known_patients", "booked"]
    rules(house, patients="new")
    assert [outcome(finder, clock, name) for clock, name in (("10:00", "Paula"), ("11:00", "Nora"))] == ["booked"] * 2
    assert [outcome(asks, clock, name) for clock, name in (("13:00", "Paula"), ("14:00", "Nina"))] == [
        "only_new_patients", "booked",
    ]  # fmt: skip


@pytest.mark.req("BOO-11")
def test_a_type_that_is_not_for_partners_is_not_there(house: House, finder: Actor) -> None:
    rules(house, partners=False)
    with pytest.raises(NotOffered) as refused:
        keep(house, finder, "09:00")
    assert "not_bookable" in refused.value.reasons


# --- Keeping times --------------------------------------------------------------------------------------------------


@pytest.mark.req("BOO-3", "CAL-8")
def test_a_taken_time_is_answered_with_the_next_free_ones(house: House, finder: Actor) -> None:
    hold(house, "09:00")
    with acting(finder):
        with pytest.raises(TimeTaken) as refused:
            keep(house, finder, "09:00")
        assert len(refused.value.next_free) == 3
    with pytest.raises(TimeTaken):
        book_by(house, finder, "09:30")


@pytest.mark.req("BOO-3")
def test_a_hold_is_its_partners_alone_released_booked_once_or_taken_anew(house: House, finder: Actor) -> None:
    other, held = registered(house, "Andere"), keep(house, finder, "09:00")
    visitors = hold(house, "13:00")
    for stranger, theirs in ((other, held), (finder, visitors)):
        with acting(stranger), pytest.raises(NotFound):
            release_hold(stranger, theirs.pk)
        with acting(stranger), pytest.raises(NotFound):
            book_for_partner(stranger, PartnerBooking(theirs.pk, identity()))
    with acting(finder):
        release_hold(finder, held.pk)
        release_hold(finder, held.pk)
    held = keep(house, other, "09:00")
    with acting(house.system):
        Occupancy.objects.filter(pk=held.occupancy_id).update(expires_at=timezone.now() - timedelta(seconds=1))
    with acting(other):
        book_for_partner(other, PartnerBooking(held.pk, identity()))
        with pytest.raises(HoldUsed):
            book_for_partner(other, PartnerBooking(held.pk, identity(first_name="Otto")))
        release_hold(other, held.pk)
        assert Appointment.objects.get().occupancy.active


@pytest.mark.req("BOO-8")
def test_a_partner_keeps_so_many_times_and_wastes_so_many(house: House, finder: Actor, settings: Any) -> None:
    settings.PARTNER_HOLDS_AT_A_TIME, settings.PARTNER_UNUSED_HOLDS = 2, 3
    first = keep(house, finder, "09:00")
    keep(house, finder, "10:00")
    with pytest.raises(PartnerHoldsFull) as refused:
        keep(house, finder, "11:00")
    assert refused.value.details["retry_after"] > 0
    book_by(house, finder, "11:00")
    keep(house, registered(house, "Andere"), "13:00")
    with acting(finder):
        release_hold(finder, first.pk)
    third = keep(house, finder, "14:00")
    with acting(finder):
        release_hold(finder, third.pk)
    with pytest.raises(PartnerHoldsFull):
        keep(house, finder, "15:00")


@pytest.mark.req("BOO-8")
def test_a_patient_has_so_many_open_bookings_of_a_partner(house: House, finder: Actor) -> None:
    with acting(house.system):
        Practice.objects.filter(pk=house.practice.pk).update(open_bookings=1)
    made = book_by(house, finder, "09:00")
    with pytest.raises(OpenBookingsFull):
        book_by(house, finder, "10:00")
    with pytest.raises(OpenBookingsFull):
        book_by(house, finder, "10:00", patient=made.patient_id)
    book_by(house, registered(house, "Andere"), "10:00")
    with acting(finder):
        cancel_appointment(finder, made.pk)
    book_by(house, finder, "11:00")


# --- Moving and cancelling ------------------------------------------------------------------------------------------


def move(finder: Actor, one: Appointment, clock: str, **more: Any) -> Appointment:
    with acting(finder):
        to = NewTime(more.get("calendar"), at(clock), more.get("seen"))
        return reschedule_appointment(finder, one.pk, to)


def test_a_partner_moves_its_own_to_offered_times_and_else_it_stays(house: House, finder: Actor) -> None:
    made = book_by(house, finder, "09:00")
    book(house, "14:00", first_name="Otto")
    wrong: list[tuple[str, type[TimeTaken | NotOffered]]] = [
        ("14:00", TimeTaken), ("03:00", NotOffered), ("10:07", NotOffered),
    ]  # fmt: skip
    for clock, error in wrong:
        with acting(finder):
            with pytest.raises(error) as refused:
                move(finder, made, clock)
            assert isinstance(refused.value, TimeTaken | NotOffered) and len(refused.value.next_free) == 3
    moved = move(finder, made, "10:30", seen=0)
    assert (moved.starts_at, moved.sequence) == (at("10:30"), 1)
    moved = move(finder, made, "10:30", seen=0)
    assert moved.sequence == 1, "done before, it stays done"
    moved = move(finder, made, "11:00", calendar=house.calendars["jonas"].pk)
    assert moved.calendar_id == house.calendars["jonas"].pk
    with acting(finder):
        assert get_appointment(finder, made.pk).changed_at > made.changed_at


def test_after_the_deadline_and_after_somebody_came_it_stays(house: House, finder: Actor) -> None:
    made, gone = book_by(house, finder, "09:00"), book_by(house, finder, "11:00", first_name="Otto")
    miriam = house.actor("miriam")
    with time_machine.travel(at("09:00") - timedelta(hours=23, minutes=59), tick=True):
        with pytest.raises(TooLate):
            move(finder, made, "15:00")
        with pytest.raises(TooLate):
            cancel(finder, made)
    with time_machine.travel(at("08:00"), tick=True), acting(miriam):
        set_attendance(miriam, gone.pk, "arrived")
    with pytest.raises(HasCome):
        cancel(finder, gone)
    with pytest.raises(TooLate):
        move(finder, gone, "15:00")
    assert cancel(finder, made).cancellation
    assert cancel(finder, made).sequence == 1, "once"


def cancel(finder: Actor, one: Appointment) -> Appointment:
    with acting(finder):
        cancel_appointment(finder, one.pk)
        return get_appointment(finder, one.pk)


@pytest.mark.req("OTV-8", "ACC-6")
def test_what_others_made_is_not_there(cast: Cast, house: House, finder: Actor) -> None:
    other = registered(house, "Andere")
    theirs = [
        book_by(house, other, "09:00"), book(house, "10:00", first_name="Otto"), book(cast.brandt, "09:00"),
    ]  # fmt: skip
    for one in theirs:
        with pytest.raises(NotFound):
            move(finder, one, "15:00")
        with pytest.raises(NotFound):
            cancel(finder, one)


@pytest.mark.req("OTV-1", "OTV-3")
def test_a_partner_that_ended_does_nothing_more(house: House, finder: Actor) -> None:
    made, held = book_by(house, finder, "09:00"), keep(house, finder, "10:00")
    with acting(house.system):
        end_partner(house.system, finder.identity)
    tries: list[Callable[[], object]] = [
        lambda: keep(house, finder, "11:00"), lambda: book_by(house, finder, "11:00"),
        lambda: move(finder, made, "15:00"),
        lambda: book_for_partner(finder, PartnerBooking(held.pk, identity())),
        lambda: cancel_appointment(finder, made.pk),
    ]  # fmt: skip
    for one in tries:
        with acting(finder), pytest.raises(NotFound):
            one()


def test_weekends_and_absurd_days_are_only_not_offered(house: House, finder: Actor) -> None:
    with pytest.raises(NotOffered):
        keep(house, finder, "09:00", day=monday() + timedelta(days=6))
    with pytest.raises(NotOffered):
        keep(house, finder, "09:00", day=date(2199, 1, 1))
