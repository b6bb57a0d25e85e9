"""Being away, over appointments too (CAL-3, CAL-22)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.scheduling.actions.absence import Entered, change_absence, enter_absence, remove_absence
from sprechzeit.scheduling.actions.attend import set_attendance
from sprechzeit.scheduling.actions.hold import hold_time
from sprechzeit.scheduling.errors import EndsTooEarly
from sprechzeit.scheduling.models import Absence, Appointment, Cancellation, Occupancy
from sprechzeit.scheduling.queries.absence import Away, affected_by, affected_by_coming, coming_absences
from tests.support.cast import Cast, House, at, book
from tests.support.together import together

pytestmark = pytest.mark.req("CAL-3")


def away(house: House, who: str = "", first: str = "00:00", last: str = "23:59", **facts: Any) -> Away:
    calendar = house.calendars[who].pk if who else None
    return Away(calendar, at(first), at(last), **facts)


def enter(actor: Actor, time: Away, **options: Any) -> Entered:
    with acting(actor):
        return enter_absence(actor, time, **options)


def absences(house: House) -> list[Absence]:
    with acting(house.system):
        return list(coming_absences(house.system))


@pytest.mark.req("ACC-7")
class TestWho:
    @pytest.mark.parametrize(
        ("person", "who", "error"),
        [
            ("miriam", "miriam", None),
            ("miriam", "jonas", None),
            ("miriam", "", None),
            ("jana", "miriam", None),
            ("jana", "", None),
            ("jonas", "jonas", None),
            ("jonas", "miriam", NotAllowed),
            ("jonas", "", NotAllowed),
        ],
    )
    def test_may_enter_change_and_remove_one(
        self, cast: Cast, person: str, who: str, error: type[Exception] | None
    ) -> None:
        actor, time = cast.albers.actor(person), away(cast.albers, who)
        if error is None:
            entered = enter(actor, time).absence
            with acting(actor):
                change_absence(actor, entered.pk, away(cast.albers, who, reason="Fortbildung"))
            assert [one.reason for one in absences(cast.albers)] == ["Fortbildung"]
            with acting(actor):
                remove_absence(actor, entered.pk)
            return
        with pytest.raises(error):
            enter(actor, time)
        theirs = enter(cast.albers.system, time).absence
        with acting(actor), pytest.raises(error):
            change_absence(actor, theirs.pk, time)
        with acting(actor), pytest.raises(error):
            remove_absence(actor, theirs.pk)
        assert len(absences(cast.albers)) == 1

    def test_a_stranger_finds_none(self, cast: Cast) -> None:
        berta, theirs = cast.brandt.actor("berta"), enter(cast.albers.system, away(cast.albers)).absence
        with pytest.raises(NotFound):
            enter(berta, away(cast.albers, "jonas"))
        with acting(berta):
            assert list(coming_absences(berta)) == []
            for ask in (remove_absence, lambda a, b: change_absence(a, b, away(cast.brandt))):
                with pytest.raises(NotFound):
                    ask(berta, theirs.pk)

    def test_patients_do_not_see_them(self, cast: Cast) -> None:
        enter(cast.albers.system, away(cast.albers, reason="Krank"))
        with acting(cast.albers.visitor):
            assert list(coming_absences(cast.albers.visitor)) == []

    def test_ones_own_cannot_be_made_a_colleagues(self, cast: Cast) -> None:
        jonas = cast.albers.actor("jonas")
        mine = enter(jonas, away(cast.albers, "jonas")).absence
        with acting(jonas), pytest.raises(NotAllowed):
            change_absence(jonas, mine.pk, away(cast.albers, "miriam"))


def test_it_ends_after_it_begins(cast: Cast) -> None:
    with pytest.raises(EndsTooEarly):
        enter(cast.albers.actor("jonas"), away(cast.albers, "jonas", "10:00", "10:00"))


@pytest.mark.req("CAL-22")
class TestOverAppointments:
    def test_it_names_them_and_they_stay(self, cast: Cast) -> None:
        inside = book(cast.albers, "09:00", who="jonas")
        book(cast.albers, "11:00", who="jonas", first_name="Later", email="later@example.org")
        book(cast.albers, "09:00", who="miriam", first_name="Other", email="other@example.org")
        entered = enter(cast.albers.actor("jonas"), away(cast.albers, "jonas", "08:00", "11:00", all_day=False))
        assert [one.pk for one in entered.left] == [inside.pk]
        assert entered.cancelled == 0
        with acting(cast.albers.system):
            assert not Cancellation.objects.exists()
            assert [[one.pk for one in some] for some in affected_by_coming(cast.albers.system).values()] == [
                [inside.pk]
            ]

    def test_a_sick_day_cancels_and_tells_all_that_are_named(self, cast: Cast) -> None:
        one = book(cast.albers, "09:00", who="jonas")
        other = book(cast.albers, "11:00", who="jonas", first_name="Later", email="later@example.org")
        kept = book(cast.albers, "15:00", who="jonas", first_name="Kept", email="kept@example.org")
        with acting(cast.albers.system):
            Appointment.objects.filter(pk=other.pk).update(email="")
            other.patient.contact_points.all().delete()
        entered = enter(
            cast.albers.actor("jana"), away(cast.albers, "jonas"), cancel=[one.pk, other.pk], reason="Krankheit"
        )
        assert (entered.cancelled, [found.pk for found in entered.left]) == (2, [kept.pk])
        assert entered.to_call == (other.patient.full_name,)
        with acting(cast.albers.system):
            assert set(Cancellation.objects.values_list("appointment_id", "reason")) == {
                (one.pk, "Krankheit"),
                (other.pk, "Krankheit"),
            }
            assert not Occupancy.objects.filter(pk__in=[one.occupancy_id, other.occupancy_id], active=True).exists()
            assert ProcrastinateJob.objects.filter(task_name="messages.send_cancelled").count() == 2

    def test_who_has_come_early_stays(self, cast: Cast) -> None:
        """The others are cancelled: one who sits in the waiting room already does not keep a sick day from it."""
        come = book(cast.albers, "10:00", who="jonas")
        other = book(cast.albers, "11:00", who="jonas", first_name="Later", email="later@example.org")
        sick = away(cast.albers, "jonas")
        with time_machine.travel(at("07:30"), tick=True):
            with acting(cast.albers.system):
                set_attendance(cast.albers.system, come.pk, "arrived")
            entered = enter(cast.albers.actor("jana"), sick, cancel=[come.pk, other.pk])
        assert (entered.cancelled, [found.pk for found in entered.left]) == (1, [come.pk])

    def test_nothing_outside_the_absence_is_cancelled(self, cast: Cast) -> None:
        """What is named but does not lie in it, or is another calendar's, or the other practice's, stays."""
        later = book(cast.albers, "15:00", who="jonas")
        colleague = book(cast.albers, "09:00", who="miriam", first_name="Other", email="other@example.org")
        foreign = book(cast.brandt, "13:00", first_name="Foreign", email="foreign@example.org")
        entered = enter(
            cast.albers.actor("miriam"),
            away(cast.albers, "jonas", "08:00", "12:00", all_day=False),
            cancel=[later.pk, colleague.pk, foreign.pk],
        )
        assert (entered.cancelled, entered.left) == (0, ())
        for house in (cast.albers, cast.brandt):
            with acting(house.system):
                assert not Cancellation.objects.exists()

    def test_what_has_begun_stays(self, cast: Cast) -> None:
        begun = book(cast.albers, "09:00", who="jonas")
        now = timezone.now()
        with acting(cast.albers.system):
            Appointment.objects.filter(pk=begun.pk).update(
                starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(minutes=45)
            )
        time = Away(cast.albers.calendars["jonas"].pk, now - timedelta(hours=1), now + timedelta(hours=8))
        assert enter(cast.albers.actor("jonas"), time, cancel=[begun.pk]).left == ()
        with acting(cast.albers.system):
            assert not Cancellation.objects.exists()

    def test_the_whole_practice_is_every_calendar(self, cast: Cast) -> None:
        ids = {
            book(cast.albers, "09:00", who="jonas").pk,
            book(cast.albers, "10:00", who="miriam", first_name="Other", email="other@example.org").pk,
        }
        entered = enter(cast.albers.actor("jana"), away(cast.albers))
        assert {one.pk for one in entered.left} == ids

    def test_a_patients_name_is_told_to_who_may_see_it(self, cast: Cast) -> None:
        book(cast.albers, "09:00", who="miriam")
        jonas = cast.albers.actor("jonas")
        with acting(jonas):
            assert list(affected_by(jonas, away(cast.albers))) == []

    def test_moving_it_looks_anew(self, cast: Cast) -> None:
        inside = book(cast.albers, "15:00", who="jonas")
        jonas = cast.albers.actor("jonas")
        absence = enter(jonas, away(cast.albers, "jonas", "08:00", "12:00", all_day=False)).absence
        with acting(jonas):
            entered = change_absence(jonas, absence.pk, away(cast.albers, "jonas", "14:00", "17:00"))
        assert [one.pk for one in entered.left] == [inside.pk]


@pytest.mark.own_database
@pytest.mark.req("CAL-22")
class TestRaces:
    def test_what_is_booked_meanwhile_is_left_and_shown(self, cast: Cast) -> None:
        """Between the list and the answer somebody books: nobody unseen is cancelled, nobody is forgotten."""
        listed = book(cast.albers, "09:00", who="jonas")
        meanwhile = book(cast.albers, "10:00", who="jonas", first_name="Late", email="late@example.org")
        entered = enter(cast.albers.actor("jana"), away(cast.albers, "jonas"), cancel=[listed.pk])
        assert (entered.cancelled, [one.pk for one in entered.left]) == (1, [meanwhile.pk])

    def test_many_at_once_neither_hang_nor_lose_anybody(self, cast: Cast) -> None:
        """Sick days and bookings of the same times, together: each appointment is cancelled or left, once."""
        house = cast.albers
        booked = [
            book(house, clock, who="jonas", first_name=f"P{clock}", email=f"p{clock[:2]}@example.org")
            for clock in ("09:00", "10:00", "11:00")
        ]
        ids = [one.pk for one in booked]

        def sick(person: str) -> Entered:
            actor = house.actor(person)
            return run_as(actor, lambda: enter_absence(actor, away(house, "jonas"), cancel=ids, reason="Krank"))

        def keep() -> UUID:
            actor = house.visitor
            return run_as(
                actor,
                lambda: (
                    hold_time(
                        actor, house.types["talk"], house.calendars["jonas"].pk, at("14:00"), address="a", form="f"
                    ).pk
                ),
            )

        results = together(lambda: sick("jana"), lambda: sick("jonas"), lambda: sick("miriam"), keep)
        entered = [one for one in results if isinstance(one, Entered)]
        assert len(entered) == 3, results
        assert sum(one.cancelled for one in entered) == 3
        with acting(house.system):
            assert Cancellation.objects.count() == 3
            assert not Occupancy.objects.filter(kind="appointment", active=True).exists()
