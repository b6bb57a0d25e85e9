"""The pages of working hours, shifts, absences and holidays, as forms without script."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.patients.models import ContactPoint
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.models import Absence, Appointment, Cancellation, OpenHoliday
from sprechzeit.scheduling.queries.hours import coming_holidays, weeks_of
from sprechzeit.scheduling.week import EVERY_WEEK, Pattern, Stretch, Week, Window
from tests.support.cast import WEEK, Cast, book, monday

USUAL = tuple(Stretch(*one) for one in WEEK)
Row = dict[str, Any]


@pytest.fixture
def signed_in(cast: Cast) -> Callable[[str], Client]:
    def sign_in(name: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(cast.albers.user(name))
        return client

    return sign_in


def listed(*rows: Row, **facts: Any) -> dict[str, Any]:
    """The form of a week as a browser sends it."""
    sent = {"rows-TOTAL_FORMS": len(rows), "rows-INITIAL_FORMS": 0, "every_weeks": 1, "former": "1__", **facts}
    for place, row in enumerate(rows):
        whole = {"weekday": 0, "starts": "08:00", "ends": "12:00", "kind": "work", **row}
        sent |= {f"rows-{place}-{name}": value for name, value in whole.items()}
    return sent


def weeks(cast: Cast, who: str = "jonas") -> dict[Pattern, Week]:
    with acting(cast.albers.system):
        return weeks_of(cast.albers.system, cast.albers.calendars[who].pk)


def address(cast: Cast, who: str = "jonas") -> str:
    return reverse("scheduling_hours:calendar", args=[cast.albers.calendars[who].pk])


@pytest.mark.req("CAL-2", "CAL-4")
class TestWeek:
    def test_the_list_alone_is_enough(self, cast: Cast, signed_in: Any) -> None:
        talk = str(cast.albers.types["talk"].pk)
        answer = signed_in("jonas").post(
            address(cast),
            listed(
                {"starts": "8", "ends": "1230"},
                {"weekday": 4, "starts": "20.00", "ends": "24:00"},
                {"starts": "9:00", "ends": "10:00", "kind": "kept", "types": [talk]},
                {"starts": "", "ends": ""},
            ),
        )
        assert answer.status_code == 302
        working = (Stretch(0, 480, 750), Stretch(4, 1200, 1440))
        window = Window(0, 540, 600, (cast.albers.types["talk"].pk,))
        assert weeks(cast) == {EVERY_WEEK: Week(EVERY_WEEK, working, (window,))}

    @pytest.mark.parametrize(
        ("rows", "facts", "says"),
        [
            ([{"starts": "25:00"}], {}, "Please enter a time"),
            ([{"starts": "٠٨:٠٠"}], {}, "Please enter a time"),
            ([{"starts": "08:75"}], {}, "Please enter a time"),
            ([{"ends": ""}], {}, "Please enter a time"),
            ([{"ends": "07:00"}], {}, "The end must come after the beginning."),
            ([{}, {"starts": "11:00", "ends": "13:00"}], {}, "This overlaps another time on the same day."),
            ([{"kind": "kept"}], {}, "Please choose what this time is kept for."),
            ([{}], {"every_weeks": 2}, "Please enter the first week"),
            ([{}], {"every_weeks": 0}, "Please enter a number of weeks from 1 to 52."),
            ([{}], {"every_weeks": 53, "valid_from": "2027-01-04"}, "Please enter a number of weeks from 1 to 52."),
            ([{}], {"every_weeks": "x"}, "Please enter a number of weeks from 1 to 52."),
            ([{}], {"valid_from": "2027-02-01", "valid_until": "2027-01-01"}, "The end must come after the beginning."),
            ([{}], {"former": ""}, "There is another week with this rhythm"),
        ],
    )
    def test_what_is_wrong_is_said_beside_it(
        self, cast: Cast, signed_in: Any, rows: list[Row], facts: Row, says: str
    ) -> None:
        answer = signed_in("jonas").post(address(cast), listed(*rows, **facts))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count(says) == 1
        for row in rows:
            for typed in filter(None, row.values()):
                assert f'value="{typed}"' in page
        assert weeks(cast) == {EVERY_WEEK: Week(EVERY_WEEK, USUAL)}

    @pytest.mark.parametrize("every", [6, 52])
    def test_any_rhythm_up_to_a_year(self, cast: Cast, signed_in: Any, every: int) -> None:
        client = signed_in("jonas")
        sent = listed({}, every_weeks=every, valid_from="2027-01-04", former="")
        assert client.post(address(cast), sent).status_code == 302
        pattern = Pattern(every, date(2027, 1, 4))
        assert weeks(cast)[pattern] == Week(pattern, (Stretch(0, 480, 720),))
        page = client.get(address(cast), {"week": f"{every}_2027-01-04_"}).content.decode()
        assert f"Every {every} weeks from" in page
        assert f'name="every_weeks" value="{every}"' in page

    @pytest.mark.parametrize(
        "facts",
        [{"rows-TOTAL_FORMS": "x"}, {"rows-TOTAL_FORMS": 100000}, {"former": "9_x_y"}, {"rows-0-types": ["x", ""]}],
    )
    def test_what_no_page_sends_breaks_nothing(self, cast: Cast, signed_in: Any, facts: Row) -> None:
        answer = signed_in("jonas").post(address(cast), listed({"kind": "kept"}, **facts))
        assert answer.status_code == 422

    @pytest.mark.req("CAL-22")
    def test_it_asks_before_it_leaves_somebody_outside(self, cast: Cast, signed_in: Any) -> None:
        book(cast.albers, "16:00", who="jonas")
        client, sent = signed_in("jonas"), listed({}, {"weekday": 1})
        answer = client.post(address(cast), sent)
        assert answer.status_code == 409
        assert "Sommer" in answer.content.decode()
        assert weeks(cast) == {EVERY_WEEK: Week(EVERY_WEEK, USUAL)}
        assert client.post(address(cast), sent | {"confirmed": "yes"}).status_code == 302
        assert "1 appointment lies outside working hours" in client.get(address(cast)).content.decode()

    def test_another_calendars_week_is_copied_only_when_saved(self, cast: Cast, signed_in: Any) -> None:
        client = signed_in("miriam")
        client.post(address(cast, "miriam"), listed({"starts": "06:15", "ends": "07:45"}))
        page = client.get(address(cast), {"copy": cast.albers.calendars["miriam"].pk}).content.decode()
        assert 'value="06:15"' in page
        assert weeks(cast) == {EVERY_WEEK: Week(EVERY_WEEK, USUAL)}

    def test_who_may_not_change_it_has_nothing_to_press(self, cast: Cast, signed_in: Any) -> None:
        page = signed_in("jana").get(address(cast)).content.decode()
        assert "08:00–12:00" in page
        assert "rows-0-starts" not in page
        assert signed_in("jana").post(address(cast), listed({})).status_code == 403

    def test_windows_of_all_calendars(self, cast: Cast, signed_in: Any) -> None:
        everywhere = reverse("scheduling_hours:calendar", args=["all"])
        talk = cast.albers.types["talk"].pk
        sent = listed({"kind": "kept", "types": [str(talk)]})
        assert signed_in("jonas").post(everywhere, sent).status_code == 403
        assert signed_in("miriam").post(everywhere, sent).status_code == 302
        with acting(cast.albers.system):
            assert weeks_of(cast.albers.system, None)[EVERY_WEEK].windows == (Window(0, 480, 720, (talk,)),)


@pytest.mark.req("CAL-2")
def test_a_shift_across_midnight(cast: Cast, signed_in: Any) -> None:
    client = signed_in("jonas")
    to = reverse("scheduling_hours:new_shift", args=[cast.albers.calendars["jonas"].pk])
    sent = {"works_on": f"{monday():%Y-%m-%d}", "starts": "22", "ends": "6"}
    assert client.post(to, sent).status_code == 302
    assert "22:00–06:00" in client.get(address(cast)).content.decode()
    again = client.post(to, sent)
    assert again.status_code == 422
    assert "These times overlap." in again.content.decode()


@pytest.mark.req("CAL-3", "CAL-22")
class TestAbsences:
    def sent(self, cast: Cast, **facts: Any) -> Row:
        day = f"{monday():%Y-%m-%d}"
        return {"calendar": str(cast.albers.calendars["jonas"].pk), "first_day": day, "last_day": day, **facts}

    def test_over_appointments_it_asks_and_then_does_what_is_ticked(self, cast: Cast, signed_in: Any) -> None:
        one = book(cast.albers, "09:00", who="jonas", last_name="Eins")
        other = book(cast.albers, "11:00", who="jonas", first_name="B", last_name="Zwei", email="b@example.org")
        client, to = signed_in("jana"), reverse("scheduling_hours:new_absence")
        asked = client.post(to, self.sent(cast, reason="Grippe")).content.decode()
        assert "2 appointments lie in this absence" in asked
        assert "checked" not in asked.partition('id="concerned"')[2]
        with acting(cast.albers.system):
            assert not Absence.objects.exists()
        listed = [str(one.pk), str(other.pk)]
        answer = client.post(to, self.sent(cast, listed=listed, cancel=[str(one.pk)], told="Krankheit"), follow=True)
        page = answer.content.decode()
        assert "1 appointment is cancelled" in page
        assert "Zwei" in page
        assert "Eins" not in page
        with acting(cast.albers.system):
            assert [(made.appointment_id, made.reason) for made in Cancellation.objects.all()] == [
                (one.pk, "Krankheit")
            ]
            assert Absence.objects.get().reason == ""

    def test_whom_no_mail_reaches_stays_listed_with_the_phone(self, cast: Cast, signed_in: Any) -> None:
        """What a toast says is gone with it; a sick day has to be called through."""
        one = book(cast.albers, "09:00", who="jonas", last_name="Eins", mobile="0171 5550101")
        other = book(cast.albers, "11:00", who="jonas", first_name="B", last_name="Zwei", email="b@example.org")
        with acting(cast.albers.system):
            Appointment.objects.filter(pk=one.pk).update(email="")
            ContactPoint.objects.filter(patient=one.patient_id, kind="email").delete()
        client, to = signed_in("jana"), reverse("scheduling_hours:new_absence")
        assert 'href="tel:01715550101"' in client.post(to, self.sent(cast)).content.decode()
        listed = [str(one.pk), str(other.pk)]
        answer = client.post(to, self.sent(cast, listed=listed, all="yes"), follow=True)
        with acting(cast.albers.system):
            address = reverse("scheduling_hours:absence", args=[Absence.objects.get().pk])
        assert answer.redirect_chain == [(address, 302)]
        page = client.get(address).content.decode()
        called = page.partition('id="call-title"')[2].partition("</section>")[0]
        assert "Eins" in called and 'href="tel:01715550101"' in called
        assert "Zwei" not in page

    def test_all_of_the_listed_in_one_go(self, cast: Cast, signed_in: Any) -> None:
        """Whoever was booked after the list was shown is listed anew, not cancelled unseen."""
        one = book(cast.albers, "09:00", who="jonas")
        late = book(cast.albers, "11:00", who="jonas", first_name="B", last_name="Zwei", email="b@example.org")
        client, to = signed_in("jana"), reverse("scheduling_hours:new_absence")
        asked = client.post(to, self.sent(cast, listed=[str(one.pk)], all="yes"))
        assert "Zwei" in asked.content.decode()
        with acting(cast.albers.system):
            assert not Cancellation.objects.exists()
        client.post(to, self.sent(cast, listed=[str(one.pk), str(late.pk), "nonsense"], all="yes"))
        with acting(cast.albers.system):
            assert Cancellation.objects.count() == 2

    @pytest.mark.parametrize(
        ("facts", "says"),
        [
            ({"last_day": "2020-01-01"}, "The end must come after the beginning."),
            ({"starts": "12:00"}, "Please enter both times"),
            ({"starts": "12:00", "ends": "12:00"}, "The end must come after the beginning."),
            ({"first_day": "9999-12-31", "last_day": "9999-12-31"}, "Enter a valid date."),
        ],
    )
    def test_what_is_wrong_is_said_beside_it(self, cast: Cast, signed_in: Any, facts: Row, says: str) -> None:
        answer = signed_in("jonas").post(reverse("scheduling_hours:new_absence"), self.sent(cast, **facts))
        assert answer.status_code == 422
        assert says in answer.content.decode()

    def test_a_practitioner_can_choose_only_the_own_calendar(self, cast: Cast, signed_in: Any) -> None:
        client, to = signed_in("jonas"), reverse("scheduling_hours:new_absence")
        page = client.get(to).content.decode()
        assert "Jonas Petersen</option>" in page
        assert "Miriam Albers</option>" not in page
        for whose in ("practice", str(cast.albers.calendars["miriam"].pk)):
            assert client.post(to, self.sent(cast, calendar=whose)).status_code == 422


@pytest.mark.req("CAL-3")
def test_working_on_a_holiday(cast: Cast, signed_in: Any) -> None:
    with acting(cast.albers.system):
        Practice.objects.filter(pk=cast.albers.practice.pk).update(region="DE-NW")
        day = coming_holidays(cast.albers.system)[0].day
    to = reverse("scheduling_hours:holidays")
    assert signed_in("jana").post(to, {"day": f"{day}", "works": "yes"}).status_code == 403
    client = signed_in("miriam")
    assert client.post(to, {"day": "nonsense", "works": "yes"}).status_code == 404
    assert client.post(to, {"day": f"{day}", "works": "yes"}).status_code == 302
    assert client.get(to).content.decode().count('aria-checked="true"') == 1
    with acting(cast.albers.system):
        assert OpenHoliday.objects.get().open_on == day
