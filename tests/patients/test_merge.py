"""Two records become one, and two again (PAT-4)."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import Moved, NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients import facts as said
from sprechzeit.patients import joining
from sprechzeit.patients.actions import (
    change_patient,
    enter_patient,
    merge_patients,
    share_patients,
    undo_merge,
)
from sprechzeit.patients.attached import Stays
from sprechzeit.patients.errors import NotUndone, RecordsChanged, Relatives
from sprechzeit.patients.models import Merge, Patient, Share
from sprechzeit.patients.moving import relations
from sprechzeit.patients.policy import get_patient, visible_patients
from sprechzeit.patients.queries import facts_of, patient_by_number, search_patients
from sprechzeit.records.actions.sessions import enter_session
from sprechzeit.scheduling.models import Appointment
from tests.support.cast import Cast, House, at, book

PAULA = said.EMPTY | {
    "first_name": "Paula", "last_name": "Sommer", "date_of_birth": "1985-03-24", "street": "Hauptstraße 1",
    "warnings": "Latexallergie", "remarks": "Kommt mit Hund.", "tags": ["Angst", "Kasse"],
    "contacts": [["mobile", "0171 2345678"], ["email", "paula@example.org"]],
    "guardian": {"name": "Gerda Sommer"}, "payer": {"name": "Peter Sommer"},
}  # fmt: skip
PAULINA = said.EMPTY | {
    "first_name": "Paulina", "last_name": "Sommer", "date_of_birth": "1985-03-24", "town": "Köln",
    "warnings": "Marcumar", "remarks": "Kommt mit Hund.", "tags": ["Kasse", "Neu"],
    "contacts": [["mobile", "+49 171 2345678"], ["email", "paulina@example.org"], ["phone", "0221 555"]],
    "payer": {"name": "Petra Sommer", "town": "Bonn"},
}  # fmt: skip


def entered(house: House, facts: dict[str, Any], owner: str | None = "miriam") -> UUID:
    actor = house.actor("jana")
    with acting(actor):
        alike = frozenset(str(one) for one in Patient.objects.values_list("pk", flat=True))
        belongs_to = house.members[owner].pk if owner else None
        return enter_patient(actor, facts, belongs_to=belongs_to, key=str(new_id()), known=alike)


def merge(actor: Actor, kept: UUID, given_up: UUID, **choices: str) -> Merge:
    with acting(actor):
        both = (facts_of(actor, get_patient(actor, one)) for one in (kept, given_up))
        return merge_patients(actor, kept, given_up, choices, seen=joining.stamp(*both))


def undone(actor: Actor, made: Merge) -> Merge:
    with acting(actor):
        return undo_merge(actor, made.pk)


def said_of(house: House, patient_id: UUID) -> dict[str, Any]:
    actor = house.actor("jana")
    with acting(actor):
        return facts_of(actor, get_patient(actor, patient_id))


# What undoing does not give back: a share, and what tells of the merge itself; what waits to be compared is derived.
NOT_GIVEN_BACK = {"patients_share", "patients_merge", "patients_tocompare"}


def everything(house: House) -> dict[str, list[str]]:
    """All rows of the tables that hang on records, and the records: byte for byte, sealed texts opened."""
    tables = {one.table for one in relations()} | {"patients_patient"}
    found = {}
    with acting(house.system), connection.cursor() as cursor:
        for table in sorted(tables - NOT_GIVEN_BACK):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY id")  # noqa: S608 – names of our own
            found[table] = [row for (row,) in cursor.fetchall()]
        opened = {str(one.pk): (one.remarks, one.warnings) for one in Patient.objects.all()}
        found["patients_patient"] = [
            json.dumps(row | dict(zip(("remarks", "warnings"), opened[row["id"]], strict=True)))
            for row in map(json.loads, found["patients_patient"])
        ]
    return found


def shares(house: House, patient_id: UUID) -> set[UUID | None]:
    with acting(house.system):
        return set(Share.objects.filter(patient_id=patient_id).values_list("member_id", flat=True))


@pytest.fixture
def pair(cast: Cast) -> tuple[UUID, UUID]:
    """Paula's record, which is Miriam's, and a second one of hers, which is Jonas': with an appointment and a session,
    and named as a child's guardian.
    """
    house = cast.albers
    first, second = entered(house, PAULA), entered(house, PAULINA, owner="jonas")
    booked = book(house, "09:00")
    with acting(house.system):
        number = Patient.objects.get(pk=second).number
        Appointment.objects.filter(pk=booked.pk).update(patient=second)
        Patient.objects.filter(pk=booked.patient_id).update(archived_at=at("08:00", date(2020, 1, 1)))
    with acting(house.actor("jonas")):
        jonas = house.actor("jonas")
        enter_session(jonas, second, jonas.identity, at("09:00", date(2020, 1, 6)), duration_minutes=50)
    entered(house, said.EMPTY | {"first_name": "Kind", "last_name": "Sommer", "guardian": {"number": number}})
    return first, second


@pytest.mark.req("PAT-4")
def test_every_relation_says_how_it_moves(cast: Cast) -> None:
    """A table that comes to hang on records tomorrow cannot be forgotten; and none takes rows of a merged record."""
    found = list(relations())
    assert [f"{one.table}.{one.column}" for one in found if one.how is None] == []
    assert {"patients_share.patient_id", "patients_relatedperson.person_id", "records_session.patient_id"} <= {
        f"{one.table}.{one.column}" for one in found
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname || '.' || encode(t.tgargs, 'escape') FROM pg_trigger t JOIN pg_class c "
            "ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'refuse_merged'"
        )
        guarded = {name.removesuffix("\\000") for (name,) in cursor.fetchall()}
    moving = {f"{one.table}.{one.column}" for one in found if not isinstance(one.how, Stays)}
    said = {"patients_share.patient_id", "patients_consent.patient_id"}  # they stay, and none comes to a merged record
    assert guarded == moving - {"patients_patient.merged_into_id"} | said


@pytest.mark.req("PAT-4", "ACC-5")
def test_two_records_are_one_and_two_again_as_they_were(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    house, (first, second) = cast.albers, pair
    jana, before, number = house.actor("jana"), everything(house), 0
    made = merge(jana, first, second, first_name="given_up", contact_email="given_up", payer="given_up")
    assert said_of(house, first) == PAULA | {
        "first_name": "Paulina", "town": "Köln", "warnings": "Latexallergie\nMarcumar",
        "tags": ["Angst", "Kasse", "Neu"], "payer": {"name": "Petra Sommer", "town": "Bonn"},
        "contacts": [["mobile", "0171 2345678"], ["phone", "0221 555"], ["email", "paulina@example.org"]],
    }  # fmt: skip
    with acting(jana):
        number = Patient.objects.get(pk=second).number
        # Whatever leads to the old one finds the one that was kept.
        assert get_patient(jana, second).pk == first
        assert patient_by_number(jana, number).pk == first  # type: ignore[union-attr]  # it is there
        assert [one.pk for one in search_patients(jana, str(number))] == [first]
        assert second not in visible_patients(jana).values_list("pk", flat=True)
        for relation in relations():
            if not isinstance(relation.how, Stays) and relation.model.__name__ in ("Appointment", "Session"):
                assert not relation.model._default_manager.filter(**{relation.name: second}).exists()
    both = {house.members["jonas"].pk}
    assert shares(house, first) == both
    undone(jana, made)
    assert everything(house) == before
    # Whoever came to see both still does.
    assert shares(house, first) == both
    assert shares(house, second) == {house.members["miriam"].pk}
    assert undone(jana, made).undone_at is not None


@pytest.mark.req("PAT-4")
def test_undoing_keeps_what_came_since_and_refuses_what_it_would_write_over(
    cast: Cast, pair: tuple[UUID, UUID]
) -> None:
    house, (first, second) = cast.albers, pair
    jana = house.actor("jana")
    before = everything(house)
    made = merge(jana, first, second)

    def change(**facts: Any) -> None:
        now = said_of(house, first)
        with acting(jana):
            change_patient(jana, first, now, now | facts)

    points = said_of(house, first)["contacts"]
    change(town="Bonn", contacts=[one for one in points if one[0] != "phone"])
    merged = everything(house)
    with pytest.raises(NotUndone) as refused:
        undone(jana, made)
    assert len(refused.value.what) == 2
    assert everything(house) == merged
    change(town="Köln", contacts=points)
    with pytest.raises(NotUndone):  # it looks the same, and is another row
        undone(jana, made)
    again = merge(jana, *(entered(house, PAULA), entered(house, PAULINA)))
    kept = again.patient_id
    with acting(jana):
        now = facts_of(jana, get_patient(jana, kept))
        change_patient(jana, kept, now, now | {"insurer": "AOK", "contacts": [*now["contacts"], ["work", "0221 9"]]})
        share_patients(jana, [kept], [house.members["jonas"].pk])
    undone(jana, again)
    assert said_of(house, kept)["insurer"] == "AOK"
    assert said_of(house, kept)["contacts"] == [PAULA["contacts"][0], ["work", "0221 9"], PAULA["contacts"][1]]
    assert said_of(house, again.given_up_id)["contacts"] == sorted(
        PAULINA["contacts"], key=lambda one: one[0] == "email"
    )
    assert shares(house, again.given_up_id) == {house.members["jonas"].pk}
    assert before


@pytest.mark.req("PAT-4")
def test_one_after_another_is_undone_from_the_last(cast: Cast) -> None:
    house = cast.albers
    jana = house.actor("jana")
    a, b, c = (entered(house, PAULA | {"first_name": name}) for name in ("A", "B", "C"))
    before = everything(house)
    inner, outer = merge(jana, b, a), merge(jana, c, b)
    with acting(jana):
        assert {get_patient(jana, one).pk for one in (a, b, c)} == {c}
    with pytest.raises(NotFound):
        undone(jana, inner)
    undone(jana, outer)
    undone(jana, inner)
    assert everything(house) == before


@pytest.mark.req("PAT-4", "ACC-3", "ACC-6")
def test_who_may_not_and_what_may_not(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    house, (first, second) = cast.albers, pair
    jana, jonas = house.actor("jana"), house.actor("jonas")
    with acting(jonas), pytest.raises(NotFound):
        merge_patients(jonas, second, first, {}, seen="")
    with acting(house.system), pytest.raises(NotAllowed):
        merge_patients(house.system, second, first, {}, seen="")
    with acting(jana), pytest.raises(RecordsChanged):
        merge_patients(jana, second, first, {}, seen="")
    with acting(jana):
        child = Patient.objects.get(first_name="Kind").pk
    with pytest.raises(Relatives):
        merge(jana, second, child)
    made = merge(jana, first, second)
    with pytest.raises(Moved):
        merge(jana, first, second)
    with acting(cast.brandt.actor("berta")), pytest.raises(NotFound):
        undo_merge(cast.brandt.actor("berta"), made.pk)
    # A share makes it his to undo as well.
    undone(jonas, made)
