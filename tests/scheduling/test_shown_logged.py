"""Whom the book shows somebody stands in the log, on every way by which it shows them (AUD-2)."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.audit.models import Entry
from sprechzeit.audit.queries import log_list
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from tests.support.cast import Cast, at, book, monday
from tests.support.delegates import delegate, outside, terms

pytestmark = pytest.mark.req("AUD-2", "ACC-23")


def logged(cast: Cast, operation: str, **what: Any) -> list[Entry]:
    with acting(cast.albers.system):
        return list(Entry.objects.filter(operation=operation, **what).select_related("value").order_by("id"))


def by_delegates(cast: Cast, operation: str = "list") -> list[Entry]:
    return logged(cast, operation, actor__startswith="delegate:")


def shown(entries: list[Entry]) -> list[set[UUID]]:
    return [{UUID(one) for one in (entry.value.new or {})["shown"]} for entry in entries]


def test_what_a_delegate_is_shown_later_is_in_the_log_within_the_same_minutes(cast: Cast) -> None:
    client, day = outside(cast), {"day": f"{monday()}"}
    first = book(cast.albers, "09:00", who="jonas")
    for _again in range(2):
        assert client.get(reverse("scheduling:book"), day).status_code == 200
    assert shown(by_delegates(cast)) == [{first.pk}]
    later = book(cast.albers, "11:00", who="jonas")
    assert client.get(reverse("scheduling:book"), day).status_code == 200
    assert shown(by_delegates(cast)) == [{first.pk}, {first.pk, later.pk}]


def test_another_order_makes_no_other_list_and_of_own_people_other_rows_make_none(cast: Cast) -> None:
    one, other = new_id(), new_id()
    office, own = delegate(cast.albers, terms(cast.albers, "jonas")), cast.albers.actor("jana")
    for actor in (office, own):
        with acting(actor):
            for ids in ([one, other], [other, one], [one]):
                log_list(actor, "scheduling_appointment", "the same", ids)
    assert shown(by_delegates(cast)) == [{one, other}, {one}]
    assert len(logged(cast, "list", actor=own.name)) == 1


def test_the_list_with_cancelled_ones_and_the_printed_day_are_other_lists(cast: Cast) -> None:
    """For the practice's own people too, of whom the ids are not logged."""
    book(cast.albers, "09:00", who="jonas")
    gone = book(cast.albers, "10:00", who="jonas")
    jana = cast.albers.actor("jana")
    with acting(jana):
        cancel_appointment(jana, gone.pk)
    client, day = Client(), {"day": f"{monday()}"}
    client.force_login(cast.albers.user("jana"))
    for name, query in (("book", day), ("book", day | {"view": "list"}), ("print", day)):
        assert client.get(reverse(f"scheduling:{name}"), query).status_code == 200
    assert [(one.value.new or {})["hits"] for one in logged(cast, "list", actor=jana.name)] == [1, 2, 1]


def test_a_patient_whom_the_dialog_shows_is_opened(cast: Cast) -> None:
    patient = book(cast.albers, "09:00", who="jonas").patient
    client, address = outside(cast), reverse("scheduling:new")
    assert patient.last_name in client.get(address, {"patient": str(patient.pk)}).content.decode()
    assert client.post(address, {"patient": str(patient.pk), "refresh": "1"}).status_code == 200
    opened = by_delegates(cast, "read")
    assert [(one.table_name, one.row_id) for one in opened] == [("patients_patient", patient.pk)], "once, not each time"


def test_a_patient_whom_they_do_not_see_is_neither_shown_nor_logged(cast: Cast) -> None:
    patient = book(cast.albers, "09:00", who="miriam", last_name="Mond", email="m@example.org").patient
    assert "Mond" not in outside(cast).get(reverse("scheduling:new"), {"patient": str(patient.pk)}).content.decode()
    assert by_delegates(cast, "read") == []


def nine(calendar_id: UUID) -> dict[str, str]:
    day = f"{at('09:00'):%Y-%m-%d}"
    return {"start": f"{day}T09:00", "end": f"{day}T09:50", "calendar": str(calendar_id)}


def test_whom_a_refused_move_names_is_in_the_log(cast: Cast) -> None:
    there = book(cast.albers, "09:00", who="jonas", last_name="Sonne", email="s@example.org")
    moved = book(cast.albers, "14:00", who="jonas", last_name="Mond", email="m@example.org")
    client = outside(cast)
    for more in ({}, {"form": "1"}):
        answer = client.post(reverse("scheduling:place", args=[moved.pk]), nine(there.calendar_id) | more)
        assert answer.status_code == 409
        assert "Sonne" in answer.content.decode()
    (entry,) = by_delegates(cast)
    assert (entry.table_name, shown([entry])) == ("scheduling_appointment", [{there.pk}])


@pytest.mark.parametrize("name", ["new", "new_block"])
def test_whom_a_refused_booking_or_block_names_is_in_the_log(cast: Cast, name: str) -> None:
    there = book(cast.albers, "09:00", who="jonas", last_name="Sonne", email="s@example.org")
    fields = nine(there.calendar_id) | {
        "type": str(cast.albers.types["talk"].pk), "is_new": "on", "last_name": "Neumann", "first_name": "Nele",
        "title": "Pause", "key": str(new_id()),
    }  # fmt: skip
    answer = outside(cast).post(reverse(f"scheduling:{name}"), fields)
    assert answer.status_code == 409
    assert "Sonne" in answer.content.decode()
    assert shown(by_delegates(cast)) == [{there.pk}]
