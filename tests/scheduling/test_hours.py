"""When a calendar works: its weeks, shifts and holidays (CAL-2…4), and what would lie outside (CAL-22)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.hours import add_shift, remove_shift, set_open_holiday, set_week
from sprechzeit.scheduling.errors import AppointmentsOutside, EndsTooEarly, TimesOverlap, WeekExists
from sprechzeit.scheduling.models import BookingWindow, OpenHoliday, Shift, WorkingHours
from sprechzeit.scheduling.queries.hours import appointments_outside, coming_holidays, shifts_of, weeks_of
from sprechzeit.scheduling.week import EVERY_WEEK, Pattern, Stretch, Week, Window, overlapping
from tests.support.cast import WEEK, Cast, book, monday

EIGHT, NINE, TEN, NOON = 480, 540, 600, 720
USUAL = tuple(Stretch(*one) for one in WEEK)


def save(cast: Cast, actor: Actor, who: str, week: Week, **options: Any) -> None:
    with acting(actor):
        set_week(actor, cast.albers.calendars[who].pk, week, **options)


def hours_of(cast: Cast, who: str) -> dict[Pattern, Week]:
    actor = cast.albers.system
    with acting(actor):
        return weeks_of(actor, cast.albers.calendars[who].pk)


@pytest.mark.req("CAL-2")
class TestWeeks:
    def test_a_week_is_replaced_whole(self, cast: Cast) -> None:
        week = Week(EVERY_WEEK, (Stretch(0, EIGHT, NOON), Stretch(2, NINE, TEN)))
        save(cast, cast.albers.actor("jonas"), "jonas", week, former=EVERY_WEEK)
        assert hours_of(cast, "jonas") == {EVERY_WEEK: week}
        assert hours_of(cast, "miriam")[EVERY_WEEK].working == USUAL

    def test_another_rhythm_stands_beside_it(self, cast: Cast) -> None:
        even = Week(Pattern(2, monday(2)), (Stretch(5, NINE, NOON),))
        save(cast, cast.albers.actor("jonas"), "jonas", even)
        assert hours_of(cast, "jonas") == {EVERY_WEEK: Week(EVERY_WEEK, USUAL), even.pattern: even}

    def test_a_week_may_end_and_the_next_begin(self, cast: Cast) -> None:
        """Shorter hours from a day on: the old week gets an end, a new one begins."""
        change = monday(4)
        old = Week(Pattern(1, None, change - timedelta(days=1)), USUAL)
        new = Week(Pattern(1, change), USUAL[:2])
        save(cast, cast.albers.actor("jonas"), "jonas", old, former=EVERY_WEEK)
        save(cast, cast.albers.actor("jonas"), "jonas", new)
        assert hours_of(cast, "jonas") == {old.pattern: old, new.pattern: new}

    def test_another_week_is_not_overwritten_unseen(self, cast: Cast) -> None:
        with pytest.raises(WeekExists):
            save(cast, cast.albers.actor("jonas"), "jonas", Week(EVERY_WEEK, (Stretch(0, EIGHT, NOON),)))
        assert hours_of(cast, "jonas") == {EVERY_WEEK: Week(EVERY_WEEK, USUAL)}

    def test_an_empty_week_is_gone(self, cast: Cast) -> None:
        save(cast, cast.albers.actor("jonas"), "jonas", Week(), former=EVERY_WEEK)
        with acting(cast.albers.system):
            assert not WorkingHours.objects.filter(calendar=cast.albers.calendars["jonas"]).exists()

    @pytest.mark.parametrize(
        ("week", "error"),
        [
            (Week(working=(Stretch(0, NOON, EIGHT),)), EndsTooEarly),
            (Week(working=(Stretch(0, EIGHT, EIGHT),)), EndsTooEarly),
            (Week(working=(Stretch(0, EIGHT, 1441),)), EndsTooEarly),
            (Week(working=(Stretch(7, EIGHT, NOON),)), EndsTooEarly),
            (Week(Pattern(1, date(2027, 2, 1), date(2027, 1, 31))), EndsTooEarly),
            (Week(Pattern(2)), EndsTooEarly),
            (Week(working=(Stretch(0, EIGHT, TEN), Stretch(0, NINE, NOON))), TimesOverlap),
            (Week(windows=(Window(0, EIGHT, TEN, ()), Window(0, NINE, NOON, ()))), TimesOverlap),
            (Week(windows=(Window(0, EIGHT, TEN, ()),)), NotFound),
            (Week(windows=(Window(0, EIGHT, TEN, (new_id(),)),)), NotFound),
        ],
    )
    def test_what_cannot_be_is_refused(self, cast: Cast, week: Week, error: type[Exception]) -> None:
        with pytest.raises(error):
            save(cast, cast.albers.actor("jonas"), "jonas", week, former=EVERY_WEEK)
        assert hours_of(cast, "jonas") == {EVERY_WEEK: Week(EVERY_WEEK, USUAL)}

    @pytest.mark.parametrize(("person", "error"), [("jonas", NotAllowed), ("jana", NotAllowed), ("berta", NotFound)])
    def test_it_is_changed_by_its_practitioner_and_administrators(
        self, cast: Cast, person: str, error: type[Exception]
    ) -> None:
        actor = (cast.brandt if person == "berta" else cast.albers).actor(person)
        with pytest.raises(error):
            save(cast, actor, "miriam", Week(), former=EVERY_WEEK)
        save(cast, cast.albers.actor("miriam"), "jonas", Week(), former=EVERY_WEEK)


@pytest.mark.req("CAL-4")
class TestWindows:
    def test_of_one_calendar_and_of_all(self, cast: Cast) -> None:
        talk, call = cast.albers.types["talk"].pk, cast.albers.types["call"].pk
        own = Week(EVERY_WEEK, USUAL, (Window(0, NINE, TEN, (talk,)),))
        shared = Week(EVERY_WEEK, (), (Window(4, EIGHT, NINE, (call,)),))
        save(cast, cast.albers.actor("jonas"), "jonas", own, former=EVERY_WEEK)
        actor = cast.albers.actor("miriam")
        with acting(actor):
            set_week(actor, None, shared, former=EVERY_WEEK)
            assert weeks_of(actor, None) == {EVERY_WEEK: shared}
        assert hours_of(cast, "jonas") == {EVERY_WEEK: own}
        with acting(cast.brandt.system):
            assert not BookingWindow.objects.exists()

    def test_those_of_all_are_the_administrators(self, cast: Cast) -> None:
        actor = cast.albers.actor("jonas")
        with acting(actor), pytest.raises(NotAllowed):
            set_week(actor, None, Week())

    def test_another_practices_type_never_was(self, cast: Cast) -> None:
        week = Week(windows=(Window(0, NINE, TEN, (cast.brandt.types["talk"].pk,)),))
        with pytest.raises(NotFound):
            save(cast, cast.albers.actor("jonas"), "jonas", week, former=EVERY_WEEK)


@pytest.mark.req("CAL-22")
class TestAppointmentsOutside:
    def test_shorter_hours_name_whom_they_leave_outside(self, cast: Cast) -> None:
        book(cast.albers, "09:00", who="jonas")
        late = book(cast.albers, "16:00", who="jonas", first_name="Late", email="late@example.org")
        mornings = Week(EVERY_WEEK, tuple(one for one in USUAL if one.ends <= NOON))
        actor = cast.albers.actor("jonas")
        with pytest.raises(AppointmentsOutside) as refused:
            save(cast, actor, "jonas", mornings, former=EVERY_WEEK)
        assert [one.pk for one in refused.value.appointments] == [late.pk]
        assert hours_of(cast, "jonas")[EVERY_WEEK].working == USUAL
        save(cast, actor, "jonas", mornings, former=EVERY_WEEK, confirmed=True)
        with acting(actor):
            assert [one.pk for one in appointments_outside(actor, cast.albers.calendars["jonas"].pk)] == [late.pk]

    def test_who_was_outside_before_is_not_asked_about_again(self, cast: Cast) -> None:
        book(cast.albers, "16:00", who="jonas")
        mornings = Week(EVERY_WEEK, tuple(one for one in USUAL if one.ends <= NOON))
        actor = cast.albers.actor("jonas")
        save(cast, actor, "jonas", mornings, former=EVERY_WEEK, confirmed=True)
        save(cast, actor, "jonas", replace(mornings, working=mornings.working[:4]), former=EVERY_WEEK)

    def test_a_shift_that_leaves_somebody_outside(self, cast: Cast) -> None:
        appointment = book(cast.albers, "09:00", who="jonas")
        actor, calendar = cast.albers.actor("jonas"), cast.albers.calendars["jonas"].pk
        with acting(actor):
            with pytest.raises(AppointmentsOutside) as refused:
                add_shift(actor, calendar, monday(), NOON, 17 * 60)
            assert [one.pk for one in refused.value.appointments] == [appointment.pk]
            add_shift(actor, calendar, monday(), EIGHT, NOON)
            assert appointments_outside(actor, calendar) == []

    def test_every_second_week_and_the_night_count_as_they_are(self, cast: Cast) -> None:
        """Worked: the first and the third Monday, and a night that ends on a Tuesday."""
        first, second, third = (
            book(cast.albers, "09:00", who="jonas", day=monday(weeks), first_name=f"W{weeks}", email="w@example.org")
            for weeks in (1, 2, 3)
        )
        actor, calendar = cast.albers.actor("jonas"), cast.albers.calendars["jonas"].pk
        fortnightly = Week(Pattern(2, monday(1)), (Stretch(0, EIGHT, NOON),))
        save(cast, actor, "jonas", fortnightly, former=EVERY_WEEK, confirmed=True)
        with acting(actor):
            assert [one.pk for one in appointments_outside(actor, calendar)] == [second.pk]
            add_shift(actor, calendar, monday(2) - timedelta(days=1), 22 * 60, 10 * 60)
            assert appointments_outside(actor, calendar) == []
        assert first.starts_at < third.starts_at


@pytest.mark.req("CAL-2")
class TestShifts:
    def test_one_across_midnight(self, cast: Cast) -> None:
        actor, calendar = cast.albers.actor("jonas"), cast.albers.calendars["jonas"].pk
        with acting(actor):
            shift = add_shift(actor, calendar, monday(), 22 * 60, 6 * 60)
            assert (shift.starts, shift.ends) == (1320, 1800)
            with pytest.raises(TimesOverlap):
                add_shift(actor, calendar, monday() + timedelta(days=1), 5 * 60, 8 * 60)
            add_shift(actor, calendar, monday() + timedelta(days=1), 6 * 60, 8 * 60)
            assert remove_shift(actor, shift.pk).pk == shift.pk
            assert [one.starts for one in shifts_of(actor, calendar)] == [360]

    def test_from_midnight_to_midnight(self, cast: Cast) -> None:
        actor, calendar = cast.albers.actor("jonas"), cast.albers.calendars["jonas"].pk
        with acting(actor):
            assert add_shift(actor, calendar, monday(), 0, 0).ends == 1440

    def test_another_persons_is_not_ones_own(self, cast: Cast) -> None:
        miriam, jonas, berta = cast.albers.actor("miriam"), cast.albers.actor("jonas"), cast.brandt.actor("berta")
        calendar = cast.albers.calendars["miriam"].pk
        with acting(miriam):
            shift = add_shift(miriam, calendar, monday(), EIGHT, NOON)
        with acting(jonas):
            with pytest.raises(NotAllowed):
                add_shift(jonas, calendar, monday(2), EIGHT, NOON)
            with pytest.raises(NotAllowed):
                remove_shift(jonas, shift.pk)
        with acting(berta), pytest.raises(NotFound):
            remove_shift(berta, shift.pk)
        with acting(miriam):
            assert Shift.objects.get().pk == shift.pk


@pytest.mark.req("CAL-3")
class TestHolidays:
    def test_the_practice_may_work_on_one(self, cast: Cast) -> None:
        actor = cast.albers.actor("miriam")
        with acting(actor):
            Practice.objects.filter(pk=actor.practice_id).update(region="DE-NW")
            day = coming_holidays(actor)[0].day
            set_open_holiday(actor, day, works=True)
            set_open_holiday(actor, day, works=True)
            assert [one.day for one in coming_holidays(actor) if one.open] == [day]
            set_open_holiday(actor, day, works=False)
            assert not OpenHoliday.objects.exists()

    def test_a_day_like_any_other_is_none(self, cast: Cast) -> None:
        actor = cast.albers.actor("miriam")
        with acting(actor), pytest.raises(NotFound):
            set_open_holiday(actor, date(2027, 1, 1), works=True)  # the practice has no region

    @pytest.mark.parametrize("person", ["jonas", "jana"])
    def test_it_is_the_administrators_to_say(self, cast: Cast, person: str) -> None:
        actor = cast.albers.actor(person)
        with acting(actor), pytest.raises(NotAllowed):
            set_open_holiday(actor, date(2027, 1, 1), works=True)


@pytest.mark.req("CAL-2")
class TestPatterns:
    """Pure: what may stand in a week."""

    def test_touching_is_no_overlap(self) -> None:
        assert overlapping([Stretch(0, 60, 90), Stretch(0, 30, 60), Stretch(1, 0, 90)]) == set()
        assert overlapping([Stretch(0, 60, 90), Stretch(0, 30, 61)]) == {0}
